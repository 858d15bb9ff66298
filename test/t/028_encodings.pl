# Names of features and values of categories are UTF-8 in models, whatever the encoding of the database is; a model may come from another one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('encodings');

my @encodings = qw(UTF8 LATIN1 EUC_JP SQL_ASCII);
foreach my $encoding (@encodings)
{
	$node->safe_psql('postgres',
		"CREATE DATABASE \L$encoding\E TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'");
	$node->safe_psql(lc $encoding, 'CREATE EXTENSION fuzzyclust');
}

# a statement, given and answered in a client encoding, as bytes
sub run_sql
{
	my ($database, $client, $sql) = @_;
	my ($result, $out, $err) = $node->psql($database, "SET client_encoding = $client; $sql");

	return $result == 0 ? $out : $err;
}

# the model of one column of that name
sub model_of
{
	my ($database, $client, $name) = @_;

	return run_sql($database, $client,
		qq{SELECT kmeans_fit(q, 1) FROM (SELECT i AS a, 2 * i AS "$name" FROM generate_series(1, 3) i) q});
}

# the same name has the same bytes from everywhere; e acute is one byte in LATIN1 and two in UTF-8
my $e_utf8 = "gr\xC3\xA9";
my $e_latin1 = "gr\xE9";
my $model = model_of('utf8', 'UTF8', $e_utf8);
like($model, qr/\A\\x465a434d03.*61006772c3a900/, 'the name is in the model in UTF-8');
is(model_of('latin1', 'UTF8', $e_utf8), $model, 'a database in LATIN1 makes the same model');
is(model_of('latin1', 'LATIN1', $e_latin1), $model, 'for a client in LATIN1 too');
is(model_of('sql_ascii', 'SQL_ASCII', $e_utf8), $model, 'and so does SQL_ASCII of bytes that are UTF-8');

# in SQL_ASCII other bytes do not count as a name, and match any
my $unnamed = model_of('sql_ascii', 'SQL_ASCII', $e_latin1);
is(run_sql('sql_ascii', 'SQL_ASCII', "SELECT cluster_info('$unnamed') -> 'features'"),
	'["a", null]', 'SQL_ASCII: a name that is not UTF-8 is none');
is( run_sql('sql_ascii', 'SQL_ASCII', qq{SELECT cluster_id('$model', q) FROM (SELECT 1 AS a, 2 AS "$e_latin1") q}),
	1, '... and is not refused');

# scoring: the same column in every encoding, another one is refused
foreach my $case (
	[ 'utf8', 'UTF8', $e_utf8, "gr\xC3\xA8" ],
	[ 'latin1', 'LATIN1', $e_latin1, "gr\xE8" ],
	[ 'latin1', 'UTF8', $e_utf8, "gr\xC3\xA8" ],
	[ 'sql_ascii', 'SQL_ASCII', $e_utf8, "gr\xC3\xA8" ])
{
	my ($database, $client, $same, $other) = @$case;

	is(run_sql($database, $client, qq{SELECT cluster_id('$model', q) FROM (SELECT 1 AS a, 2 AS "$same") q}),
		1, "$database, client in $client: the column of the model");
	like(
		run_sql($database, $client, qq{SELECT cluster_id('$model', q) FROM (SELECT 1 AS a, 2 AS "$other") q}),
		qr/column 2 of the row is "\Q$other\E", but feature 2 of the model is "\Q$same\E"/,
		"$database, client in $client: another one");
	is(run_sql($database, $client, qq{SELECT name FROM cluster_features('$model')}),
		"a\n$same", "$database, client in $client: cluster_features");
	is(run_sql($database, $client, qq{SELECT cluster_info('$model') #>> '{features,1}'}),
		$same, "$database, client in $client: cluster_info");
}

# a name that a database cannot hold is shown with escapes, and compared all the same
my $tulip = model_of('utf8', 'UTF8', "\xF0\x9F\x8C\xB7 \xE2\x82\xAC \xC3\xA9");
foreach my $case ([ 'latin1', "\\+01F337 \\20AC \xE9" ], [ 'euc_jp', "\\+01F337 \\20AC \x8F\xAB\xB1" ])
{
	my ($database, $shown) = @$case;
	my $client = uc $database;

	is(run_sql($database, $client, "SELECT name FROM cluster_features('$tulip') WHERE feature = 2"),
		$shown, "$database: cluster_features of a name that it cannot hold");
	is(run_sql($database, $client, "SELECT cluster_info('$tulip') #>> '{features,1}'"),
		$shown, "$database: cluster_info of it");
	like(
		run_sql($database, $client, qq{SELECT cluster_id('$tulip', q) FROM (SELECT 1 AS a, 2 AS "x") q}),
		qr/but feature 2 of the model is "\Q$shown\E"/, "$database: the error names it");
	like(run_sql($database, $client, "SELECT cluster_to_json('$tulip')"),
		qr/"\Q$shown\E" has a character that the encoding $client does not have/, "$database: it is not written as JSON");
	is(run_sql($database, $client, "SELECT cluster_id('$tulip', ARRAY[1, 2])"), 1, "$database: by position");
}

# kanji, of two bytes in EUC_JP and three in UTF-8
my $flower = model_of('euc_jp', 'EUC_JP', "\xB2\xD6");
is($flower, model_of('utf8', 'UTF8', "\xE8\x8A\xB1"), 'a database in EUC_JP makes the same model');
is(run_sql('euc_jp', 'EUC_JP', qq{SELECT cluster_id('$flower', q) FROM (SELECT 1 AS a, 2 AS "\xB2\xD6") q}),
	1, '... and takes it');

# ---- values of categories

# the model of a category with these two values
sub model_of_values
{
	my ($database, $client, @values) = @_;

	return run_sql($database, $client,
		qq{SET client_min_messages = warning; SELECT kmeans_fit(q, 2) FROM (SELECT i AS a, (ARRAY['$values[0]', '$values[1]'])[1 + i % 2] AS b FROM generate_series(1, 4) i) q});
}

# e acute comes behind all letters in the order of bytes, in LATIN1 and in UTF-8
my $values = model_of_values('utf8', 'UTF8', "caf\xC3\xA9", 'cafz');
like($values, qr/6361667a00636166c3a900/, 'values are in the model in UTF-8, in the order of bytes');
is(model_of_values('latin1', 'UTF8', "caf\xC3\xA9", 'cafz'), $values, 'a database in LATIN1 makes the same model');
is(model_of_values('latin1', 'LATIN1', "caf\xE9", 'cafz'), $values, 'for a client in LATIN1 too');
is(model_of_values('sql_ascii', 'SQL_ASCII', "caf\xC3\xA9", 'cafz'), $values, 'and so does SQL_ASCII of bytes that are UTF-8');
is( model_of_values('euc_jp', 'EUC_JP', "\xB2\xD6", 'a'),
	model_of_values('utf8', 'UTF8', "\xE8\x8A\xB1", 'a'),
	'EUC_JP makes the same model of kanji');

# in another encoding the order of bytes is another one: half-width katakana before kanji in EUC_JP, behind them in UTF-8
is( model_of_values('euc_jp', 'EUC_JP', "\x8E\xB1", "\xB2\xD6"),
	model_of_values('utf8', 'UTF8', "\xEF\xBD\xB1", "\xE8\x8A\xB1"),
	'values are sorted in UTF-8');

# enum labels and names are in the encoding of the database, too
foreach my $type ('name', 'drink')
{
	my $sql = qq{CREATE TYPE drink AS ENUM ('caf%s', 'cafz'); SET client_min_messages = warning;
		SELECT kmeans_fit(q, 2) FROM (SELECT i AS a, (ARRAY['caf%s', 'cafz'])[1 + i % 2]::$type AS b FROM generate_series(1, 4) i) q; DROP TYPE drink};

	is(run_sql('latin1', 'LATIN1', $sql =~ s/%s/\xE9/gr), $values, "LATIN1: a model of type $type");
	is(run_sql('utf8', 'UTF8', $sql =~ s/%s/\xC3\xA9/gr), $values, "UTF8: a model of type $type");
}

# scoring finds them from each encoding; one that it cannot hold is shown with escapes
foreach my $case ([ 'utf8', 'UTF8', "caf\xC3\xA9" ], [ 'latin1', 'LATIN1', "caf\xE9" ], [ 'latin1', 'UTF8', "caf\xC3\xA9" ], [ 'sql_ascii', 'SQL_ASCII', "caf\xC3\xA9" ])
{
	my ($database, $client, $value) = @$case;

	is( run_sql($database, $client, qq{SELECT cluster_distance('$values', ROW(2, '$value'::text)) <> cluster_distance('$values', ROW(2, 'unknown'::text))}),
		't', "$database, client in $client: the value is known");
	is(run_sql($database, $client, qq{SELECT cluster_info('$values') #>> '{columns,1,values,1}'}), $value, "$database, client in $client: cluster_info");
}
my $euro = model_of_values('utf8', 'UTF8', "\xE2\x82\xAC", 'x');
is(run_sql('latin1', 'LATIN1', "SELECT string_agg(DISTINCT category, ' ') FROM cluster_features('$euro')"), '\20AC x', 'LATIN1: a value that it cannot hold');
is(run_sql('latin1', 'LATIN1', "SELECT cluster_id('$euro', ROW(1, 'y'::text)) > 0"), 't', '... and scoring');

like(run_sql('latin1', 'LATIN1', "SELECT cluster_to_json('$euro')"),
	qr/"\\20AC" has a character that the encoding LATIN1 does not have/, '... which is not written as JSON');
is(run_sql('latin1', 'LATIN1', "SELECT cluster_from_json(cluster_to_json('$values')) = '$values'"), 't', 'LATIN1: to JSON and back');

# bytes that are not UTF-8 are an error in SQL_ASCII, in training and in scoring
like(model_of_values('sql_ascii', 'SQL_ASCII', "caf\xE9", 'x'),
	qr/column "b" of the features has a value that is not valid UTF-8.*encoding SQL_ASCII/s, 'SQL_ASCII: training on other bytes');
like(run_sql('sql_ascii', 'SQL_ASCII', "SELECT cluster_id('$values', ROW(1, 'caf\xE9'::text))"),
	qr/column "f2" of the features has a value that is not valid UTF-8/, 'SQL_ASCII: scoring other bytes');

# long words are cut between characters, in messages and in plots; before an odd number of bytes and an even one
foreach my $encoding (@encodings)
{
	my $character = $encoding eq 'EUC_JP' ? "\xE8\x8A\xB1" : "\xC3\xA9";

	foreach my $odd ('', 'x')
	{
		my $word = $odd . $character x 400;

		like(run_sql(lc $encoding, 'UTF8', qq{SELECT fcm_fit(ARRAY[1], 1, '{"$word": 1}')}),
			qr/unrecognized option "$odd(\Q$character\E)+\.\.\." for fcm/, "$encoding: a message with the beginning of a word");
		is(run_sql(lc $encoding, 'UTF8', qq{SELECT cluster_plot(1, 1, '$word') ~ '>$odd(&#[0-9]+;)+&#8230;<'}),
			't', "$encoding: a plot with the beginning of a label");
	}
}

# in SQL_ASCII texts of plots may be any bytes: those that are not UTF-8 become replacement characters, wherever they stand
foreach my $bytes ("\xE9", "\xC3", "\xE2\x82", "\xF0\x9F\x8C", "\xFF", "\x80", "\xED\xA0\x80", "\xC0\xBC", "\xF5\x80\x80\x80")
{
	my $name = uc unpack('H*', $bytes);
	my $plot = run_sql('sql_ascii', 'SQL_ASCII',
		qq{SELECT cluster_plot(1, 1, '<$bytes', 1, 'a${bytes}b', '$bytes', NULL) FROM generate_series(1, 2)});

	like($plot, qr/<title>a(&#65533;)+b<\/title>/, "SQL_ASCII: $name in a title");
	unlike($plot, qr/[^ -~]|<&#65533;/, '... and no other byte, or tag, anywhere');
	is( run_sql('sql_ascii', 'SQL_ASCII',
			qq{SELECT cluster_plot(1, 1, 1, '{"names": {"1": "x$bytes"}, "hover": true}') ~ 'cluster x(&#65533;)+<'}),
		't', '... in the name of a cluster');
}

done_testing();

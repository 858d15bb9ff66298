# Reports as files: well-formed, small enough, and without anything that runs or loads something, whatever names and values are in them.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('report');
my $most = 2 * 1024 * 1024;
my $has_tidy = system('tidy --version >/dev/null 2>&1') == 0;

# ---- what a page is made of

my %void = map { $_ => 1 } qw(meta br hr img input link wbr);
my %allowed = map { $_ => 1 } qw(html head meta title style body header main footer nav section h1 h2 h3 p a ul li dl div dt dd small strong code bdi
  table caption thead tbody tr th td figure figcaption details summary
  svg g path rect circle line ellipse polygon polyline text tspan title desc image use defs clipPath image linearGradient stop);
my @attributes = qw(abbr alt aria-[a-z]+ charset class colspan content cx cy d dominant-baseline dx dy fill fill-[a-z]+ font-[a-z]+ height
  href http-equiv id lang name offset open opacity points preserveAspectRatio r role rowspan rx ry scope shape-rendering stop-[a-z]+ stroke
  stroke-[a-z]+ style tabindex text-anchor transform vector-effect viewBox width x x1 x2 xmlns y y1 y2 clip-path pointer-events image-rendering);
my $attribute = '(?:' . join('|', @attributes) . ')';

# what is wrong with a page, as a list of messages
sub faults
{
	my $page = shift;
	my (@open, @faults, %ids, @refs, $heading);

	push @faults, 'bytes beyond ASCII' if $page =~ /[^\x20-\x7E\n]/;
	push @faults, length($page) . ' bytes' if length $page > $most;
	$page =~ s{<style>[^<]*</style>}{} or push @faults, 'no style';
	$page =~ s/\A<!DOCTYPE html>\n// or push @faults, 'no doctype';
	while ($page =~ /\G([^<]*)(?:<(?:(\/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|(.))|\z)/gs)
	{
		my ($text, $end, $element, $rest, $other) = ($1, $2, $3, $4, $5);

		push @faults, "text: $text" if $text =~ />|&(?!(?:lt|gt|amp|#\d+);)/;
		push @faults, "what begins with <$other" if defined $other;
		last unless defined $element;
		push @faults, "element $element" unless $allowed{$element};
		if ($end)
		{
			my $begin = pop @open // 'nothing';

			push @faults, "$element ends $begin" if $begin ne $element;
			next;
		}
		push @open, $element unless $void{$element} || $rest =~ m{/\s*\z};
		while ($rest =~ /\G\s*([^\s=\/]+)(?:=("[^"]*"|'[^']*'|[^\s"'>]+))?|\G\s*\//g)
		{
			my ($name, $value) = ($1 // next, $2 // '');

			$value =~ s/^(["'])(.*)\1$/$2/s;
			$value =~ s/&#44;/,/g;
			push @faults, "attribute $name" unless $name =~ /^$attribute$/;
			push @faults, "id $value twice" if $name eq 'id' && $ids{$value}++;
			push @refs, $1 if $value =~ /^(?:url\()?#([\w-]+)\)?$/ && $name ne 'fill' && $name ne 'stroke' && $name !~ /color/;
			push @faults, "reference $value"
			  if $name =~ /^(?:href|src|style|fill|stroke|clip-path)$/ && $value =~ /:\/\/|url\((?!#)|^\s*\w+script|^data:(?!image\/png;base64,)/i;
		}
		if ($element =~ /^h([1-6])$/)
		{
			push @faults, "$element after h" . ($heading // 0) if $1 > ($heading // 0) + 1;
			$heading = $1;
		}
	}
	push @faults, "not ended: @open" if @open;
	push @faults, map { "no id $_" } grep { !$ids{$_} } @refs;
	return @faults;
}

# a page that a statement makes, as it is in a file
sub page_of
{
	my ($sql, $encoding) = @_;

	return $node->safe_psql('postgres', 'SET client_encoding = ' . ($encoding // 'UTF8') . "; SET client_min_messages = warning; $sql") . "\n";
}

sub check_page
{
	my ($name, $page) = @_;
	my @faults = faults($page);
	my $file = "$PostgreSQL::Test::Utils::tmp_check/" . $name =~ s/\W+/_/gr . '.html';

	is(join("\n", @faults), '', "$name: " . length($page) . ' bytes, well-formed and harmless');
	like($page, qr/<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">/,
		"$name: nothing may be loaded");
	return unless $has_tidy;
	open my $out, '>', $file or die "$file: $!";
	print $out $page;
	close $out;
	my $told = `tidy -quiet -errors -utf8 --drop-empty-elements no $file 2>&1`;

	# what tidy does not know yet: it reads SVG as HTML
	is(join('', grep { !/^\s*$/ && !/proprietary attribute|is not recognized!|discarding unexpected|missing <\/(?:svg|g)>/ } split /^/, $told), '', "$name: tidy");
	return;
}

# ---- the checker itself finds what it is for

foreach my $case (
	[ '<p>a</div>', 'div ends p' ], [ '<p>&nbsp;</p>', 'text' ], [ '<p onclick="x">a</p>', 'attribute onclick' ],
	[ '<script>x</script>', 'element script' ], [ '<a href="http://x">a</a>', 'reference' ], [ '<h2>a</h2><h3>b</h3><h1>c</h1><h3>d</h3>', 'h3 after h1' ],
	[ '<p id="a">b</p><p id="a">b</p>', 'id a twice' ], [ '<a href="#b">a</a>', 'no id b' ], [ "<p>\xC3\xA9</p>", 'bytes' ], [ '<!-- a -->', 'what begins' ])
{
	like(join("\n", faults("<!DOCTYPE html>\n<html><style></style>$case->[0]</html>")), qr/\Q$case->[1]\E/, "finds $case->[1]");
}

# ---- pages

$node->safe_psql('postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE models (name text PRIMARY KEY, model bytea);
	CREATE TABLE customers AS SELECT i AS id, 20 + i % 60 AS age, 10000 + (hashint4(i) & 65535) AS income,
		(ARRAY['Oslo', 'Rome', 'Lima'])[1 + i % 3] AS town, sin(i) AS "mood of <day> & 'night'", 1 + i % 4 AS weight
	FROM generate_series(1, 100000) i;
	CREATE VIEW features AS SELECT age, income, town, "mood of <day> & 'night'", weight FROM customers;
	CREATE VIEW labelled AS SELECT id, age, town AS label, income, town, "mood of <day> & 'night'", weight FROM customers;
	INSERT INTO models SELECT 'customers', fcm_train('TABLE features', 5, '{"weight": "weight", "scale": "zscore", "max_iterations": 10}');
});
my $page = page_of(q{SELECT cluster_report(model, 'TABLE labelled', 'label', '{"key": "id", "weight": "weight", "title": "Customers"}')
	FROM models WHERE name = 'customers'});
check_page('100,000 customers', $page);
like($page, qr/100,?(?:&#44;)?000/, 'all of them are counted');

# whatever is said where
my @hostile = (
	'<script>alert(1)</script>', ']]>', q{"'`&<>}, "\x01\x1B\x7F\t\n", '</title></style><svg/onload=alert(1)>', 'javascript:alert(1)', '%s%n%999999d',
	'http://example.com/', '-->', '&#x26;', "\xE2\x80\xAEevil", "\xF0\x9F\x98\x80 \xC3\xA9 \xEF\xBF\xBE", 'x' x 5000);
$node->safe_psql('postgres', 'CREATE TABLE words (number int, word text)');
foreach my $i (0 .. $#hostile)
{
	my $word = $hostile[$i] =~ s/'/''/gr;

	$node->safe_psql('postgres', "INSERT INTO words VALUES ($i, '$word')");
}
foreach my $i (grep { $_ != 3 } 0 .. $#hostile)
{
	my $name = substr($hostile[$i], 0, 40) =~ s/"/""/gr;
	my $query = qq{SELECT s AS "$name", c AS "b$name", word AS "l$name", word AS "k$name"
		FROM (SELECT sin(i) AS s, word AS c, word FROM generate_series(1, 60) i JOIN words ON number = i % 13) q};
	my $quoted = sub { my $s = shift; $s =~ s/'/''/g; $s =~ s/""/"/g; return $s };
	my $json = sub { my $s = shift; $s =~ s/""/"/g; $s =~ s/(["\\])/\\$1/g; $s =~ s/'/''/g; return $s };

	check_page("hostile $i", page_of(sprintf
		q{SELECT cluster_report(kmeans_train('%s', 3), '%s', '%s', '{"key": "%s", "title": "%s"}')},
		$query =~ s/, word AS "l.*?word AS "k[^\n]*//r =~ s/'/''/gr, $query =~ s/'/''/gr, $quoted->("l$name"), $json->("k$name"), $json->($name)));
}

# a network with images, and a model of directions
$node->safe_psql('postgres', q{
	CREATE TABLE images AS SELECT i AS id, i % 2 AS kind, (SELECT array_agg(CASE WHEN CASE i % 2 WHEN 0 THEN p / 8 ELSE p % 8 END BETWEEN 2 AND 4
		THEN 0.9 ELSE 0.1 END + sin(i * p) / 10 ORDER BY p)::real[] FROM generate_series(0, 63) p) AS pixels FROM generate_series(1, 200) i;
	INSERT INTO models SELECT 'images', dfmec_train('SELECT pixels FROM images ORDER BY id', 2,
		dfmec_options(shape => '{1,8,8}', pretrain_epochs => 3, max_iterations => 3));
	INSERT INTO models SELECT 'directions', fcm_train('SELECT pixels FROM images ORDER BY id', 2, '{"distance": "cosine"}');
});
check_page("images $_", page_of("SELECT cluster_report(model, 'SELECT pixels, kind FROM images', 'kind') FROM models WHERE name = '$_'")) foreach qw(images directions);

# a client with another encoding gets the same bytes
is( page_of(q{SELECT regexp_replace(cluster_report(model, 'SELECT pixels FROM images ORDER BY id'), '<footer>.*', '') FROM models WHERE name = 'images'}, 'LATIN1'),
	page_of(q{SELECT regexp_replace(cluster_report(model, 'SELECT pixels FROM images ORDER BY id'), '<footer>.*', '') FROM models WHERE name = 'images'}),
	'the same bytes for a client in LATIN1');

# ---- rights: the query runs as the caller

$node->safe_psql('postgres', q{
	CREATE ROLE reader LOGIN;
	GRANT SELECT ON models, images TO reader;
	CREATE TABLE secret AS SELECT pixels FROM images;
});
my ($result, $out, $err) =
  $node->psql('postgres', q{SELECT cluster_report(model, 'SELECT pixels FROM secret') FROM models WHERE name = 'images'}, extra_params => [ '-U', 'reader' ]);
like($err, qr/permission denied for table secret/, 'the query has the privileges of the caller');
($result, $out, $err) =
  $node->psql('postgres', q{SELECT cluster_report(model, 'SELECT pixels FROM images') ~ 'html' FROM models WHERE name = 'images'}, extra_params => [ '-U', 'reader' ]);
is($out, 't', '... which may be enough');

# ---- it can be cancelled

($result, $out, $err) = $node->psql('postgres', q{SET statement_timeout = '300ms';
	SELECT cluster_report(model, 'SELECT pixels FROM images, generate_series(1, 10000000)') FROM models WHERE name = 'images'});
like($err, qr/canceling statement due to statement timeout/, 'a report of many rows ends when it is cancelled');

$node->stop;
done_testing();

# The documents show the real output of a server.
#
# Each block of SQL is run by psql -q; see Documents.pm.  The blocks of a document run in
# order, in one session and in a database of their own, in a directory that resembles the
# top directory and receives the files that they write.  The pages that a newcomer reads
# run once more, one after the other in one database, by a role that is not a superuser
# and whose name needs quotes. (012_clients.pl runs doc/clients.md and doc/json.md.)
#
# UPDATE_DOCUMENTS=1 writes the output of psql into the documents instead.
use strict;
use warnings;

use Cwd;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Documents;
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = Cwd::abs_path("$FindBin::RealBin/../..");

chdir $top or die "cannot enter the tree: $!";

my @documents = ('README.md', 'doc/tutorial.md', 'doc/reference.md', 'doc/operations.md',
	'doc/your-data.md', 'doc/embeddings.md', sort glob 'doc/algorithms/*.md');
my @readings = ('README.md', 'doc/tutorial.md', 'doc/operations.md', 'doc/your-data.md', 'doc/embeddings.md');
my $marker = 'end of block';
my $playground = PostgreSQL::Test::Utils::tempdir();

symlink "$top/test", "$playground/test" or die "cannot link test: $!";

my $node = start_node('documentation');

# what psql prints for each block
sub outputs
{
	my ($connection, @blocks) = @_;
	my $script = join '', map { "$_->{code}\n\\echo $marker\n" } @blocks;
	my $output = '';

	chdir $playground or die "cannot enter $playground: $!";
	IPC::Run::run(
		[ 'psql', '-X', '-q', '-d', $connection ],
		'<', \$script, '>&', \$output);
	chdir $top or die "cannot enter $top: $!";
	$output =~ s/\brows in \K\d+\.\d\d s\b/0.05 s/g;	# how long a retraining takes
	return map { trimmed($_) } split /^$marker\n/m, $output, -1;
}

my $number = 0;

foreach my $file (@documents)
{
	my $document = slurp_file($file);
	my @blocks = code_blocks($document, 'sql');
	my $database = 'document' . ++$number;
	my @outputs;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	@outputs = outputs($node->connstr($database), @blocks);
	if ($ENV{UPDATE_DOCUMENTS})
	{
		open my $out, '>', $file or die "cannot write $file: $!";
		print $out with_outputs($document, ['sql'], @outputs);
		close $out;
	}
	check_blocks($file, \@blocks, @outputs);
	# roles belong to all databases
	$node->safe_psql($database, 'DROP OWNED BY clerk; DROP ROLE clerk') if $file eq 'doc/operations.md';
}

# ---- read one after the other

$node->safe_psql('postgres', 'CREATE ROLE "some-one" LOGIN CREATEROLE');
$node->safe_psql('postgres', 'CREATE DATABASE reader OWNER "some-one"');

my $reader = $node->connstr('reader') . ' user=some-one';

foreach my $file (@readings)
{
	my @blocks = code_blocks(slurp_file($file), 'sql');
	my @outputs = map { s/^NOTICE:  extension "fuzzyclust" already exists, skipping\n//mr } outputs($reader, @blocks);

	check_blocks("$file in one database", \@blocks, @outputs);
}

# ---- the reference is complete

my $reference = slurp_file('doc/reference.md');
my $signatures = '';

while ($reference =~ /^```(\w*)\n(.*?)^```\n/gms)
{
	$signatures .= " $2" if $1 eq '';
}
$signatures =~ s/\s+/ /g;

$node->safe_psql('postgres', 'CREATE EXTENSION fuzzyclust');

# each routine except the parts of aggregates is there, in a block without a language
my $routines = $node->safe_psql(
	'postgres', q{
	SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')'
		|| coalesce(' returns ' || pg_get_function_result(p.oid), '')
	FROM pg_proc p
	JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'fuzzyclust'
	WHERE p.oid NOT IN (SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn,
			aggserialfn, aggdeserialfn]) FROM pg_aggregate)
		AND p.oid NOT IN (SELECT prosupport FROM pg_proc)
	ORDER BY 1});

foreach my $routine (split /\n/, $routines)
{
	ok(index("$signatures ", "$routine ") >= 0, "the reference has $routine");
}

# the tables of options: those of one algorithm, and those of all; "others" where some have another default
my $options = $node->safe_psql(
	'postgres', q{
	WITH options AS (
		SELECT option, type, default_value,
			coalesce(array_to_string(choices, ', '), min || ' to ' || max, 'a name') AS allowed,
			CASE WHEN count(*) = (SELECT count(DISTINCT algorithm) FROM cluster_options()) THEN 'all'
				WHEN sum(count(*)) OVER w = (SELECT count(DISTINCT algorithm) FROM cluster_options())
					AND count(*) = max(count(*)) OVER w THEN 'others'
				ELSE string_agg(algorithm, ', ' ORDER BY algorithm) END AS algorithms
		FROM cluster_options() GROUP BY 1, 2, 3, 4 WINDOW w AS (PARTITION BY option))
	SELECT format('| `%s` | %s | %s | `%s` | %s |', option, algorithms, type, default_value, allowed)
	FROM options ORDER BY 1});
my @rows = map { /^((?:\| [^|]* ){5}\|)/ ? $1 : () } grep { /^\| `/ }
  split /\n/, $reference =~ /^\| option [^\n]*\n(.*?)\n\n/ms ? $1 : '';

is(join("\n", sort @rows), $options, 'the reference has the options that the server has');

# each index of cluster_validity, and each key of cluster_info
foreach my $key (
	split /\n/,
	$node->safe_psql(
		'postgres', q{
		WITH rows AS (SELECT ARRAY[i, i % 7] AS x FROM generate_series(1, 20) AS i),
			model AS (SELECT fcm_fit(x, 2) AS model FROM rows)
		SELECT jsonb_object_keys(cluster_validity(model, x)) FROM rows, model
		UNION SELECT jsonb_object_keys(cluster_info(model)) FROM model
		ORDER BY 1}))
{
	like($reference, qr/^\| `\Q$key\E` \|/m, "the reference has $key");
}

# ---- links, and paths in the map of the tree, lead somewhere

sub broken_links
{
	my $file = shift;
	my $document = slurp_file($file);
	my ($directory) = $file =~ m{^(.*/)?};
	my @broken;

	$directory //= '';
	$document =~ s/^```.*?^```\n//gms;
	while ($document =~ /\]\(([^)#]*)(?:#([^)]*))?\)/g)
	{
		my ($path, $anchor) = ($1, $2);
		my $target = $path eq '' ? $file : "$directory$path";

		next if $path =~ /^https?:/;
		push @broken, $path unless -e $target;
		push @broken, "$path#$anchor"
		  if defined $anchor && -f $target && !grep { $_ eq $anchor } anchors($target);
	}
	return @broken;
}

# as GitHub makes them from headings
sub anchors
{
	my $document = slurp_file(shift);
	my @anchors;

	$document =~ s/^```.*?^```\n//gms;
	while ($document =~ /^#+ +(.*)$/mg)
	{
		my $anchor = lc $1;

		$anchor =~ s/[^\w\- ]//g;
		$anchor =~ s/ /-/g;
		push @anchors, $anchor;
	}
	return @anchors;
}

foreach my $file (grep { -e } @documents, 'doc/architecture.md', 'doc/clients.md', 'doc/json.md', 'doc/scale.md', 'doc/security.md', 'CONTRIBUTING.md', 'CHANGELOG.md')
{
	is(join(', ', broken_links($file)), '', "$file: links lead somewhere");
}

foreach my $file ('README.md', 'doc/architecture.md')
{
	my @missing = grep { !-e } slurp_file($file) =~ /`((?:src|sql|test|doc|script|bench|\.ci)\/[\w.\/-]*)`/g;

	is(join(', ', @missing), '', "$file: paths exist");
}

$node->stop;
done_testing();

# Which roles may install the extension, in which schemas, and what is left after dropping it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('install');

my $installed = q{SELECT count(*) FROM pg_extension WHERE extname = 'fuzzyclust'};

# all that an extension may bring; the number of rows in each catalog
my $objects = join ' UNION ALL ',
  map { "SELECT '$_', count(*) FROM $_" }
  qw(pg_am pg_amop pg_amproc pg_aggregate pg_cast pg_class pg_constraint
  pg_conversion pg_depend pg_description pg_event_trigger pg_extension
  pg_init_privs pg_language pg_namespace pg_opclass pg_operator pg_opfamily
  pg_proc pg_rewrite pg_shdepend pg_shdescription pg_transform pg_trigger
  pg_type);

my $members = q{
	SELECT count(*) FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'fuzzyclust')};

$node->safe_psql(
	'postgres', q{
	CREATE ROLE alice LOGIN;
	CREATE ROLE bob LOGIN;
	CREATE DATABASE app;
	GRANT CREATE ON DATABASE app TO alice;
});

# trusted: the right to create in the database is enough, and is needed
my $before = $node->safe_psql('app', $objects);

fails(
	$node, 'app', 'CREATE EXTENSION fuzzyclust',
	qr/permission denied to create extension/,
	'not without CREATE on the database',
	extra_params => [ '-U', 'bob' ]);
$node->safe_psql(
	'app',
	'CREATE SCHEMA tools; CREATE EXTENSION fuzzyclust SCHEMA tools',
	extra_params => [ '-U', 'alice' ]);
is($node->safe_psql('app', $installed),
	1, 'an ordinary user with CREATE on the database installs it');
is( $node->safe_psql(
		'app', q{
		SELECT e.extversion = a.default_version AND a.default_version ~ '^\d+\.\d+\.\d+$'
		FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
		WHERE e.extname = 'fuzzyclust'}),
	't', 'the version is the default version');
is( $node->safe_psql('app', "SELECT nspname FROM pg_namespace n
		JOIN pg_extension e ON e.extnamespace = n.oid WHERE extname = 'fuzzyclust'"),
	'tools', 'it goes to the schema that was asked for');

# relocatable
my $count = $node->safe_psql('app', $members);

$node->safe_psql('app',
	'CREATE SCHEMA other; ALTER EXTENSION fuzzyclust SET SCHEMA other');
is($node->safe_psql('app', $members), $count, 'it moves to another schema');

# the library is found again by a server that was down
$node->restart;
$node->safe_psql('app', q{LOAD '$libdir/fuzzyclust'});
is($node->safe_psql('app', $members), $count, 'it survives a restart');

# gone without a trace
$node->safe_psql(
	'app', q{
	DROP EXTENSION fuzzyclust;
	DROP SCHEMA tools;
	DROP SCHEMA other;
});
is($node->safe_psql('app', $objects), $before, 'dropped, it leaves nothing');

# the script is not for psql
my $script = $node->safe_psql('app', q{SELECT setting FROM pg_config WHERE name = 'SHAREDIR'})
  . '/extension/fuzzyclust--0.1.0.sql';
my ($stdout, $stderr) = run_command(
	[
		'psql', '-X', '-v', 'ON_ERROR_STOP=1', '-f', $script, $node->connstr('app')
	]);

like($stdout, qr/Use "CREATE EXTENSION fuzzyclust"/, 'psql is told what to do instead');
is($node->safe_psql('app', $objects), $before, 'and does nothing');

$node->stop;
done_testing();

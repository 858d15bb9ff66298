# Whoever the caller is, a registry is used with the privileges of its owner: callers gain no
# privileges, and lend none to the owner's queries.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('rights', 'jit = off');
my $mallory = q{mal"lory'; DROP TABLE secret; --};
(my $role = qq{"$mallory"}) =~ s/(?<=.)"(?=.)/""/g;

sub as
{
	my ($user, $sql) = @_;

	return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $user ]);
}

sub refused
{
	my ($user, $sql, $error, $name) = @_;

	fails($node, 'postgres', $sql, $error, $name, extra_params => [ '-U', $user ]);
	return;
}

# mallory owns a registry, carol is a member of mallory, bob is an ordinary role, chief a superuser
$node->safe_psql('postgres', qq{
	CREATE EXTENSION fuzzyclust;
	CREATE ROLE chief SUPERUSER LOGIN;
	CREATE ROLE $role LOGIN;
	CREATE ROLE carol LOGIN;
	CREATE ROLE bob LOGIN;
	GRANT $role TO carol;
	GRANT CREATE ON DATABASE postgres TO $role;
	CREATE TABLE secret AS SELECT ARRAY[i, i % 3] AS x FROM generate_series(1, 30) i;
	CREATE TABLE guarded AS SELECT i, ARRAY[i % 7, i % 3] AS x FROM generate_series(1, 100) i;
	ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
	CREATE POLICY few ON guarded FOR SELECT TO $role USING (i <= 40);
	GRANT SELECT ON guarded TO $role;
});
as($mallory, q{
	CREATE SCHEMA own;
	SET search_path = own;
	CREATE TABLE seen (what text, who text, session text, path text);
	CREATE TABLE points AS SELECT ARRAY[i % 5, i % 3]::float8[] AS x FROM generate_series(1, 60) i;
	-- what an owner might try with the caller's privileges
	CREATE FUNCTION look(what text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO own.seen VALUES (what, current_user, session_user, current_setting('search_path'));
		SET work_mem = '777kB';
		BEGIN
			SET ROLE chief;
			INSERT INTO own.seen VALUES (what || ' gained a role', current_user, session_user, '');
		EXCEPTION WHEN others THEN NULL;
		END;
		BEGIN
			RESET SESSION AUTHORIZATION;
			INSERT INTO own.seen VALUES (what || ' gained a session', current_user, session_user, '');
		EXCEPTION WHEN others THEN NULL;
		END;
		BEGIN
			CREATE TEMP TABLE trap (x int);
			INSERT INTO own.seen VALUES (what || ' made a table', current_user, session_user, '');
		EXCEPTION WHEN others THEN NULL;
		END;
		RETURN true;
	END
	$$;
	-- operators that hide PostgreSQL's own, for sessions that search this schema first
	CREATE FUNCTION wrong(text, text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM own.look('operator');
		RETURN true;
	END
	$$;
	CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = wrong);
	CREATE FUNCTION max(int) RETURNS int LANGUAGE sql AS 'SELECT 0';
	SELECT public.cluster_create_registry('shared');
	SELECT public.cluster_define('points', 'SELECT x FROM points WHERE own.look(''query'')', 'kmeans', 2, registry => 'shared');
	SELECT public.cluster_define('secret', 'SELECT x FROM public.secret', 'kmeans', 2, registry => 'shared');
	SELECT public.cluster_define('guarded', 'SELECT x FROM public.guarded', 'kmeans', 2, registry => 'shared');
	CREATE FUNCTION again() RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		CALL public.cluster_retrain('nested', 'shared');
		RETURN true;
	END
	$$;
	SELECT public.cluster_define('nested', 'SELECT x FROM points WHERE own.again()', 'kmeans', 2, registry => 'shared');
});

# ---- a superuser that searches the owner's schema first

as('chief', q{DELETE FROM own.seen});
is( as('chief', q{
		SET search_path = own, pg_catalog, public;
		SET work_mem = '5MB';
		CALL cluster_retrain('points', 'shared');
		SELECT cluster_set_default('points', 1, 'shared');
		SELECT cluster_define('points', 'SELECT x FROM points WHERE own.look(''query'')', 'kmeans', 3, registry => 'shared');
		SELECT current_user, session_user, current_setting('search_path'), current_setting('work_mem')}),
	"\n\nchief|chief|own, pg_catalog, public|5MB",
	'a superuser calls, and is the same afterwards');
is( as('chief', qq{
		SELECT what, count(*) > 0 FROM own.seen GROUP BY 1 ORDER BY 1;
		SELECT count(*) FROM own.seen WHERE who <> \$\$$mallory\$\$ OR path NOT LIKE '%pg_temp'}),
	"query|t\n0",
	'what the owner has written runs as the owner, with a path of its own, and gets no further');
refused('chief', q{CALL cluster_retrain('secret', 'shared')},
	qr/permission denied for table secret/, 'nor does the query read what only the superuser may');
is( as('chief', q{
		CALL cluster_retrain('guarded', 'shared');
		SELECT rows FROM shared.versions WHERE name = 'guarded'}),
	40, 'row-level security is that of the owner');
refused('chief', q{CALL cluster_retrain('nested', 'shared')},
	qr/cannot execute cluster_retrain\(\) within security-restricted operation/, 'a query cannot retrain');
is( as('chief', q{SELECT error FROM shared.runs WHERE name = 'nested'}),
	'cannot execute cluster_retrain() within security-restricted operation', 'and that is recorded');

# after an error, too, in the session and in the transaction
is( as('chief', q{
		SET search_path = public;
		DO $$
		BEGIN
			CALL cluster_retrain('secret', 'shared');
		EXCEPTION WHEN insufficient_privilege THEN
			NULL;
		END
		$$;
		SELECT current_user, current_setting('search_path');
		CREATE TEMP TABLE fine (x int)}),
	'chief|public', 'the same after an error');

# ---- others

my $may_not = qr/permission denied for registry "shared"\nDETAIL:  It belongs to role "\Q$mallory\E"/;

refused('bob', q{CALL cluster_retrain('points', 'shared')}, $may_not, 'bob may not retrain');
refused('bob', q{SELECT cluster_define('b', 'SELECT 1', 'kmeans', 1, registry => 'shared')}, $may_not, 'nor define');
refused('bob', q{SELECT cluster_set_default('points', 1, 'shared')}, $may_not, 'nor choose a version');
refused('bob', q{SELECT cluster_drop('points', 'shared')}, $may_not, 'nor drop');
refused('bob', q{SELECT cluster_upgrade_registry('shared')}, $may_not, 'nor upgrade');
refused('bob', q{SELECT cluster_model('points', registry => 'shared')},
	qr/permission denied for schema shared/, 'nor read a model');
as($mallory, q{GRANT USAGE ON SCHEMA shared TO bob; GRANT SELECT ON shared.versions, shared.models TO bob});
is( as('bob', q{SELECT cluster_model('points', registry => 'shared') IS NOT NULL;
		SELECT count(*) FROM shared.models}),
	"t\n4", 'until he may read the table of versions');
refused('bob', q{SELECT query FROM shared.recipes}, qr/permission denied for table recipes/, 'queries he may not read');
is( as('carol', q{
		CALL cluster_retrain('points', 'shared');
		SELECT max(number) FROM shared.versions WHERE name = 'points'}),
	2, 'a member of the owner may');

# ---- forged and damaged registries

as($mallory, q{UPDATE shared.recipes SET owner = 'chief' WHERE name = 'secret'});
refused('chief', q{CALL cluster_retrain('secret', 'shared')},
	qr/the recipe of model "secret" belongs to role "chief", but registry "shared" belongs to "\Q$mallory\E"/,
	'an owner that is written into the table is none');
$node->safe_psql('postgres', 'ALTER TABLE shared.versions OWNER TO carol');
refused('chief', q{CALL cluster_retrain('points', 'shared')},
	qr/registry "shared" belongs to several roles\nDETAIL:  Its schema belongs to "\Q$mallory\E", its table "versions" to "carol"/, 'nor is one of several');
$node->safe_psql('postgres', "ALTER TABLE shared.versions OWNER TO $role");
as($mallory, q{
	ALTER TABLE shared.versions RENAME TO real_versions;
	CREATE VIEW shared.versions AS SELECT * FROM shared.real_versions WHERE own.look('view');
	GRANT SELECT ON shared.versions TO public});
as('chief', q{DELETE FROM own.seen});
refused('chief', q{SELECT cluster_model('points', registry => 'shared')},
	qr/schema "shared" is not a model registry\nDETAIL:  It has no table "versions"/, 'a view in the place of a table is refused');
is(as('chief', q{SELECT count(*) FROM own.seen}), 0, 'and not run');

unlike(slurp_file($node->logfile), qr/temporary file leak|PANIC|TRAP|WARNING/, 'the log is clean');

$node->stop;
done_testing();

# Servers.pm - trainings over rows of several servers, for the TAP tests that need them
#
# A query calls gated(i, x), which returns x, and in the third scan that reads row
# $GATED waits while there is a file "gate" in the data directory of its server.
package Servers;

use strict;
use warnings;

use Exporter 'import';
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(rows_query create_gate in_the_midst GATED);

use constant GATED => 3;

# The rows $1 of generate_series as columns i, x (4 features), three groups
sub rows_query
{
	my ($rows, $type) = @_;

	return "SELECT i, ARRAY[sin(i) + 5 * (i % 3), cos(i::float8 * i), i % 7 / 3.0, sin(3 * i) * (i % 3)]::${type}[] AS x FROM $rows i";
}

# On each server with rows: calls beyond the first two of gated(GATED, ...) wait at the gate
sub create_gate
{
	my @nodes = @_;

	$_->safe_psql('postgres', q{
		SET citus.enable_ddl_propagation = off;
		CREATE SEQUENCE scans;
		CREATE FUNCTION gated(i bigint, x float8[]) RETURNS float8[] LANGUAGE plpgsql AS $$
		BEGIN
			IF i = } . GATED . q{ AND nextval('public.scans') > 2 THEN
				WHILE pg_stat_file('gate', true) IS NOT NULL LOOP
					PERFORM pg_sleep(0.02);
				END LOOP;
			END IF;
			RETURN x;
		END $$}) foreach @nodes;
	return;
}

sub gate
{
	return shift->data_dir . '/gate';
}

# Runs a statement on $hub; when it waits at the gate of $node, runs $code, and then opens the
# gate.  Returns what psql wrote.
sub in_the_midst
{
	my ($hub, $sql, $node, $code) = @_;
	my $output = '';

	append_to_file(gate($node), '');
	$node->safe_psql('postgres', q{SELECT setval('scans', 1, false)});
	my $session = IPC::Run::start(
		[ 'psql', '-X', '-A', '-t', '-d', $hub->connstr('postgres'), '-c', $sql ],
		'<', \undef, '>&', \$output,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}),
		'the training is in its passes')
	  or diag($output);
	$code->();
	unlink gate($node);
	$session->finish;
	return $output;
}

1;

# Servers.pm - trainings over rows of several servers, for the TAP tests that need them
#
# A query calls gated(i, x), which returns x, and in the third scan that reads row
# $GATED waits while there is a file "gate" in the data directory of its server.
package Servers;

use strict;
use warnings;

use Documents;
use Exporter 'import';
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(rows_query create_gate in_the_midst check_section GATED);

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
				WHILE (pg_stat_file('gate', true)).size IS NOT NULL LOOP
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

# ---- doc/scale.md

# What psql prints for blocks, in one session
sub outputs
{
	my ($node, @blocks) = @_;
	my $marker = 'end of block';
	my $script = join '', map { "$_->{code}\n\\echo $marker\n" } @blocks;
	my $output = '';

	IPC::Run::run(
		[ 'psql', '-X', '-q', '-d', $node->connstr('scale') ],
		'<', \$script, '>&', \$output);
	return map { trimmed($_) } split /^$marker\n/m, $output, -1;
}

# The blocks of SQL below a heading print what they should: those that begin with "-- on each" on
# all of @$each, the others on $node, in a database of their own.  %hosts are the nodes by their
# names in the document.
sub check_section
{
	my ($heading, $node, $each, %hosts) = @_;
	my $document = slurp_file("$FindBin::RealBin/../../doc/scale.md");
	my ($before, $section) = $document =~ /^(.*\n)(## \Q$heading\E\n.*?)(?=^## |\z)/ms or die "no section $heading";
	my @blocks = code_blocks($section, 'sql');
	my @mine;

	$_->safe_psql('postgres', 'SET citus.enable_create_database_propagation = off; CREATE DATABASE scale') foreach grep { defined } values %{{ map { $_->name => $_ } $node, @$each }};
	foreach my $block (@blocks)
	{
		$block->{line} += ($before =~ tr/\n//);
		foreach my $name (keys %hosts)
		{
			my ($host, $port) = ($hosts{$name}->host, $hosts{$name}->port);

			$block->{code} =~ s/'$name\.example\.com', port '5432'/'$host', port '$port'/g;
			$block->{code} =~ s/'$name\.example\.com', 5432/'$host', $port/g;
		}
		$block->{code} =~ s/dbname 'postgres'/dbname 'scale'/g;
		if ($block->{code} =~ /^-- on each/)
		{
			check_blocks('doc/scale.md', [$block], outputs($_, $block)) foreach @$each;
		}
		else
		{
			push @mine, $block;
		}
	}
	my @outputs = outputs($node, @mine);
	if (my $file = $ENV{SHOW_DOCUMENT})
	{
		append_to_file($file, $_) foreach @outputs;
	}
	check_blocks('doc/scale.md', \@mine, @outputs);
	return;
}

1;

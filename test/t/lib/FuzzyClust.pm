# FuzzyClust.pm - helpers shared by the TAP tests
#
#	use FindBin;
#	use lib "$FindBin::RealBin/lib";
#	use FuzzyClust;
package FuzzyClust;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(start_node initialize fails);

# Whoever runs the tests may have the name of any role in them; this one has none of
# theirs, and needs quotes
use constant SUPERUSER => 'test-superuser';

$ENV{PGUSER} = SUPERUSER;

# The data directory of a node, whose options are as those of its init
sub initialize
{
	my ($node, %options) = @_;

	$node->init(extra => [ '--username', SUPERUSER ], %options);
	return;
}

# A server that runs, without the extension; lines of postgresql.conf may follow.
sub start_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	initialize($node);
	$node->append_conf('postgresql.conf', "$_\n") foreach @settings;
	$node->start;
	return $node;
}

# One assertion: the statement fails, with an error that matches.  What is left
# over goes to psql(), as on_error_stop or connstr do.
sub fails
{
	my ($node, $database, $sql, $error, $name, %options) = @_;
	my ($status, undef, $stderr) = $node->psql($database, $sql, %options);

	# psql exits with 3 for an error of a script, 1 or 2 for its own
	ok($status != 0 && $stderr =~ $error, $name)
	  or diag("exit status $status, stderr: $stderr");
	return;
}

1;

# The programs of doc/clients.md and doc/json.md, with the clients that are installed.
#
# Each block runs by itself, in the order of its page and in a directory that resembles the top
# directory; see Documents.pm.  A client that is not installed is skipped.
#
# UPDATE_DOCUMENTS=1 writes the output of the programs into the pages instead.
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
my %databases = ('doc/clients.md' => 'shop', 'doc/json.md' => 'json');
my $playground = PostgreSQL::Test::Utils::tempdir();
my $node = start_node('clients', q{listen_addresses = '127.0.0.1'});
my @languages = ('sql', 'sh', 'python', 'javascript', 'java');

symlink "$top/test", "$playground/test" or die "cannot link test: $!";
$node->safe_psql('postgres', "CREATE DATABASE $_") foreach values %databases;

# what programs find the server by
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGUSER} = $node->safe_psql('postgres', 'SELECT current_user');
$ENV{NODE_PATH} = join ':', grep { defined } '/usr/share/nodejs', $ENV{NODE_PATH};

# Debian's modules are for Debian's interpreter
my ($python) = grep { -x } '/usr/bin/python3';
$python //= 'python3';
my ($jdbc) = grep { -e } '/usr/share/java/postgresql.jar', grep { defined } $ENV{CLASSPATH};

# does this command succeed?
sub succeeds
{
	my ($in, $out) = ('', '');
	my $result = eval { IPC::Run::run([@_], '<', \$in, '>&', \$out) };

	return $result;
}

# the client that a block needs, unless it is there
sub missing_client
{
	my $block = shift;

	if ($block->{language} eq 'python')
	{
		my @modules = $block->{code} =~ /^import (\w+)/mg;

		# pandas takes it from the connection string
		push @modules, $1 if $block->{code} =~ /postgresql\+(\w+):/;
		return join ', ', grep { !succeeds($python, '-c', "import $_") } @modules;
	}
	return succeeds('node', '-e', q{require('pg')}) ? '' : 'node-pg' if $block->{language} eq 'javascript';
	return $jdbc && succeeds('javac', '-version') ? '' : 'JDBC and a compiler' if $block->{language} eq 'java';
	return '';
}

# the command that runs a block, which is in the file "program"
sub command
{
	my ($language, $program) = @_;

	return ('psql', '-X', '-q', '-f', $program) if $language eq 'sql';
	return ('sh', $program) if $language eq 'sh';
	return ($python, $program) if $language eq 'python';
	return ('node', $program) if $language eq 'javascript';
	return ('java', '-cp', $jdbc, $program,
		"jdbc:postgresql://127.0.0.1:$ENV{PGPORT}/$ENV{PGDATABASE}?user=$ENV{PGUSER}");
}

sub run_block
{
	my $block = shift;
	my $program = $block->{language} eq 'java' ? 'Score.java' : 'program';
	my ($in, $out) = ('', '');

	local $ENV{PGOPTIONS} = '-c search_path=clients,public' if $block->{language} eq 'sql';
	chdir $playground or die "cannot enter $playground: $!";
	open my $file, '>', $program or die "cannot write $program: $!";
	print $file $block->{code};
	close $file;
	IPC::Run::run([ command($block->{language}, $program) ], '<', \$in, '>&', \$out);
	chdir $top or die "cannot enter $top: $!";
	$out =~ s/^psql:program:\d+: //mg;
	return trimmed($out);
}

sub run_page
{
	my $page = shift;
	my $document = slurp_file("$top/$page");
	my @outputs;

	foreach my $block (code_blocks($document, @languages))
	{
		my $missing = missing_client($block);

	  SKIP:
		{
			if ($missing)
			{
				push @outputs, undef;
				skip "not installed: $missing", 1;
			}
			push @outputs, run_block($block);
			is($outputs[-1], defined $block->{text} ? trimmed($block->{text}) : '', "$page, line $block->{line}");
		}
	}
	return with_outputs($document, \@languages, @outputs);
}

foreach my $page (sort keys %databases)
{
	local $ENV{PGDATABASE} = $databases{$page};
	my $updated = run_page($page);

	next unless $ENV{UPDATE_DOCUMENTS};
	open my $out, '>', "$top/$page" or die "cannot write $page: $!";
	print $out $updated;
	close $out;
}

$node->stop;
done_testing();

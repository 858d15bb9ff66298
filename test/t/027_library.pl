# OpenBLAS is loaded by a session that needs it, has one thread there, and never makes a session wait.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'looks into /proc' unless -r "/proc/$$/maps";

my $node = start_node('library', 'max_parallel_workers_per_gather = 0');

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE rows AS SELECT i, ARRAY[sin(i), sin(2 * i) + i % 3, cos(3 * i)]::float8[] AS x FROM generate_series(1, 300) i;
	CREATE TABLE models (name text, model bytea);
	INSERT INTO models SELECT 'kmeans', kmeans_fit(x, 3) FROM rows;
	INSERT INTO models SELECT 'spectral', spectral_fit(x, 3) FROM rows;
	INSERT INTO models
		SELECT 'idec', idec_fit(x, 3, idec_options(hidden => ARRAY[8], pretrain_epochs => 2, epochs => 1)) FROM rows;
});

my $train = 'SELECT octet_length(%s) > 0 FROM rows;';
my %calls = (
	kmeans => sprintf($train, 'kmeans_fit(x, 3)'),
	network => sprintf($train, q{autoencoder_fit(x, 2, autoencoder_options(hidden => ARRAY[8], pretrain_epochs => 2))}),
	spectral => sprintf($train, 'spectral_fit(x, 3)'));

# Statements of one session, with commands of a shell before and after that have its process as $PID
sub in_session
{
	my ($before, $sql, $after) = @_;
	my ($status, $stdout, $stderr) = $node->psql(
		'postgres', join("\n", 'SET client_min_messages = error;', 'SELECT pg_backend_pid() AS pid \gset', '\setenv PID :pid',
			$before, $sql, $after, ''),
		timeout => 120, on_error_stop => 0);

	return ($stdout, $stderr);
}

sub mapped
{
	my $sql = shift;
	my ($stdout) = in_session('', $sql, '\! grep -c openblas /proc/$PID/maps; grep Threads: /proc/$PID/status');

	return $stdout =~ /^(\d+)\nThreads:\s+1$/m ? $1 > 0 : "$stdout: more than one thread";
}

# ---- when it is loaded

my $scoring = q{SELECT count(cluster_id(model, x)), count(cluster_membership(model, x)), count(cluster_distance(model, x))
	FROM models, rows;
	SELECT count(cluster_embed(model, x)), count(cluster_reconstruct(model, x)) FROM models, rows WHERE name = 'idec';
	SELECT cluster_validity(model, x) IS NOT NULL FROM models, rows GROUP BY name, model;};
is(mapped("SELECT 1;"), '', 'a session that trains nothing does not have the library');
foreach my $line (split /\n/, $node->safe_psql('postgres', "SELECT algorithm, bool_or(option = 'hidden') FROM cluster_options()
	WHERE algorithm <> 'spectral' GROUP BY algorithm ORDER BY algorithm"))
{
	my ($algorithm, $network) = split /\|/, $line;
	my $options = $network eq 't' ? ', {"hidden": [8], "pretrain_epochs": 2}' : '';

	$options =~ s/, (.*)/, '$1'/;
	is(mapped("SET client_min_messages = error; SELECT octet_length(${algorithm}_fit(x, 2$options)) FROM rows; $scoring"),
		'', "neither has one that trains by $algorithm, and scores");
}
is(mapped($calls{spectral}), 1, 'but one that trains by spectral, with one thread');

# ---- little address space, and no thread to spare

SKIP:
{
	skip 'prlimit is not there', 13 if system('prlimit --version >/dev/null 2>&1') != 0;

	foreach my $call (sort keys %calls)
	{
		foreach my $megabytes (100, 230, 300, 600)
		{
			my ($stdout, $stderr) = in_session("\\! prlimit --pid=\$PID --as=" . ($megabytes << 20), $calls{$call}, '');

			like("$stdout$stderr", qr/^t$|out of memory|could not load library/m,
				"$call: a result or an error with $megabytes MB of address space");
		}
	}
	my ($stdout, $stderr) = in_session('\! prlimit --pid=$PID --nproc=1', "$calls{kmeans} $calls{network} $calls{spectral}", '');

	is("$stdout$stderr", "t\nt\nt", 'all is well without a thread to spare');
}

# ---- a library that is not there, and one of 64-bit integers: the module, with another name in it

sub spectral_with_library
{
	my $name = shift;
	my $original = slurp_file($node->safe_psql('postgres',
			q{SELECT setting || '/fuzzyclust.so' FROM pg_config WHERE name = 'PKGLIBDIR'}));
	my $copy = "$PostgreSQL::Test::Utils::tmp_check/$name-fuzzyclust.so";
	my ($soname) = $original =~ /\0(lib[\w.-]*blas[\w.-]*)\0/;
	my $other = substr("$name.so", 0, length $soname);

	$original =~ s/\0\Q$soname\E\0/"\0" . $other . "\0" x (1 + length($soname) - length $other)/e;
	open my $file, '>:raw', $copy or die "$copy: $!";
	print $file $original;
	close $file;
	return $node->psql(
		'postgres', qq{
		BEGIN;
		CREATE FUNCTION other_accum(internal, "any", bigint) RETURNS internal AS '$copy', 'spectral_accum' LANGUAGE C;
		CREATE FUNCTION other_final(internal) RETURNS bytea AS '$copy', 'cluster_fit_final' LANGUAGE C;
		CREATE AGGREGATE other_fit("any", bigint) (SFUNC = other_accum, STYPE = internal, FINALFUNC = other_final);
		SELECT octet_length(other_fit(x, 3)) FROM rows;});
}

my ($status, $stdout, $stderr) = spectral_with_library('none');
like($stderr, qr/ERROR: +could not load library "none.so", which is required by spectral clustering.*HINT: .*libopenblas0/s,
	'a library that is not there is named, with its package');

SKIP:
{
	my $dir = $PostgreSQL::Test::Utils::tmp_check;
	my $source = "$dir/wide.c";

	open my $file, '>', $source or die "$source: $!";
	print $file 'double ddot_(const long long *n, const double *x) { return *n > 0 ? 6 * *x : 0; }';
	close $file;
	skip 'no compiler', 1 if system("cc -shared -fPIC -o $dir/w.so $source >/dev/null 2>&1") != 0;
	local $ENV{LD_LIBRARY_PATH} = join(':', $dir, $ENV{LD_LIBRARY_PATH} // ());
	$node->restart;
	($status, $stdout, $stderr) = spectral_with_library('w');
	like($stderr, qr/ERROR: +library "w.so" uses 64-bit integers/, 'a library of 64-bit integers is refused');
}

# ---- loaded by the postmaster

$node->append_conf('postgresql.conf', q{shared_preload_libraries = 'fuzzyclust'});
$node->restart;
foreach my $call (sort keys %calls)
{
	is(join('', in_session('', $calls{$call}, '')), 't', "$call with shared_preload_libraries");
}

$node->stop;
done_testing();

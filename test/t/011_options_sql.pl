# The SQL and the reference that follow from the tables of options are what script/options-sql
# prints, which rewrites the script of the current version and of no other.  It runs in a copy
# of the tree, without PostgreSQL.
use strict;
use warnings;

use Cwd;
use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = Cwd::abs_path("$FindBin::RealBin/../..");
my $tree = PostgreSQL::Test::Utils::tempdir();

plan skip_all => 'no compiler' if system('cc --version >/dev/null 2>&1') != 0;

# variables of make installcheck must not reach the make that builds the program
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};

system('cp', '-Rp', (grep { -e } map { "$top/$_" } qw(Makefile fuzzyclust.control doc script sql src)), $tree) == 0
  or die "cannot copy the tree";
chdir $tree or die "cannot enter $tree: $!";

my ($version) = slurp_file('fuzzyclust.control') =~ /default_version = '(.*)'/;
my $script = "sql/fuzzyclust--$version.sql";

$script = (glob "sql/*--$version.sql")[0] unless -e $script;

sub options_sql
{
	my $output = `script/options-sql @_ 2>&1`;

	return ($? >> 8, $output);
}

sub edit
{
	my ($file, $edit) = @_;

	local $_ = slurp_file($file);
	$edit->();
	open my $out, '>', $file or die "cannot write $file: $!";
	print $out $_;
	close $out;
	return;
}

my ($status, $output) = options_sql('--check');

is("$status$output", '0', 'the script and the reference have the options of the tables');

# ---- an option more

my $reference = 'doc/reference.md';
my $committed = slurp_file($script);
my $documented = slurp_file($reference);
my $body = "-- begin: printed by script/options-sql from the tables of options\n" . "-- end: printed by script/options-sql\n";
my %others = ('sql/fuzzyclust--0.0.1.sql' => $body, "sql/fuzzyclust--0.0.1--$version-x.sql" => $body);

append_to_file($_, $others{$_}) foreach keys %others;
edit('src/algo/fcm.c', sub {
	s/(\[OPT_FUZZIFIER\] = \{\n.*?\n\t\},\n)/$1\t{.name = "words", .type = FC_CHOICE, .choices = (const char *const[]) {"it's", NULL}, .help = "x"},
	{.name = "third", .type = FC_NUMBER, .initial = 1.0 \/ 3, .max = 1, .help = "y"},\n/s;
});

($status, $output) = options_sql('--check');
is($status, 1, 'a new option is a difference');
like($output, qr/^\Q$script\E differs/m, '... of that script');
is_deeply([ $output =~ /^\+(?!\+)\s*(.*)/mg ],
	[ "words text DEFAULT 'it''s',", 'third float8 DEFAULT 0.3333333333333333,',
		'float8, text, float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8,',
		'float8) IS',
		q{fcm_options(fuzzifier double precision DEFAULT NULL::double precision, words text DEFAULT 'it''s'::text, third},
		'double precision DEFAULT 0.3333333333333333, seed bigint DEFAULT 0, max_iterations bigint DEFAULT 1000,',
		'tolerance double precision DEFAULT 0.0000000001, restarts bigint DEFAULT NULL::bigint, init "any" DEFAULT',
		q{'kmeans++'::text, scale text DEFAULT 'none'::text, missing text DEFAULT 'error'::text, too_few text DEFAULT},
		q{'error'::text, passes text DEFAULT 'memory'::text, distance text DEFAULT 'euclidean'::text, category_weight},
		'double precision DEFAULT 1, weight text DEFAULT NULL::text, noise double precision DEFAULT 0, noise_distance',
		'double precision DEFAULT NULL::double precision) returns jsonb',
		"| `words` | fcm | text | `it's` | it's | x |",
		'| `third` | fcm | double precision | `0.3333333333333333` | 0 to 1 | y |' ],
	'... in the signature, in the comment on it, in the signature and in the table of the reference');
is(slurp_file($script) . slurp_file($reference), $committed . $documented, 'a check writes nothing');

($status, $output) = options_sql();
is("$status$output", "0$script: written\n$reference: written\n", 'written');
(my $without = slurp_file($script)) =~ s/^\t(?:words|third) .*\n//mg;
$without =~ s/^\tfloat8, text, float8, bigint, bigint(.*,)\n\t/\tfloat8, bigint, bigint$1 /m;
is($without, $committed, '... and nothing but that');
like(slurp_file($reference), qr/^\| `fuzzifier` [^\n]*\n\| `words` [^\n]*\n\| `third` [^\n]*\n(?:\| `fuzzifier` [^\n]*\n)*\| `typicality_exponent` /m,
	'... in the order of the table');
is(slurp_file($_), $others{$_}, "$_ is of another version") foreach sort keys %others;
($status, $output) = options_sql('--check');
is("$status$output", '0', 'now there is no difference');

# ---- another default, of one of the algorithms of a row, and the old one again

my ($before) = slurp_file($reference);
my ($rest) = $before =~ /^\| `epochs` \| ([\w, ]+) \| bigint \| `15` /m;

$rest =~ s/\bdec, //;
edit('src/deep/dec.c', sub { s/FC_DEEP_CLUSTER_OPTIONS\(15,/FC_DEEP_CLUSTER_OPTIONS(16,/ });
($status, $output) = options_sql();
is("$status$output", "0$script: written\n$reference: written\n", 'another default');
is_deeply([ slurp_file($reference) =~ /^(\| `epochs` \| (?!head ).*)/mg ],
	[ '| `epochs` | dec | bigint | `16` | 0 to 100000 | maximum number of passes over the rows in which codes and centers are trained together |',
		"| `epochs` | $rest | bigint | `15` | 0 to 100000 | as above |",
		'| `epochs` | dfmec | bigint | `8` | 0 to 100000 | as above |' ],
	'... parts its row');
edit('src/deep/dec.c', sub { s/FC_DEEP_CLUSTER_OPTIONS\(16,/FC_DEEP_CLUSTER_OPTIONS(15,/ });
($status, $output) = options_sql();
is(slurp_file($reference), $before, '... which the old one joins');

# ---- the next version: an upgrade script names the parts it needs

my $upgrade = "sql/fuzzyclust--$version--99.0.sql";
my $released = slurp_file($script);

edit('fuzzyclust.control', sub { s/(default_version = ').*'/${1}99.0'/ });
($status, $output) = options_sql();
like("$status$output", qr/^[1-9]\d*no script in sql makes version 99.0$/, 'a version without a script');
append_to_file($upgrade, "-- by hand\n");
($status, $output) = options_sql();
is("$status$output", '0', 'an upgrade script without options');
append_to_file($upgrade, $body =~ s/(options)\n/$1: fcm_options edcwrn\n/r . "-- by hand\n");
($status, $output) = options_sql();
is("$status$output", "0$upgrade: written\n", 'an upgrade script with a builder and an algorithm');
is_deeply([ slurp_file($upgrade) =~ /^(--.*|CREATE \w+ \w+)/mg ],
	[ '-- by hand', '-- begin: printed by script/options-sql from the tables of options: fcm_options edcwrn',
		'CREATE FUNCTION fcm_options', '-- deep clustering with the weight of representations', ('CREATE FUNCTION edcwrn_accum') x 3,
		('CREATE AGGREGATE edcwrn_fit') x 3, ('CREATE FUNCTION edcwrn_train') x 2, 'CREATE FUNCTION edcwrn_options',
		'-- end: printed by script/options-sql', '-- by hand' ],
	'... has these');
is(slurp_file($script), $released, '... and the earlier script is as it was');
edit($upgrade, sub { s/: fcm_options edcwrn/: fcm_option/ });
($status, $output) = options_sql();
like("$status$output", qr/^[1-9]\d*.*no algorithm or builder "fcm_option"/, 'a name that is none');

# ---- a script with a tag

SKIP:
{
	my $identity = '-c user.name=x -c user.email=x@example.com';

	edit($upgrade, sub { s/: fcm_option\b/: fcm/ });
	skip 'git is not there', 1 if system("git init -q . && git $identity commit -q --allow-empty -m x && git tag v99.0") != 0;
	($status, $output) = options_sql();
	like("$status$output", qr/^[1-9]\d*\Q$upgrade\E is released/, 'a released script is not written');
}

chdir $top;
done_testing();

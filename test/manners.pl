#!/usr/bin/perl
# test/manners.pl - does script/manners refuse what it should?
#
# A small tree that obeys every rule must pass.  Each case then breaks one rule
# in a tree of its own: that rule must fail, no other, and must say where.
use strict;
use warnings;

use File::Basename;
use File::Path;
use File::Temp;
use FindBin;
use Test::More;

my $manners = "$FindBin::RealBin/../script/manners";

my %clean = (
	'src/algorithms.h' => "/* algorithms.h - a list */\nFC_ALGORITHM(kmeans)\n",
	'src/algorithms.c' => <<'EOT',
/* algorithms.c - the list of algorithms */
#include "core/fc.h"

const FcAlgorithm *
fc_find_algorithm(const char *name)
{
	return name ? &fc_kmeans : 0;
}
EOT
	'src/core/fc.h' => <<'EOT',
/* fc.h - see arena.c */
#include <stdint.h>

typedef struct FcArena
{
	char	   *base,
			   *end;
	void		(*full) (int a, int b);
} FcArena;

extern void *fc_take(FcArena *a);
extern int	fc_select(FcArena *a);

static inline int
fc_twice(int a)
{
	return 2 * a;
}
EOT
	'src/core/arena.c' => <<'EOT',
/* arena.c - memory; malloc( ) is the caller's business */
#include "core/fc.h"

void *
fc_take(FcArena *a)
{
	return a->base;
}
EOT
	'src/core/model.c' => <<'EOT',
/* model.c - asks the list for an algorithm */
#include "core/fc.h"

#include <string.h>

int
fc_select(FcArena *a)
{
	return fc_take(a) != fc_find_algorithm("no \"fc_net()\" here") + fc_twice(1);
}
EOT
	'src/nn/net.h' => "/* net.h */\n#include \"core/fc.h\"\n\nextern void fc_net(FcArena *a);\n",
	'src/nn/net.c' => <<'EOT',
/* net.c */
#include "nn/net.h"

void
fc_net(FcArena *a)
{
	fc_take(a);
}
EOT
	'src/algo/kmeans.c' => <<'EOT',
/* kmeans.c */
#include "core/fc.h"

void
fc_kmeans_fit(FcArena *a)
{
	fc_take(a);
}

const FcAlgorithm fc_kmeans = {fc_kmeans_fit};
EOT
	'src/spectral/fit.c' => "/* fit.c */\n#include \"core/fc.h\"\n\nvoid\nfc_spectral_fit(FcArena *a)\n{\n\tfc_take(a);\n}\n",
	'src/deep/fit.c' => "/* fit.c */\n#include \"nn/net.h\"\n\nvoid\nfc_deep_fit(FcArena *a)\n{\n\tfc_net(a);\n}\n",
	'src/pg/compat.h' => "/* compat.h */\n#if PG_VERSION_NUM < 150000\n#endif\n",
	'src/pg/fuzzyclust.h' => "/* fuzzyclust.h */\n#include \"postgres.h\"\n#include \"core/fc.h\"\n#include \"pg/compat.h\"\n",
	'src/pg/value/value.h' => "/* value.h */\n#include \"pg/fuzzyclust.h\"\n\nextern int fc_value(void);\n",
	'src/pg/value/value.c' => <<'EOT',
/* value.c; utils/acl.h has more */
#include "pg/value/value.h"

int
fc_value(void)
{
	if (fc_find_algorithm("kmeans"))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("no")));
	return 0;
}
EOT
	'src/pg/train/train.h' => "/* train.h */\n#include \"pg/value/value.h\"\n\nextern int fc_train(void);\n",
	'src/pg/train/train.c' => "/* train.c */\n#include \"algorithms.h\"\n#include \"pg/train/train.h\"\n\nint\nfc_train(void)\n{\n\treturn fc_value();\n}\n",
	'src/pg/score/score.c' => "/* score.c */\n#include \"pg/train/train.h\"\n\nint\nfc_score(void)\n{\n\treturn fc_train();\n}\n",
	'src/pg/registry/registry.c' => "/* registry.c */\n#include \"pg/train/train.h\"\n\nint\nfc_registry(void)\n{\n\treturn fc_score();\n}\n",
	'src/pg/plot/plot.c' => "/* plot.c */\n#include \"pg/value/value.h\"\n\nint\nfc_plot(void)\n{\n\treturn fc_value();\n}\n",
	'sql/fuzzyclust--1.sql' => "CREATE FUNCTION f(int) RETURNS int AS 'x' LANGUAGE C;\nCOMMENT ON FUNCTION f(int) IS 'f';\n",
	'README.md' => "See `src/core/arena.c`, `src/core/*.c`, `src/algo/NAME.c` and [the guide](doc/guide.md#start).\n",
	'doc/guide.md' => "Back to [the start](../README.md), or to [the web](https://example.org/).\n",
);

# a function in the given file that does what the text says
sub function
{
	my ($name, $text) = @_;

	return "\nvoid\n$name(void)\n{\n\t$text\n}\n";
}

my $six = join '', map { "\ta[$_] = b($_);\n" } 1 .. 6;

# The rule; a file, and what is added to it; where the rule finds it, +1 being the
# first line that was added; another rule that is broken too; more files.
my @cases = (
	[ 'what is not in src/pg includes', 'src/core/arena.c', "#include <dlfcn.h>\n", '+1: dlfcn.h' ],
	[ 'what is not in src/pg includes', 'src/nn/net.c', "#include \"postgres.h\"\n", '+1: postgres.h' ],
	[ 'what is not in src/pg includes', 'src/deep/fit.c', "#  include <postgres.h>\n", '+1: postgres.h' ],

	[ 'includes go down', 'src/core/arena.c', "#include \"nn/net.h\"\n", '+1: includes nn/net.h; src/core may use nothing but itself' ],
	[ 'includes go down', 'src/core/arena.c', "#include \"pg/compat.h\"\n", '+1: includes pg/compat.h' ],
	[ 'includes go down', 'src/core/model.c', "#define FC_VARIANTS_OF \"algo/kmeans.c\"\n", '+1: includes algo/kmeans.c' ],
	[ 'includes go down', 'src/nn/net.c', "#include \"algorithms.h\"\n", '+1: includes algorithms.h; src/nn may use src/core' ],
	[ 'includes go down', 'src/algo/kmeans.c', "#include \"nn/net.h\"\n", '+1: includes nn/net.h; src/algo may use src/core' ],
	[ 'includes go down', 'src/spectral/fit.c', "#include \"algo/kmeans.c\"\n", '+1: includes algo/kmeans.c' ],
	[ 'includes go down', 'src/deep/fit.c', "#include \"spectral/fit.c\"\n", '+1: includes spectral/fit.c; src/deep may use src/core, src/nn' ],
	[ 'includes go down', 'src/pg/score/score.c', "#include \"nn/net.h\"\n", '+1: includes nn/net.h' ],
	[ 'includes go down', 'src/pg/value/value.c', "#include \"pg/train/train.h\"\n", '+1: includes pg/train/train.h' ],
	[ 'includes go down', 'src/pg/plot/plot.c', "#include \"pg/train/train.h\"\n", '+1: includes pg/train/train.h' ],
	[ 'includes go down', 'src/pg/train/train.c', "#include \"pg/plot/plot.c\"\n", '+1: includes pg/plot/plot.c' ],

	[ 'calls go down', 'src/nn/net.c', function('fc_up', 'fc_deep_fit(0);'), '+5: uses fc_deep_fit of src/deep/fit.c; src/nn may use src/core', 'no files call' ],
	[ 'calls go down', 'src/core/lone.c', function('fc_up', 'take(fc_kmeans_fit);'), '+5: uses fc_kmeans_fit of src/algo/kmeans.c' ],
	[ 'calls go down', 'src/core/fc.h', "#define UP(a)\t\\\n\tfc_spectral_fit(a)\n", 'src/nn/lone.c:5: uses fc_spectral_fit of src/spectral/fit.c', undef,
		{ 'src/nn/lone.c', function('fc_up', 'UP(0);') } ],
	[ 'calls go down', 'src/core/fc.h', "static inline int\nfc_up(void)\n{\n\treturn fc_net(0);\n}\n", '+4: uses fc_net of src/nn/net.c' ],
	[ 'calls go down', 'src/deep/fit.c', function('fc_up', 'fc_find_algorithm(0);'), '+5: uses fc_find_algorithm of src/algorithms.c' ],
	[ 'calls go down', 'src/algo/kmeans.c', function('fc_up', 'use(&fc_spectral_fit);'), '+5: uses fc_spectral_fit of src/spectral/fit.c' ],
	[ 'calls go down', 'src/spectral/fit.c', function('fc_up', 'use(&fc_kmeans);'), '+5: uses fc_kmeans of src/algo/kmeans.c' ],
	[ 'calls go down', 'src/pg/score/score.c', function('fc_up', 'fc_deep_fit(0);'), '+5: uses fc_deep_fit of src/deep/fit.c' ],
	[ 'calls go down', 'src/pg/plot/plot.c', function('fc_up', 'fc_score();'), '+5: uses fc_score of src/pg/score/score.c' ],

	[ 'no files call', 'src/core/arena.c', function('fc_round', 'fc_select(0);'), '+5: fc_select of src/core/model.c, src/core/model.c:9: fc_take of src/core/arena.c' ],
	[ 'no files include', 'src/core/fc.h', "#include \"core/other.h\"\n", '+1: core/other.h of src/core/other.h', undef,
		{ 'src/core/other.h', "/* other.h */\n#include \"core/fc.h\"\n" } ],
	[ 'a folder of src/pg shows others', 'src/pg/score/score.c', "#include \"pg/train/own.h\"\n", '+1: includes pg/train/own.h, which is private to its folder', undef,
		{ 'src/pg/train/own.h', "/* own.h */\n", 'src/pg/train/own.c', "/* own.c */\n#include \"pg/train/own.h\"\n" } ],

	[ 'the core does not allocate', 'src/algo/kmeans.c', function('fc_more', 'free(0);'), '+5: free(' ],
	[ 'the core has no variables', 'src/nn/net.c', "int\t\t\tcount = 0;\n", '+1: int' ],
	[ 'the core has no variables', 'src/deep/fit.c', function('fc_more', 'static int count;'), '+5:' ],
	[ 'only src/pg/compat.h', 'src/pg/plot/plot.c', "#if PG_VERSION_NUM < 1\n#endif\n", '+1: PG_VERSION_NUM' ],
	[ 'every error has', 'src/pg/plot/plot.c', function('fc_more', 'ereport(ERROR, (errmsg("errcode")));'), '+5' ],

	[ 'files are under', 'src/core/arena.c', "\n" x 592, 'src/core/arena.c:600: 600 lines' ],
	[ 'functions are at most', 'src/pg/plot/plot.c', function('fc_long', 'a();' . "\n" x 60), '+3: fc_long, 61 lines' ],
	[ 'functions are at most', 'src/core/a_loops.h', "\nstatic inline __attribute__((always_inline, unused)) void\nFC_VARIANT(long) (int a)\n{\n" . "\n" x 61 . "}\n", '+3: long, 61 lines' ],
	[ 'structs have at most', 'src/core/fc.h', "typedef struct Many\n{\n" . (join '', map { "\tint a$_, b$_;\n" } 1 .. 13) . "} Many;\n", '+1: Many, 26 fields' ],
	[ 'half of the functions', 'src/nn/long.c', (join '', map { function("fc_long$_", "a($_);" . "\n" x 10) } 1 .. 20), '11 lines' ],
	[ 'six lines', 'src/nn/net.c', "\nvoid\nfc_one(void)\n{\n$six}\n", 'src/nn/net.c:13-18 and src/deep/fit.c:13-18', undef,
		{ 'src/deep/fit.c', "\nvoid\nfc_two(void)\n{\n" . ($six =~ s{ = b\(4\)}{=b( 4 )/* four */}r) . "}\n" } ],
	[ 'eight lines', 'src/nn/net.c', function('fc_one', join '', map { "\ta$_ += b($_ + 1) / a;\n" } 1 .. 8), "src/nn/net.c:11-20 and src/deep/fit.c:11-20", undef,
		{ 'src/deep/fit.c', function('fc_two', join '', map { "\tx$_ += y($_ + 1) / x;\n" } 1 .. 8) } ],
	[ 'lines are indented', 'src/nn/net.c', "    int a();\n", '+1:' ],
	[ 'lines are indented', 'src/nn/net.c', "int a(); \n", '+1:' ],
	[ 'every SQL routine', 'sql/fuzzyclust--1.sql', "CREATE FUNCTION g() RETURNS int AS 'x' LANGUAGE C;\n", '+1: function g' ],
	[ 'SQL scripts replace', 'sql/fuzzyclust--1.sql', "CREATE OR REPLACE VIEW v AS SELECT 1;\n", '+1: OR REPLACE' ],
	[ 'paths in documents', 'README.md', "And `src/core/lost.c`.\n", '+1: src/core/lost.c' ],
	[ 'paths in documents', 'README.md', "And `test/*.c`.\n", '+1: test/*.c' ],
	[ 'paths in documents', 'doc/guide.md', "And [x](lost.md).\n", '+1: lost.md' ],
	[ 'files that comments', 'src/nn/net.c', "/*\n * see lost.h */\n", '+2: lost.h' ],
	[ 'files that comments', 'src/pg/plot/plot.c', "/* see core/lost.c */\n", '+1: core/lost.c' ],
);

# what manners says of the clean tree with more text at the end of some files
sub verdict
{
	my %more = @_;
	my $tree = File::Temp->newdir;

	foreach my $file (keys %{ { %clean, %more } })
	{
		File::Path::make_path(dirname("$tree/$file"));
		open my $out, '>', "$tree/$file" or die "$file: $!";
		print $out $clean{$file} // '', $more{$file} // '';
		close $out or die "$file: $!";
	}
	return scalar `$^X '$manners' '$tree' 2>&1`;
}

my $clean = verdict();
my @rules = $clean =~ /^(?:not )?ok - (.*)$/mg;

is(join("\n", $clean =~ /^not ok .*|^#.*/mg), '', 'a clean tree passes');
like($clean, qr/^manners: \d+ passed, 0 failed$/m, 'its totals');

foreach my $case (@cases)
{
	my ($rule, $file, $text, $place, $also, $more) = @$case;
	my $verdict = verdict($file => $text, %{ $more // {} });
	my $lines = ($clean{$file} // '') =~ tr/\n//;

	$place =~ s/^\+(\d+)/"$file:" . ($lines + $1)/e;
	is(join("\n", grep { index($_, $rule) && !($also && index($_, $also) == 0) } $verdict =~ /^not ok - (.*)$/mg),
		'', "$rule: $file breaks no other rule");
	like($verdict, qr/^not ok - \Q$rule\E.*\n(?:#.*\n)*?# +\Q$place\E/m, "$rule: $place");
	like($verdict, qr/^manners: \d+ passed, [1-9]\d* failed$/m, 'totals');
}

# no rule is without a case
foreach my $rule (@rules)
{
	ok(scalar(grep { index($rule, $_->[0]) == 0 } @cases), "there is a case of: $rule");
}

done_testing();

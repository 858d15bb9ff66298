# Layers.pm - who may use whom, and circles, for script/manners
#
# A file uses another one if it includes it, or names what the other one defines
# with external linkage (see uses() in Source.pm).
package Layers;

use strict;
use warnings;

use Exporter 'import';
use Source;

our @EXPORT = qw(wrong_includes wrong_uses foreign_includes private_includes circles_of_calls
  circles_of_includes call_graph);

# folders, and those that each may use besides itself; "list" is src/algorithms.[ch]
my %may_use = (
	core => [],
	nn => [qw(core)],
	algo => [qw(core)],
	spectral => [qw(core)],
	deep => [qw(core nn)],
	list => [qw(core nn algo spectral deep)],
	pg => [qw(core list)],
	'pg/value' => [qw(core list pg)],
	'pg/step' => [qw(core list pg pg/value)],
	'pg/train' => [qw(core list pg pg/value pg/step)],
	'pg/score' => [qw(core list pg pg/value pg/step pg/train)],
	'pg/registry' => [qw(core list pg pg/value pg/step pg/train pg/score)],
	'pg/plot' => [qw(core list pg pg/value)],
	'pg/report' => [qw(core list pg pg/value pg/step pg/train pg/score pg/registry pg/plot)],
);

# the core knows of algorithms only that the list can be asked for one
my %known_upward = map { $_ => 1 } qw(fc_algorithms fc_find_algorithm);

# of C11, of the instructions of x86, and of the address sanitizer
my %system_headers = map { $_ => 1 } qw(assert.h ctype.h errno.h fenv.h float.h inttypes.h limits.h math.h
  sanitizer/asan_interface.h stdalign.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h time.h cpuid.h immintrin.h);

sub layer
{
	my $file = shift;

	return 'list' if $file =~ m{^src/[^/]+$};
	return $file =~ m{^src/(.+)/[^/]+$} ? $1 : '';
}

sub allowed
{
	my ($from, $to) = @_;

	return $from eq $to || grep { $_ eq $to } @{ $may_use{$from} // [] };
}

# what stands behind the places of a rule
sub reason
{
	my ($from, $to) = @_;
	my @may = map { $_ eq 'list' ? 'src/algorithms.h' : "src/$_" } grep { $_ ne $from } @{ $may_use{$from} };

	return 'src/' . ($from eq 'list' ? '' : $from) . ' may use ' . (@may ? join(', ', @may) : 'nothing but itself');
}

# the file of the tree that an include means, or nothing
sub target
{
	my ($file, $name) = @_;
	(my $dir = $file) =~ s{/[^/]*$}{};

	return "src/$name" if $name =~ m{/} && -e "src/$name";
	return "$dir/$name" if -e "$dir/$name";
	return "src/$name" if -e "src/$name";
	return;
}

# includes that go up or sideways
sub wrong_includes
{
	my @places;

	foreach my $file (@_)
	{
		foreach my $include (includes($file))
		{
			my ($name, $place) = @$include;
			my $target = target($file, $name) // next;
			my ($from, $to) = (layer($file), layer($target));

			push @places, "$place: includes $name; " . reason($from, $to)
			  unless allowed($from, $to);
		}
	}
	return @places;
}

# uses of functions and constants that go up or sideways
sub wrong_uses
{
	my $graph = call_graph(@_);
	my @places;

	foreach my $file (sort keys %$graph)
	{
		foreach my $other (sort keys %{ $graph->{$file} })
		{
			my ($from, $to) = (layer($file), layer($other));
			my $uses = $graph->{$file}{$other};

			next if allowed($from, $to);
			push @places,
			  map { "$uses->{$_}: uses $_ of $other; " . reason($from, $to) }
			  grep { !($from eq 'core' && $known_upward{$_}) } sort keys %$uses;
		}
	}
	return @places;
}

# what a file outside src/pg includes must be the tree's, or C's
sub foreign_includes
{
	my @places;

	foreach my $file (@_)
	{
		foreach my $include (includes($file))
		{
			my ($name, $place, $quoted) = @$include;
			my $known = $quoted ? defined target($file, $name) : $system_headers{$name};

			push @places, "$place: $name" unless $known;
		}
	}
	return @places;
}

# includes of another folder's headers in src/pg, but for the one that has its name
sub private_includes
{
	my @places;

	foreach my $file (@_)
	{
		foreach my $include (includes($file))
		{
			my $target = target($file, $include->[0]) // next;

			push @places, "$include->[1]: includes $include->[0], which is private to its folder"
			  if $target =~ m{^src/(pg/(\w+))/(\w+)\.h$} && $3 ne $2 && layer($file) ne $1;
		}
	}
	return @places;
}

# graph of files: $graph->{file}{other}{name} = "file:line" of the first use
sub call_graph
{
	my @files = @_;
	my (%defined, %graph);

	Source::macros(grep { /\.h$/ } @files);
	foreach my $file (@files)
	{
		$defined{$_} = $file foreach definitions($file);
	}
	foreach my $file (@files)
	{
		my $uses = uses($file);

		foreach my $name (keys %$uses)
		{
			my $other = $defined{$name} // next;

			$graph{$file}{$other}{$name} = $uses->{$name} if $other ne $file;
		}
	}
	return \%graph;
}

sub circles_of_calls
{
	my $graph = call_graph(@_);

	# the list is asked for an algorithm by those that the algorithms call
	delete $graph->{$_}{'src/algorithms.c'} foreach keys %$graph;
	return circles($graph);
}

sub circles_of_includes
{
	my %graph;

	foreach my $file (@_)
	{
		foreach my $include (includes($file))
		{
			my $target = target($file, $include->[0]) // next;

			$graph{$file}{$target}{ $include->[0] } = $include->[1] if $target ne $file;
		}
	}
	return circles(\%graph);
}

# the shortest way round through each file that is on a circle, each circle once
sub circles
{
	my $graph = shift;
	my (%told, @circles);

	foreach my $file (sort keys %$graph)
	{
		my $way = way_round($graph, $file) // next;
		my $name = join ' ', sort @$way;

		next if $told{$name}++;
		push @circles, join ', ', map {
			my ($from, $to) = ($way->[$_], $way->[ ($_ + 1) % @$way ]);
			my ($use) = sort keys %{ $graph->{$from}{$to} };

			"$graph->{$from}{$to}{$use}: $use of $to";
		} 0 .. $#$way;
	}
	return @circles;
}

# the files of the shortest circle through one, by breadth first
sub way_round
{
	my ($graph, $start) = @_;
	my %before;
	my @queue = ($start);

	while (defined(my $file = shift @queue))
	{
		foreach my $next (sort keys %{ $graph->{$file} // {} })
		{
			if ($next eq $start)
			{
				my @way = ($file);

				unshift @way, $before{ $way[0] } while $way[0] ne $start;
				return \@way;
			}
			next if exists $before{$next};
			$before{$next} = $file;
			push @queue, $next;
		}
	}
	return;
}

1;

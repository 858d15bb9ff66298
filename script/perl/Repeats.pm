# Repeats.pm - lines of C that stand twice, for script/manners
#
# Six lines in a row that are the same in two places, apart from white space and
# comments, are logic that wants to be a function.  So are eight lines within
# functions that are the same but for names and numbers.  Lines without a letter
# or with a lone keyword, those of the preprocessor, declarations of functions and
# fields of tables (.name = value) do not count, nor do, where names differ, lines that
# word an error or declare a variable: they neither make a run nor break one.
package Repeats;

use strict;
use warnings;

use Exporter 'import';
use Source;

our @EXPORT = qw(repeats repeats_of_shape);

my %keywords = map { $_ => 1 }
  qw(break case const do double else false float for if int int32_t int64_t return size_t sizeof static switch
  true void while NULL Datum FcModel FcReal FC_REAL FC_VARIANT);

# the lines of a file that count: [number, text]
sub lines_that_count
{
	my $file = shift;
	my $number = 0;
	my @lines;

	foreach my $line (split /\n/, statements($file))
	{
		$number++;
		$line =~ s/(?<=\w)\s+(?=\w)/ /g;
		$line =~ s/(?<!\w)\s+|\s+(?!\w)//g;
		next
		  if $line !~ /[A-Za-z]/
		  || $line =~ /^(?:else|break;|default:|return;|static|void|Datum|extern.*;|\.\w+=.*,|PG_FUNCTION_INFO_V1.*)$/;
		push @lines, [ $number, $line ];
	}
	return @lines;
}

# the lines of each function of a file, without the wording of errors
sub lines_of_functions
{
	my $file = shift;
	my $passed_over = qr/^(?:\(?err\w+\(|ereport\(|case\b|")|^(?:const )?\w+[ *]+\w+(?:\[.*\])?;$/;
	my @all = grep { $_->[1] !~ $passed_over } lines_that_count($file);
	my @functions;

	foreach my $function (functions($file))
	{
		my ($first) = $function->{place} =~ /:(\d+)$/;
		my $last = $first + 2 + $function->{lines};

		push @functions, [ grep { $_->[0] >= $first && $_->[0] <= $last } @all ];
	}
	return @functions;
}

# a run of lines, in which each name and number is called by the place of its first use
sub shape
{
	my $run = shift;
	my %names;

	$run =~ s/([A-Za-z_]\w*|\d[\w.]*)/$keywords{$1} ? $1 : ($names{$1} \/\/= '#' . keys %names)/ge;
	return $run;
}

# pairs of places that share at least so many lines, each pair at its longest
sub repeats
{
	my ($least, @files) = @_;

	return pairs($least, sub { shift }, map { [ $_, [ lines_that_count($_) ] ] } @files);
}

# the same of lines that differ in names
sub repeats_of_shape
{
	my ($least, @files) = @_;

	return pairs($least, \&shape, map { [ $_, lines_of_functions($_) ] } @files);
}

# where runs of lines are that $same makes the same; files are [name, stretch, stretch, ...],
# and no run goes on from one stretch of lines to the next
sub pairs
{
	my ($least, $same, @files) = @_;
	my (%at, %pairs);

	foreach my $entry (@files)
	{
		my ($file, @stretches) = @$entry;
		my $position = 0;

		foreach my $lines (@stretches)
		{
			foreach my $i (0 .. @$lines - $least)
			{
				my @run = @$lines[ $i .. $i + $least - 1 ];

				push @{ $at{ $same->(join "\n", map { $_->[1] } @run) } },
				  [ $file, $position + $i, $run[0][0], $run[-1][0] ];
			}
			$position += @$lines + 1;
		}
	}
	foreach my $places (values %at)
	{
		foreach my $b (1 .. $#$places)
		{
			my ($x, $y) = @$places[ 0, $b ];

			next if $x->[0] eq $y->[0] && $y->[1] - $x->[1] < $least;
			push @{ $pairs{"$x->[0] $y->[0]"}{ $y->[1] - $x->[1] } }, [ $x, $y ];
		}
	}
	return merged(\%pairs);
}

# runs that overlap, as one pair of places
sub merged
{
	my $pairs = shift;
	my @places;

	foreach my $by_distance (map { $pairs->{$_} } sort keys %$pairs)
	{
		foreach my $distance (sort { $a <=> $b } keys %$by_distance)
		{
			my @runs = sort { $a->[0][1] <=> $b->[0][1] } @{ $by_distance->{$distance} };
			my ($first, $last);

			foreach my $run (@runs, undef)
			{
				if (defined $run && defined $last && $run->[0][1] == $last->[0][1] + 1)
				{
					$last = $run;
					next;
				}
				push @places, sprintf '%s:%d-%d and %s:%d-%d', @{ $first->[0] }[ 0, 2 ], $last->[0][3],
				  @{ $first->[1] }[ 0, 2 ], $last->[1][3]
				  if defined $last;
				$first = $last = $run;
			}
		}
	}
	return @places;
}

1;

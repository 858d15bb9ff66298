# Repeats.pm - lines of C that stand twice, for script/manners
#
# Six lines in a row that are the same in two places, apart from white space and
# comments, are logic that wants to be a function.  Lines without a letter or with
# a lone keyword, those of the preprocessor, declarations of functions and fields
# of tables (.name = value) do not count: they neither make a run nor break one.
package Repeats;

use strict;
use warnings;

use Exporter 'import';
use Source;

our @EXPORT = qw(repeats);

# the lines of a file that count: [number, text]
sub lines_that_count
{
	my $file = shift;
	my $number = 0;
	my @lines;

	foreach my $line (split /\n/, statements($file))
	{
		$number++;
		$line =~ s/\s+//g;
		next
		  if $line !~ /[A-Za-z]/
		  || $line =~ /^(?:else|break;|default:|return;|static|void|Datum|extern.*;|\.\w+=.*,|PG_FUNCTION_INFO_V1.*)$/;
		push @lines, [ $number, $line ];
	}
	return @lines;
}

# pairs of places that share at least so many lines, each pair at its longest
sub repeats
{
	my ($least, @files) = @_;
	my (%at, %lines, @pairs);

	foreach my $file (@files)
	{
		my @lines = lines_that_count($file);

		$lines{$file} = \@lines;
		foreach my $i (0 .. $#lines - $least + 1)
		{
			my $run = join "\n", map { $_->[1] } @lines[ $i .. $i + $least - 1 ];

			push @{ $at{$run} }, [ $file, $i ];
		}
	}
	foreach my $places (values %at)
	{
		foreach my $a (0 .. $#$places)
		{
			foreach my $b ($a + 1 .. $#$places)
			{
				push @pairs, longest(\%lines, $places->[$a], $places->[$b], $least);
			}
		}
	}
	@pairs = sort @pairs;
	return @pairs;
}

# the run of two places as text, or nothing where it begins earlier
sub longest
{
	my ($lines, $a, $b, $length) = @_;
	my ($x, $i) = @$a;
	my ($y, $j) = @$b;

	return if $i > 0 && $j > 0 && $lines->{$x}[ $i - 1 ][1] eq $lines->{$y}[ $j - 1 ][1];
	return if $x eq $y && $j - $i < $length;
	$length++
	  while $i + $length <= $#{ $lines->{$x} }
	  && $j + $length <= $#{ $lines->{$y} }
	  && $lines->{$x}[ $i + $length ][1] eq $lines->{$y}[ $j + $length ][1]
	  && ($x ne $y || $i + $length < $j);
	return sprintf '%s:%d-%d and %s:%d-%d', $x, $lines->{$x}[$i][0], $lines->{$x}[ $i + $length - 1 ][0],
	  $y, $lines->{$y}[$j][0], $lines->{$y}[ $j + $length - 1 ][0];
}

1;

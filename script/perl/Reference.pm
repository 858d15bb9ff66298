# Reference.pm - the builders and the table of options in doc/reference.md, for script/options-sql
#
#	my $new = with_builders($text, $sql);
#	my $newer = with_options($new, $table);
#
# The signatures look as the server shows them.  A row of the table stands for all
# algorithms that have an option with the same type, default and range.  What is
# written by hand stays: the meanings, and the order of the rows.
package Reference;

use strict;
use warnings;

use Exporter 'import';
use Math::BigFloat;
use Text::Wrap ();

our @EXPORT = qw(with_builders with_options);

my %types = (float8 => 'double precision', 'float8[]' => 'double precision[]', '"any"' => 'any');

# ---- signatures

# "name type DEFAULT value" as pg_get_function_arguments() gives it
sub argument
{
	my $line = shift;
	my ($name, $type, $value) = $line =~ /^(\w+) (\S+) DEFAULT (.*)$/ or die "this is no argument: $line\n";

	$type = $types{$type} // $type unless $type eq '"any"';
	$value = "NULL::$type" if $value eq 'NULL';
	$value = Math::BigFloat->new($value)->bstr if $value =~ /^[\d.]+e/;
	$value .= '::text' if $value =~ /'$/;
	return "$name $type DEFAULT $value";
}

sub signature
{
	my ($name, $arguments, $result) = @_;
	my $text = "$name(" . join(', ', map { argument($_) } $arguments =~ /^\t(.*?),?$/mg) . ") returns $result";

	local ($Text::Wrap::columns, $Text::Wrap::tabstop, $Text::Wrap::unexpand) = (113, 4, 0);
	return Text::Wrap::wrap('', "\t", $text) =~ s/^    /\t/mgr . "\n";
}

# the document with the signatures of the builders in the SQL, in the block that begins with one
sub with_builders
{
	my ($document, $sql) = @_;
	my @signatures;

	push @signatures, signature($1, $2, $3) while $sql =~ /^CREATE FUNCTION (\w+_options)\(\n(.*?)^\) RETURNS (\w+)$/msg;
	$document =~ s/^```\n\K(?!cluster_)\w+_options\(.*?(?=^```\n)/join "\n", @signatures/mse
	  or die "doc\/reference.md has no block of builders\n";
	return $document;
}

# ---- the table

# the algorithms of a row: all; others, if they are the most of all; or their names
sub scope
{
	my ($algorithms, $with_option, $all, $most) = @_;

	return 'all' if @$algorithms == $all;
	return 'others' if $with_option == $all && @$algorithms == $most;
	return join ', ', sort @$algorithms;
}

# the rows that the table of options asks for, each a list of cells with the help as the last
sub rows
{
	my @lines = map { [ split /\t/ ] } split /\n/, shift;
	my (%groups, %with_option, %most, %algorithms, @rows);

	foreach my $line (@lines)
	{
		my ($option, $algorithm, $type, @rest) = @$line;
		my $help = pop @rest;
		my $key = join "\t", $option, $type = $types{$type} // $type, @rest;

		push @rows, $groups{$key} = { cells => [ $option, undef, $type, @rest, $help ] } unless $groups{$key};
		push @{ $groups{$key}{algorithms} }, $algorithm;
		$algorithms{$algorithm}++;
		$with_option{$option}++;
	}
	foreach my $group (@rows)
	{
		my $most = \$most{ $group->{cells}[0] };

		$$most = @{ $group->{algorithms} } if @{ $group->{algorithms} } > ($$most // 0);
	}
	$_->{cells}[1] = scope($_->{algorithms}, $with_option{ $_->{cells}[0] }, scalar keys %algorithms, $most{ $_->{cells}[0] })
	  foreach @rows;
	return map { $_->{cells} } @rows;
}

# of a row that stands there
sub cells
{
	my $line = shift;
	my @cells = $line =~ /^\| `([^`]*)` \| ([^|]*) \| ([^|]*) \| `([^`]*)` \| ([^|]*) \| (.*) \|$/
	  or die "this is no row of the table of options: $line\n";

	return @cells;
}

# where among the old rows a new one belongs: in the place of one that said the same, or that shared an algorithm
sub place
{
	my ($new, @old) = @_;
	my @rivals = grep { $old[$_][0] eq $new->[0] } 0 .. $#old;
	my ($same) = grep { join("\t", @{ $old[$_] }[ 0 .. 4 ]) eq join("\t", @$new[ 0 .. 4 ]) } @rivals;
	my %algorithms = map { $_ => 1 } split /, /, $new->[1];

	return $same // (grep { grep { $algorithms{$_} } split /, /, $old[$_][1] } @rivals)[0];
}

# the document with these options in its table; a new one takes its place behind the one before it, with the help as its meaning
sub with_options
{
	my ($document, $table) = @_;
	my ($text) = $document =~ /^\| option [^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/m or die "doc/reference.md has no table of options\n";
	my @old = map { [ cells($_) ] } split /\n/, $text;
	my (@places, %taken);
	my $last = -1;

	foreach my $new (rows($table))
	{
		my $place = place($new, @old);

		if (defined $place && !$taken{$place}++)
		{
			$new->[5] = $old[$place][5];
			$last = $place;
		}
		elsif (defined $place)
		{
			$new->[5] = 'as above';
			$last = $place;
		}
		push @{ $places[ $last + 1 ] }, $new;
	}
	my $rows = join '', map { sprintf "| `%s` | %s | %s | `%s` | %s | %s |\n", @$_ } map { @{ $_ // [] } } @places;

	return $document =~ s/\Q$text\E/$rows/r;
}

1;

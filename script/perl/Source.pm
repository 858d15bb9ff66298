# Source.pm - C files as script/manners reads them: text, functions, structs, uses
#
# No parser: it relies on the layout of this tree, where a function's name and its
# braces stand in column one, and on names with external linkage being unique.
package Source;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(text code comments statements place blank includes functions structs
  definitions uses);

my %texts;
my %codes;

sub text
{
	my $file = shift;

	return $texts{$file} //= do
	{
		open my $in, '<', $file or die "$file: $!";
		local $/;
		<$in> // '';
	};
}

# the text without comments and the contents of strings; lines stay where they are
sub code
{
	my $file = shift;

	return $codes{$file} //= do
	{
		my $code = text($file);

		$code =~ s{(/\*.*?\*/)|("(?:[^"\\\n]|\\.)*")|('(?:[^'\\\n]|\\.)')|(//[^\n]*)}
				  {defined $2 ? '""' : defined $3 ? "' '" : blank($&)}gse;
		$code;
	};
}

# the text without all but comments
sub comments
{
	my $text = text(shift);
	my $comments = '';
	my $end = 0;

	while ($text =~ m{/\*.*?\*/|//[^\n]*}gs)
	{
		$comments .= blank(substr $text, $end, $-[0] - $end) . $&;
		$end = $+[0];
	}
	return $comments . blank(substr $text, $end);
}

# the code without lines of the preprocessor
sub statements
{
	my $code = code(shift);

	$code =~ s/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/blank($&)/gme;
	return $code;
}

sub blank
{
	my $text = shift;

	$text =~ s/[^\n]//g;
	return " $text";
}

# "file:line" of a position in a text
sub place
{
	my ($file, $text, $position) = @_;

	return $file . ':' . (1 + (substr($text, 0, $position) =~ tr/\n//));
}

# what a file includes: [name, "file:line", in quotes or not]; a file of variants
# includes what FC_VARIANTS_OF names
sub includes
{
	my $file = shift;
	my $text = text($file);
	my @found;

	push @found, [ $+{name}, place($file, $text, $-[0]), ($+{mark} // '"') eq '"' ]
	  while $text =~
	  /^[ \t]*#[ \t]*(?:include|define[ \t]+FC_VARIANTS_OF)[ \t]*(?<mark>["<])(?<name>[^">]*)[">]/mg;
	return @found;
}

# functions of a file: name, static or not, "file:line", lines and text of the body
sub functions
{
	my $file = shift;
	my $text = statements($file);
	my @found;

	$text =~ s/\b__attribute__\s*(\((?:[^()]++|(?1))*\))/blank($&)/ge;
	while ($text =~ /^([^\n;{}]*\n)?([\w *]*?\b(\w+)[ ]*(\([^;{}]*\)))\s*^\{\n(.*?)^\}/gms)
	{
		my ($before, $head, $name, $arguments, $body, $position) =
		  ($1 // '', $2, $3, $4, $5, $-[2]);

		my $variant = $name eq 'FC_VARIANT' && $arguments =~ /\((\w+)\)/;

		$name = $1 if $variant;
		push @found,
		  {
			name => $name,
			static => $variant || "$before$head" =~ /\bstatic\b/ ? 1 : 0,
			inline => "$before$head" =~ /\binline\b/ ? 1 : 0,
			place => place($file, $text, $position),
			lines => $body =~ tr/\n//,
			body => $body
		  };
	}
	return @found;
}

# structs of a file: name, "file:line", number of fields, those of structs inside included
sub structs
{
	my $file = shift;
	my $text = statements($file);
	my @found;

	while ($text =~ /\bstruct\s+(\w+)\s*(\{(?:[^{}]++|(?2))*\})/g)
	{
		my ($name, $body, $position) = ($1, $2, $-[0]);
		my $fields = 0;

		1 while $body =~ s/\((?:[^()]*)\)//g;
		$fields += 1 + ($1 =~ tr/,//) while $body =~ /([^;{}]+);/g;
		push @found,
		  { name => $name, place => place($file, $text, $position), fields => $fields };
	}
	return @found;
}

# names with external linkage that a file defines: functions, inline ones, constants
sub definitions
{
	my $file = shift;
	my $header = $file =~ /\.h$/;
	my $text = statements($file);
	my %names;

	$names{ $_->{name} } = 1
	  foreach grep { !$_->{static} || ($header && $_->{inline} && $_->{name} =~ /^fc_/) } functions($file);
	while ($text =~ /^(?!static\b|extern\b|typedef\b)const\s+[\w ]+?[ *]+(?:const\s+)?(\w+)\s*(?:\[[^=;]*\])?\s*=/mg)
	{
		$names{$1} = 1;
	}
	while ($text =~ /^(?:PG_FUNCTION_INFO_V1|FC_\w*ALGORITHM)\s*\(\s*(\w+)/mg)
	{
		$names{$1} = 1;
	}
	return keys %names;
}

# macros of the headers: name => text
my %macros;

sub macros
{
	my @headers = @_;

	foreach my $file (@headers)
	{
		my $code = code($file);

		while ($code =~ /^[ \t]*#[ \t]*define[ \t]+(\w+)((?:[^\n]*\\\n)*[^\n]*)/mg)
		{
			$macros{$1} .= " $2";
		}
	}
	return;
}

# Names that a file uses, each with the "file:line" of its first use: calls, and
# names that begin with fc_ in any place.  What a macro of a header uses belongs
# to the file that uses the macro.
sub uses
{
	my $file = shift;
	my $header = $file =~ /\.h$/;
	my $text = $header ? statements($file) : code($file);
	my %found;
	my %seen;

	# declarations are no uses
	$text =~ s/^(?:pg_noreturn\s+)?extern\b[^;{]*;/blank($&)/gme;
	while ($text =~ /(?<!->)(?<![.\w])([A-Za-z_]\w*)(\s*\()?/g)
	{
		my ($name, $call, $position) = ($1, $2, $-[1]);

		$found{$name} //= place($file, $text, $position) if $call || $name =~ /^fc_/;
		add_macro($name, place($file, $text, $position), \%found, \%seen)
		  if $macros{$name} && !$seen{$name};
	}
	return \%found;
}

sub add_macro
{
	my ($macro, $place, $found, $seen) = @_;
	my $text = $macros{$macro};

	$seen->{$macro} = 1;
	while ($text =~ /(?<!->)(?<![.\w#])([A-Za-z_]\w*)(\s*\()?/g)
	{
		my ($name, $call) = ($1, $2);

		$found->{$name} //= $place if $call || $name =~ /^fc_/;
		add_macro($name, $place, $found, $seen) if $macros{$name} && !$seen->{$name};
	}
	return;
}

1;

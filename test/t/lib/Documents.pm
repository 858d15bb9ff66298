# Documents.pm - blocks of code in the documents, and their output
#
#	my @blocks = code_blocks($text, 'sql');
#	check_blocks($title, \@blocks, @outputs);
#
# A block begins with ``` and a language.  If a block that begins with ```text follows, with only
# empty lines between, it is the output of the block, errors and notices included; else the block
# must not fail.
package Documents;

use strict;
use warnings;

use Exporter 'import';
use Test::More;

our @EXPORT = qw(code_blocks check_blocks trimmed with_outputs);

my $text_block = qr/(\n*^```text\n)(.*?)^```\n/ms;

# the blocks in one of these languages: number of the line, language, code, and the text that follows or undef
sub code_blocks
{
	my ($document, @languages) = @_;
	my $languages = join '|', @languages;
	my @blocks;

	while ($document =~ /^```($languages)\n(.*?)^```\n(?:$text_block)?/gms)
	{
		my ($language, $code, $text, $start) = ($1, $2, $4, $-[0]);

		push @blocks,
		  {
			line => 1 + (substr($document, 0, $start) =~ tr/\n//),
			language => $language,
			code => $code,
			text => $text
		  };
	}
	return @blocks;
}

# without invisible blanks
sub trimmed
{
	my $text = shift;

	$text =~ s/[ \t]+$//mg;
	$text =~ s/\A\n+//;
	$text =~ s/\s*\z/\n/;
	return $text eq "\n" ? '' : $text;
}

# the document with the outputs in it, one for each block in one of the languages; undef leaves it unchanged
sub with_outputs
{
	my ($document, $languages, @outputs) = @_;
	my $any = join '|', @$languages;

	$document =~ s{^(```(?:$any)\n.*?^```\n)(?:$text_block)?}
				  {my $out = shift @outputs; defined $2 ? $1 . $2 . ($out // $3) . "```\n" : $1}gmse;
	return $document;
}

# one assertion per block: its output is as documented, or at least it did not fail
sub check_blocks
{
	my ($title, $blocks, @outputs) = @_;

	foreach my $block (@$blocks)
	{
		my $output = shift @outputs;
		my $name = "$title, line $block->{line}";

		$output = "(the session ended before this block)\n" unless @outputs;
		if (defined $block->{text})
		{
			is($output, trimmed($block->{text}), $name);
		}
		else
		{
			unlike($output, qr/^(?:ERROR|FATAL|PANIC|\\|invalid|psql|[(]the session)/m, $name);
		}
	}
	cmp_ok(scalar @$blocks, '>', 0, "$title has blocks to run");
	return;
}

1;

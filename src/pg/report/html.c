/*
 * html.c - text, numbers and elements of a page
 *
 * Text is UTF-8 until it is written, by fc_svg_write() as that of pictures, and then ASCII:
 * characters that HTML gives a meaning, and all beyond ASCII, are written as references.
 * So the page is right in every encoding of a database, and in every one that a client
 * makes of it.  Text of users is between <bdi> and </bdi>: no character in it that changes the
 * direction of writing has an effect beyond it.
 */
#include "pg/report/report.h"

#include "mb/pg_wchar.h"

#define ELLIPSIS	"\xE2\x80\xA6"
#define INFINITE	"\xE2\x88\x9E"

/* ---- text ---- */

/* Markup; arguments must not be texts of users */
void
fc_html(HtmlPage *p, const char *format,...)
{
	va_list		arguments;
	int			needed;

	do
	{
		va_start(arguments, format);
		needed = appendStringInfoVA(&p->html, format, arguments);
		va_end(arguments);
		if (needed > 0)
			enlargeStringInfo(&p->html, needed);
	} while (needed > 0);
}

/* Words of ours */
void
fc_html_text(HtmlPage *p, const char *utf8)
{
	fc_svg_write(&p->html, utf8);
}

/* The first "most" characters, with an ellipsis if there are more */
const char *
fc_first_characters(const char *utf8, int most)
{
	const char *end = utf8;

	while (*end != '\0' && most-- > 0)
		for (int length = pg_encoding_mblen(PG_UTF8, end); *end != '\0' && length > 0; length--)
			end++;				/* no further than there is text, which may not be UTF-8 */
	return *end == '\0' ? utf8 : psprintf("%.*s" ELLIPSIS, (int) (end - utf8), utf8);
}

/* Words of users, truncated to a reasonable length; where no elements are allowed */
void
fc_html_user_words(HtmlPage *p, const char *utf8)
{
	fc_html_text(p, fc_first_characters(utf8, p->limits.characters));
}

/* The same elsewhere */
void
fc_html_user_text(HtmlPage *p, const char *utf8)
{
	fc_html(p, "<bdi>");
	fc_html_user_words(p, utf8);
	fc_html(p, "</bdi>");
}

/* A paragraph in our words */
void
fc_html_note(HtmlPage *p, const char *format,...)
{
	char		note[1024];
	va_list		arguments;

	va_start(arguments, format);
	vsnprintf(note, sizeof(note), format, arguments);
	va_end(arguments);
	fc_html(p, "<p>");
	fc_html_text(p, note);
	fc_html(p, "</p>\n");
}

/* ---- numbers ---- */

/* The same with a minus sign in the place of hyphens */
static const char *
with_minus(const char *number)
{
	StringInfoData s;

	initStringInfo(&s);
	for (; *number != '\0'; number++)
		if (*number == '-')
			appendStringInfoString(&s, FC_MINUS);
		else
			appendStringInfoChar(&s, *number);
	return s.data;
}

/* With four significant digits, or all those of its integer part */
const char *
fc_number(double value)
{
	if (isnan(value))
		return FC_DASH;
	if (isinf(value))
		return value > 0 ? INFINITE : FC_MINUS INFINITE;
	if (fabs(value) >= 1000 && fabs(value) < 1e9)
		return fc_svg_count((int64) rint(value));
	return with_minus(psprintf("%.4g", value + 0.0));
}

const char *
fc_percent(double share)
{
	return isnan(share) ? FC_DASH : psprintf("%.1f %%", 100 * share);
}

const char *
fc_count(int64 n)
{
	return fc_svg_count(n);
}

const char *
fc_counted_rows(int64 n)
{
	return psprintf("%s %s", fc_count(n), n == 1 ? "row" : "rows");
}

/* ---- elements ---- */

void
fc_html_begin_section(HtmlPage *p, const char *id, const char *title)
{
	fc_html(p, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
	fc_html_text(p, title);
	fc_html(p, "</h2>\n");
}

void
fc_html_end_section(HtmlPage *p)
{
	fc_html(p, "</section>\n");
}

/* Wide ones scroll in their own box, which keys can reach; head cells follow */
void
fc_html_begin_table(HtmlPage *p, const char *caption)
{
	fc_html(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
	fc_html_text(p, caption);
	fc_html(p, "\"><table>\n<caption>");
	fc_html_text(p, caption);
	fc_html(p, "</caption>\n<thead><tr>");
}

/* Once it has its head cells */
void
fc_html_end_head(HtmlPage *p)
{
	fc_html(p, "</tr></thead>\n<tbody>");
}

void
fc_html_end_table(HtmlPage *p)
{
	fc_html(p, "</tbody></table></div>\n");
}

void
fc_html_head_cell(HtmlPage *p, const char *text, bool number)
{
	fc_html(p, number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
	fc_html_text(p, text);
	fc_html(p, "</th>");
}

void
fc_html_cell(HtmlPage *p, const char *text)
{
	fc_html(p, "<td>");
	fc_html_text(p, text);
	fc_html(p, "</td>");
}

void
fc_html_number_cell(HtmlPage *p, const char *text)
{
	fc_html(p, "<td class=\"n\">");
	fc_html_text(p, text);
	fc_html(p, "</td>");
}

/* A share as a bar, beside the number that says it */
void
fc_html_bar_cell(HtmlPage *p, double share)
{
	double		width = share > 0 ? Min(share, 1) : 0;	/* NaN: none */

	fc_html(p, "<td class=\"bar\" aria-hidden=\"true\"><div style=\"width:%.1f%%\"></div></td>", 100 * width);
}

/* Narrow screens scroll it in its own box */
void
fc_html_begin_figure(HtmlPage *p)
{
	fc_html(p, "<figure><div class=\"scroll\" tabindex=\"0\">");
}

void
fc_html_end_figure(HtmlPage *p, const char *caption)
{
	fc_html(p, "</div><figcaption>");
	fc_html_text(p, caption);
	fc_html(p, "</figcaption></figure>\n");
}

/* In a list of them: what it is, its value, and what that means, or NULL */
void
fc_html_fact(HtmlPage *p, const char *term, const char *value, const char *meaning)
{
	fc_html(p, "<dl><dt>");
	fc_html_text(p, term);
	fc_html(p, "</dt><dd>");
	fc_html_text(p, value);
	if (meaning)
	{
		fc_html(p, "<small>");
		fc_html_text(p, meaning);
		fc_html(p, "</small>");
	}
	fc_html(p, "</dd></dl>\n");
}

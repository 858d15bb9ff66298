/*
 * svg_text.c - measure, shorten and write the text of a picture
 *
 * The reader's font is unknown, so widths are those of a wide sans-serif.
 * Output is ASCII, with character references for all other characters, which
 * is valid XML in every server encoding. Commas, quotes and backslashes are
 * written as references too, see svg.c. Bytes that are not UTF-8, as a database in
 * SQL_ASCII may have them, become replacement characters. Numbers are formatted from
 * integers, digit by digit, independent of the locale.
 */
#include "postgres.h"

#include <math.h>

#include "mb/pg_wchar.h"

#include "pg/plot/svg.h"

#define ELLIPSIS "\xE2\x80\xA6"

#define REPLACEMENT 0xFFFD

/* Text of the server in UTF-8; that of a database in SQL_ASCII as it is */
const char *
fc_svg_utf8(const char *s)
{
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		return s;
	return pg_server_to_any(s, (int) strlen(s), PG_UTF8);
}

/* The bytes of the first character; 0: they are not UTF-8 */
static int
char_length(const unsigned char *s)
{
	int			length = pg_encoding_mblen(PG_UTF8, (const char *) s);

	for (int i = 1; i < length; i++)
		if (s[i] == '\0')
			return 0;
	return pg_utf8_islegal(s, length) ? length : 0;
}

static const char *
next_char(const char *s, pg_wchar *c)
{
	int			length = char_length((const unsigned char *) s);

	*c = length == 0 ? REPLACEMENT : utf8_to_unicode((const unsigned char *) s);
	return s + Max(length, 1);
}

/* Marks that reorder what follows them, beyond the text that they are in */
static bool
is_reordering(pg_wchar c)
{
	return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* In ems */
static double
char_width(pg_wchar c)
{
	if (is_reordering(c))
		return 0;
	if (c >= 0x1100)
		return 1.0;
	if (c < 0x80 && strchr(" .,:;'|!()[]fijlrtI/-", (int) c) != NULL)
		return 0.4;
	if (c < 0x80 && strchr("mwMW@%", (int) c) != NULL)
		return 0.98;
	if (c >= 'A' && c <= 'Z')
		return 0.72;
	return 0.63;
}

double
fc_svg_text_width(const char *s, double size)
{
	double		width = 0;
	pg_wchar	c;

	while (*s != '\0')
	{
		s = next_char(s, &c);
		width += char_width(c) * size;
	}
	return width;
}

/* The end of what fits in width, before a space if there is one */
static const char *
fitting_end(const char *s, double size, double width, bool at_space)
{
	const char *space = NULL;

	while (*s != '\0')
	{
		pg_wchar	c;
		const char *next = next_char(s, &c);

		width -= char_width(c) * size;
		if (width < 0)
			return at_space && space != NULL ? space : s;
		if (c == ' ')
			space = s;
		s = next;
	}
	return s;
}

/* Where a line of this width ends */
const char *
fc_svg_text_break(const char *s, double size, double width)
{
	return fitting_end(s, size, width, true);
}

/* s, or as much of it as fits and an ellipsis */
const char *
fc_svg_text_fit(const char *s, double size, double width)
{
	const char *end = fitting_end(s, size, width, false);

	if (*end == '\0')
		return s;
	end = fitting_end(s, size, width - size, false);
	return psprintf("%.*s" ELLIPSIS, (int) (end - s), s);
}

/* XML has no place for control characters and U+FFFE, U+FFFF, however written */
static void
write_char(StringInfo out, pg_wchar c)
{
	if (is_reordering(c))
		return;
	if (c == '<')
		appendStringInfoString(out, "&lt;");
	else if (c == '>')
		appendStringInfoString(out, "&gt;");
	else if (c == '&')
		appendStringInfoString(out, "&amp;");
	else if (c == '"' || c == '\'' || c == ',' || c == '\\')
		appendStringInfo(out, "&#%u;", c);
	else if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		appendStringInfoChar(out, ' ');
	else if (c < 0x7F)
		appendStringInfoChar(out, (char) c);
	else
		appendStringInfo(out, "&#%u;", c == 0xFFFE || c == 0xFFFF ? REPLACEMENT : c);
}

void
fc_svg_write(StringInfo out, const char *s)
{
	while (*s != '\0')
	{
		pg_wchar	c;

		s = next_char(s, &c);
		write_char(out, c);
	}
}

void
fc_svg_draw_text(StringInfo out, double x, double y, const char *attributes, const char *s)
{
	appendStringInfo(out, "<text x='%.1f' y='%.1f'%s>", x, y, attributes);
	fc_svg_write(out, s);
	appendStringInfoString(out, "</text>");
}

/* v * 10^exp in plain decimals */
void
fc_svg_add_decimal(StringInfo s, int64 v, int exp, bool group)
{
	char		digits[64];
	int			decimals = Max(-exp, 0);
	int			n = snprintf(digits, sizeof(digits), "%0*lld",
							 decimals + 1, (long long) (v < 0 ? -v : v));

	for (; exp > 0 && v != 0; exp--)
		digits[n++] = '0';
	if (v < 0)
		appendStringInfoString(s, SVG_MINUS);
	for (int i = 0; i < n; i++)
	{
		int			left = n - decimals - i;	/* digits before the point */

		if (left == 0)
			appendStringInfoChar(s, '.');
		else if (group && i > 0 && left > 0 && left % 3 == 0)
			appendStringInfoChar(s, ',');
		appendStringInfoChar(s, digits[i]);
	}
}

/* A power in superscript digits */
void
fc_svg_add_superscript(StringInfo s, int power)
{
	static const char *const superscript[] = {
		"\xE2\x81\xB0", "\xC2\xB9", "\xC2\xB2", "\xC2\xB3", "\xE2\x81\xB4",
		"\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8", "\xE2\x81\xB9"
	};
	char		digits[16];

	snprintf(digits, sizeof(digits), "%d", power);
	for (const char *p = digits; *p != '\0'; p++)
		appendStringInfoString(s, *p == '-' ? "\xE2\x81\xBB" : superscript[*p - '0']);
}

/* A times sign, ten, and the power */
void
fc_svg_add_power(StringInfo s, int power)
{
	appendStringInfoString(s, "\xC3\x97" "10");
	fc_svg_add_superscript(s, power);
}

/* A number of rows */
char *
fc_svg_count(int64 count)
{
	StringInfoData s;

	initStringInfo(&s);
	fc_svg_add_decimal(&s, count, 0, true);
	return s.data;
}

/* A value, of six digits */
char *
fc_svg_number(double v)
{
	char	   *text = psprintf("%.6g", fabs(v));

	return v < 0 ? psprintf(SVG_MINUS "%s", text) : text;
}

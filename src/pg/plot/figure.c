/*
 * figure.c - what figures of a page share: their element, and the colours of light and dark
 *
 * A figure has its colours as attributes, which any program that draws SVG understands.
 * The rules of a page name these colours and put others in their place if the reader's
 * scheme is dark; those of ink, paper, grid and axes are custom properties, which a page
 * may set otherwise. So there is one form of a figure, and each colour has one meaning.
 */
#include "postgres.h"

#include "pg/plot/figure.h"

#define TITLE_SIZE 15.0
#define TITLE_LINE 20
#define BOLD 1.1

#define ON_PALE "#0b0d10"		/* text in a cell */
#define ON_STRONG "#fefefe"
#define STRONGEST_PALE 7		/* level */

typedef struct Paint
{
	const char *name;
	const char *light;
	const char *dark;
} Paint;

static const Paint paints[] = {
	{"ink", INK, "#e6edf3"},
	{"soft-ink", SOFT_INK, "#9da7b1"},
	{"grid", GRID, "#262c34"},
	{"axes", AXES, "#6e7781"},
	{"paper", PAPER, "#0d1117"},
	{"on-pale", ON_PALE, "#fdffff"},
	{"on-strong", ON_STRONG, "#07090c"},
};

/* From below 0 to above it; apart for all kinds of colour vision */
#define LIGHT_BELOW 0x175596
#define LIGHT_MIDDLE 0xF6F6F4
#define LIGHT_ABOVE 0xB2182B
#define DARK_BELOW 0x4A94DC
#define DARK_MIDDLE 0x21262D
#define DARK_ABOVE 0xF47067

/* A channel of the colour that is "part" of 100 on the way between two others */
static int
mix(uint32 from, uint32 to, int shift, int part)
{
	int			a = from >> shift & 0xFF;
	int			b = to >> shift & 0xFF;

	return a + (b - a) * part / 100;
}

static const char *
mixed(uint32 from, uint32 to, int part)
{
	return psprintf("#%02x%02x%02x", mix(from, to, 16, part), mix(from, to, 8, part), mix(from, to, 0, part));
}

static const char *
level_color(int level, uint32 middle, uint32 below, uint32 above)
{
	return mixed(middle, level < 0 ? below : above, abs(level) * 100 / HEAT_LEVELS);
}

/* -HEAT_LEVELS to HEAT_LEVELS */
const char *
fc_heat_color(int level)
{
	return level_color(level, LIGHT_MIDDLE, LIGHT_BELOW, LIGHT_ABOVE);
}

/* Of text on it */
const char *
fc_heat_ink(int level)
{
	return abs(level) > STRONGEST_PALE ? ON_STRONG : ON_PALE;
}

/* ---- rules ---- */

static void
add_rule(StringInfo out, const char *color, const char *value)
{
	appendStringInfo(out, ".fc-figure [fill='%s']{fill:%s}.fc-figure [stroke='%s']{stroke:%s}", color, value, color, value);
}

/* The colour of a cluster on a dark ground: lighter, the more so the darker it is */
static const char *
lightened(const char *color)
{
	uint32		rgb = (uint32) strtoul(color + 1, NULL, 16);
	int			brightness = (int) (2 * (rgb >> 16) + 5 * (rgb >> 8 & 0xFF) + (rgb & 0xFF)) / 8;

	return mixed(rgb, 0xFFFFFF, brightness < 64 ? 50 : brightness < 128 ? 35 : 15);
}

static void
add_dark_rules(StringInfo out)
{
	appendStringInfoString(out, "@media screen and (prefers-color-scheme:dark){:root{");
	for (int i = 0; i < (int) lengthof(paints); i++)
		appendStringInfo(out, "--fc-%s:%s;", paints[i].name, paints[i].dark);
	appendStringInfoChar(out, '}');
	for (int slot = -1; slot < SVG_STYLES; slot++)
	{
		Style		style = fc_svg_style(slot);

		add_rule(out, style.color, lightened(style.color));
	}
	for (int level = -HEAT_LEVELS; level <= HEAT_LEVELS; level++)
		add_rule(out, fc_heat_color(level), level_color(level, DARK_MIDDLE, DARK_BELOW, DARK_ABOVE));
	appendStringInfoChar(out, '}');
}

void
fc_figure_rules(StringInfo out)
{
	appendStringInfoString(out, ".fc-figure{display:block;width:100%;height:auto}"
						   ".fc-figure{fill:var(--fc-ink," INK ")}");
	for (int i = 0; i < (int) lengthof(paints); i++)
		add_rule(out, paints[i].light, psprintf("var(--fc-%s,%s)", paints[i].name, paints[i].light));
	add_dark_rules(out);
}

/* ---- the element ---- */

/* Where the figure's content begins */
FigurePlace
fc_begin_figure(const Figure *f)
{
	FigurePlace at = {.width = f->width > 0 ? f->width : FIGURE_WIDTH, .top = FIGURE_MARGIN};
	double		room = at.width - 2 * FIGURE_MARGIN;
	const char *end;

	if (!f->alone || f->title == NULL)
		return at;
	end = fc_svg_text_break(f->title, TITLE_SIZE * BOLD, room);
	at.title[0] = pnstrdup(f->title, end - f->title);
	if (*end != '\0')
		at.title[1] = fc_svg_text_fit(*end == ' ' ? end + 1 : end, TITLE_SIZE * BOLD, room);
	at.top += 10 + (at.title[1] != NULL ? 2 : 1) * TITLE_LINE;
	return at;
}

/* A file has no ids, so that several may be put into one page */
static void
write_named(StringInfo out, const char *element, const Figure *f, const char *id, const char *text)
{
	appendStringInfo(out, "<%s", element);
	if (!f->alone)
	{
		appendStringInfoString(out, " id='");
		fc_svg_write(out, f->prefix);
		appendStringInfo(out, "-%s'", id);
	}
	appendStringInfoChar(out, '>');
	fc_svg_write(out, text);
	appendStringInfo(out, "</%s>", element);
}

static void
open_in_page(StringInfo out, const Figure *f, double width, double height)
{
	StringInfoData attributes;

	initStringInfo(&attributes);
	appendStringInfoString(&attributes, " class='fc-figure' width='100%' aria-labelledby='");
	fc_svg_write(&attributes, f->prefix);
	appendStringInfoString(&attributes, "-title ");
	fc_svg_write(&attributes, f->prefix);
	appendStringInfoString(&attributes, "-desc'");
	fc_svg_begin(out, width, height, attributes.data);
}

/* description: what is to be seen in such a figure, if the caller of it has said nothing */
void
fc_open_figure(StringInfo out, const Figure *f, const FigurePlace *at, double height, const char *description)
{
	if (f->alone)
		fc_svg_begin(out, at->width, height, psprintf(" width='%g' height='%g'", at->width, height));
	else
		open_in_page(out, f, at->width, height);
	write_named(out, "title", f, "title", f->title);
	write_named(out, "desc", f, "desc", f->description != NULL ? f->description : description);
	if (f->alone)
		appendStringInfoString(out, "<rect width='100%' height='100%' fill='" PAPER "'/>");
	for (int i = 0; i < 2 && at->title[i] != NULL; i++)
		fc_svg_draw_text(out, FIGURE_MARGIN, FIGURE_MARGIN + 14 + i * TITLE_LINE,
						 psprintf(" font-size='%g' font-weight='600'", TITLE_SIZE), at->title[i]);
}

void
fc_close_figure(StringInfo out)
{
	appendStringInfoString(out, "</svg>");
}

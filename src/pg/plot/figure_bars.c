/*
 * figure_bars.c - bars with names and values, and histograms
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/figure.h"

#define ROUNDING 0.5			/* of a width that is just that of a text */
#define MOST_BARS 100
#define PITCH 24.0
#define THICKNESS 14.0
#define GAP 8.0					/* between a name, a bar and a value */
#define LONGEST_NAME 0.4		/* of the width */

#define HISTOGRAM_HEIGHT 0.42	/* of the width */
#define LABEL_ROOM 24			/* for a label beside or under an axis */
#define MOST_BINS 200
#define FEWEST_COUNTS 4

/* ---- bars ---- */

typedef struct BarLayout
{
	double		name;			/* right edge of the names */
	double		bar;			/* where bars begin */
	double		scale;			/* pixels for 1 */
} BarLayout;

static const char *
text_of(const Bars *b, int i)
{
	if (b->text != NULL)
		return b->text[i];
	return isfinite(b->value[i]) ? fc_svg_number(b->value[i]) : "";
}

static bool
has_bar(double value)
{
	return value > 0 && isfinite(value);
}

static BarLayout
lay_out_bars(const Bars *b, int shown, double width)
{
	double		name = 0;
	double		text = 0;
	double		most = b->most;
	double		room;
	BarLayout	l;

	for (int i = 0; i < shown; i++)
	{
		name = Max(name, fc_svg_text_width(b->name[i], TICK_SIZE));
		text = Max(text, fc_svg_text_width(text_of(b, i), TICK_SIZE));
		if (!(b->most > 0) && has_bar(b->value[i]))
			most = Max(most, b->value[i]);
	}
	l.name = FIGURE_MARGIN + Min(name, LONGEST_NAME * width);
	l.bar = l.name + GAP;
	room = Max(width - FIGURE_MARGIN - text - GAP - l.bar, 10);
	l.scale = most > 0 ? room / most : 0;
	return l;
}

static void
draw_bar(StringInfo out, const Bars *b, const BarLayout *l, int i, double y)
{
	const char *name = fc_svg_text_fit(b->name[i], TICK_SIZE, l->name - FIGURE_MARGIN + ROUNDING);
	double		length = has_bar(b->value[i]) ? Max(Min(b->value[i], b->most > 0 ? b->most : INFINITY) * l->scale, 1) : 0;
	Style		style = fc_svg_style(b->cluster == NULL ? 0 : b->cluster[i] - 1);

	appendStringInfoString(out, "<g>");
	if (name != b->name[i])
	{
		appendStringInfoString(out, "<title>");
		fc_svg_write(out, b->name[i]);
		appendStringInfoString(out, "</title>");
	}
	fc_svg_draw_text(out, l->name, y + THICKNESS - 2.5, " text-anchor='end'", name);
	if (length > 0)
		appendStringInfo(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%g' fill='%s'/>",
						 l->bar, y, length, THICKNESS, style.color);
	fc_svg_draw_text(out, l->bar + length + GAP, y + THICKNESS - 2.5, " fill='" SOFT_INK "'", text_of(b, i));
	appendStringInfoString(out, "</g>");
}

void
fc_figure_bars(StringInfo out, const Figure *f, const Bars *bars)
{
	FigurePlace at = fc_begin_figure(f);
	int			shown = Min(bars->n, MOST_BARS);
	BarLayout	l = lay_out_bars(bars, shown, at.width);
	int			lines = shown + (shown < bars->n ? 1 : 0);

	fc_open_figure(out, f, &at, at.top + lines * PITCH + FIGURE_MARGIN,
				   psprintf("Bars of %s values", fc_svg_count(bars->n)));
	appendStringInfo(out, "<g class='bars' font-size='%g'>", TICK_SIZE);
	for (int i = 0; i < shown; i++)
		draw_bar(out, bars, &l, i, at.top + i * PITCH);
	if (shown < bars->n)
		fc_svg_draw_text(out, l.bar, at.top + shown * PITCH + THICKNESS - 2.5, " fill='" SOFT_INK "'",
						 psprintf("and %s more", fc_svg_count(bars->n - shown)));
	appendStringInfoString(out, "</g>");
	fc_close_figure(out);
}

/* ---- histograms ---- */

/* Where the axis of counts ends: if they are whole, its ticks are, too */
static double
end_of_counts(const Histogram *h)
{
	double		most = 0;
	bool		whole = true;

	for (int i = 0; i < h->n; i++)
	{
		most = Max(most, h->count[i]);
		whole = whole && h->count[i] == rint(h->count[i]);
	}
	return whole ? Max(most, FEWEST_COUNTS) : most;
}

/* Axes without padding where bars begin and end */
static void
lay_out_histogram(const Histogram *h, const FigurePlace *at, Axis *x, Axis *y)
{
	PlotAxis	counts = {.kind = AXIS_NUMBER, .min = 0, .max = end_of_counts(h)};
	PlotAxis	values = {.kind = AXIS_NUMBER, .min = h->low, .max = h->high};

	y->start = at->top + at->width * HISTOGRAM_HEIGHT;
	y->end = at->top;
	fc_svg_fit_y(y, &counts, 5);
	if (*fc_svg_axis_note(y) != '\0')
	{
		y->start += 16;
		y->end += 16;
	}
	y->lo = 0;
	x->start = FIGURE_MARGIN + fc_svg_tick_width(y) + 9 + (h->y_label != NULL ? LABEL_ROOM : 0);
	x->end = at->width - FIGURE_MARGIN;
	fc_svg_fit_x(x, &values, 8);
	x->end = Min(x->end, at->width - fc_svg_tick_width(x) / 2);
	fc_svg_fit_x(x, &values, 8);
}

static void
draw_bins(StringInfo out, const Histogram *h, const Axis *x, const Axis *y)
{
	double		from = fc_svg_place(x, h->low);
	double		width = (fc_svg_place(x, h->high) - from) / h->n;
	Style		style = fc_svg_style(0);

	appendStringInfo(out, "<g class='bins' fill='%s'>", style.color);
	for (int i = 0; i < h->n; i++)
	{
		double		top = fc_svg_place(y, h->count[i]);

		if (!(h->count[i] > 0))
			continue;
		appendStringInfo(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f'><title>",
						 from + i * width + 0.5, Min(top, y->start - 1), Max(width - 1, 0.5), Max(y->start - top, 1));
		fc_svg_write(out, psprintf("%s to %s: %s", fc_svg_number(h->low + (h->high - h->low) * i / h->n),
								   fc_svg_number(h->low + (h->high - h->low) * (i + 1) / h->n), fc_svg_number(h->count[i])));
		appendStringInfoString(out, "</title></rect>");
	}
	appendStringInfoString(out, "</g>");
}

void
fc_figure_histogram(StringInfo out, const Figure *f, const Histogram *h)
{
	FigurePlace at = fc_begin_figure(f);
	Axis		x = {0};
	Axis		y = {0};
	double		bottom;

	if (h->n < 1 || h->n > MOST_BINS)
		elog(ERROR, "a histogram has 1 to %d bins, not %d", MOST_BINS, h->n);
	lay_out_histogram(h, &at, &x, &y);
	bottom = y.start + 24 + (h->x_label != NULL || *fc_svg_axis_note(&x) != '\0' ? LABEL_ROOM : 0);
	fc_open_figure(out, f, &at, bottom + FIGURE_MARGIN / 2, psprintf("Histogram with %d bins", h->n));
	fc_svg_draw_grid(out, &x, &y);
	draw_bins(out, h, &x, &y);
	fc_svg_draw_axes(out, &x, &y);
	fc_svg_draw_ticks(out, &x, &y, true);
	fc_svg_draw_labels(out, &x, &y, h->x_label, h->y_label, FIGURE_MARGIN + 10, true);
	fc_close_figure(out);
}

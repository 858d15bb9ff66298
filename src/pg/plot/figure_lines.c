/*
 * figure_lines.c - lines in panels, one below the other, with one x axis
 *
 *	 phase			 | phase
 *	 note of y				 - series - series
 *	 +--------------------------+
 *	 | lines					|
 *	 +--------------------------+
 *	 +--------------------------+
 *	 | lines					|
 *	 +--------------------------+
 *				x label
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "pg/plot/figure.h"

#define PANEL_HEIGHT 130.0
#define PANEL_GAP 14.0
#define HEADER 18.0				/* a line above a panel, with a note or names of series */
#define PHASE_ROOM 20.0
#define NAME_SIZE 11.5
#define LABEL_ROOM 24.0
#define DASH 18.0				/* of a series in the legend, with what follows */
#define ENTRY_GAP 14.0
#define FEW_POINTS 40			/* of a line, which is drawn with its points */
#define POINT_RADIUS 2.2
#define Y_TICKS 5
#define X_TICKS 8
#define LEAST_RATIO 100			/* of values for which a logarithmic axis is worth it */

typedef struct LineLayout
{
	const Lines *lines;
	double		bottom;			/* of the last panel, with labels */
	double		top;			/* of the phases */
	Axis		x;
	Axis	   *y;				/* (npanel) */
} LineLayout;

typedef struct Range
{
	double		min;
	double		max;
} Range;

/* ---- layout ---- */

/* Values below "least" do not count */
static void
extend(Range *r, const double *v, int n, double least)
{
	for (int i = 0; i < n; i++)
		if (isfinite(v[i]) && v[i] >= least)
		{
			r->min = Min(r->min, v[i]);
			r->max = Max(r->max, v[i]);
		}
}

static PlotAxis
axis_of(Range r, bool log)
{
	PlotAxis	axis = {.kind = AXIS_NUMBER, .min = r.min, .max = r.max};

	if (r.min > r.max)
		axis.min = axis.max = 0;
	else if (log)
		axis = (PlotAxis) {.kind = AXIS_LOG, .min = log10(r.min), .max = log10(r.max)};
	return axis;
}

static PlotAxis
y_axis(const Panel *p)
{
	Range		r = {INFINITY, -INFINITY};

	for (int s = 0; s < p->nseries; s++)
		extend(&r, p->series[s].y, p->series[s].n, p->scale == PANEL_LOG ? DBL_TRUE_MIN : -INFINITY);
	return axis_of(r, p->scale == PANEL_LOG || (p->scale == PANEL_AUTO && r.min > 0 && r.max / r.min >= LEAST_RATIO));
}

static PlotAxis
x_axis(const Lines *lines)
{
	Range		r = {INFINITY, -INFINITY};

	for (int p = 0; p < lines->npanel; p++)
		for (int s = 0; s < lines->panel[p].nseries; s++)
			extend(&r, lines->panel[p].series[s].x, lines->panel[p].series[s].n, -INFINITY);
	if (r.min == r.max)
		r = (Range) {r.min - 1, r.max + 1};
	return axis_of(r, false);
}

static void
draw_entry(StringInfo out, const Series *series, int slot, double x, double y)
{
	Style		style = fc_svg_style(slot);

	appendStringInfo(out, "<path d='M%.1f %.1fh12' stroke='%s' stroke-width='2.5'/>", x, y - 4, style.color);
	fc_svg_draw_text(out, x + DASH, y, "", series->name);
}

/*
 * Names of the series, in as many lines as they take beside the note of the axis; returns these.
 * out: NULL to count them only; top: of the first one
 */
static int
put_legend(StringInfo out, const LineLayout *l, const Axis *y, const Panel *p, double top)
{
	double		left = l->x.start + fc_svg_text_width(fc_svg_axis_note(y), TICK_SIZE) + ENTRY_GAP;
	double		x = left;
	int			line = 1;

	for (int s = 0; s < p->nseries; s++)
	{
		double		width = DASH + fc_svg_text_width(p->series[s].name, NAME_SIZE);

		if (x > left && x + width > l->x.end)
		{
			x = left;
			line++;
		}
		if (out != NULL)
			draw_entry(out, &p->series[s], s, x, top + line * HEADER - 6);
		x += width + ENTRY_GAP;
	}
	return line;
}

/* The axis of a panel, wherever that is */
static void
fit_panel(const Panel *panel, Axis *y)
{
	PlotAxis	axis = y_axis(panel);

	y->end = 0;
	y->start = PANEL_HEIGHT;
	fc_svg_fit_y(y, &axis, Y_TICKS);
}

/* Lines above a panel */
static int
header_lines(const LineLayout *l, int p)
{
	const Panel *panel = &l->lines->panel[p];

	if (panel->nseries > 1)
		return put_legend(NULL, l, &l->y[p], panel, 0);
	return *fc_svg_axis_note(&l->y[p]) != '\0' ? 1 : 0;
}

/* Ticks that the x axis may have: if its values are whole, no more than there are */
static int
x_ticks(const Lines *lines, const PlotAxis *axis)
{
	for (int p = 0; p < lines->npanel; p++)
		for (int s = 0; s < lines->panel[p].nseries; s++)
			for (int i = 0; i < lines->panel[p].series[s].n; i++)
				if (lines->panel[p].series[s].x[i] != rint(lines->panel[p].series[s].x[i]))
					return X_TICKS;
	return (int) Min(X_TICKS, axis->max - axis->min + 1);
}

static LineLayout
lay_out(const Lines *lines, const FigurePlace *at)
{
	LineLayout	l = {.lines = lines, .top = at->top};
	PlotAxis	axis = x_axis(lines);
	int			ticks = x_ticks(lines, &axis);
	double		widest = 0;
	double		top = at->top + (lines->nphase > 0 ? PHASE_ROOM : 0);

	l.y = palloc0(lines->npanel * sizeof(Axis));
	for (int p = 0; p < lines->npanel; p++)
	{
		fit_panel(&lines->panel[p], &l.y[p]);
		widest = Max(widest, fc_svg_tick_width(&l.y[p]));
	}
	l.x.start = FIGURE_MARGIN + LABEL_ROOM + widest + 9;
	l.x.end = at->width - FIGURE_MARGIN;
	fc_svg_fit_x(&l.x, &axis, ticks);
	l.x.end = Min(l.x.end, at->width - fc_svg_tick_width(&l.x) / 2);
	fc_svg_fit_x(&l.x, &axis, ticks);
	for (int p = 0; p < lines->npanel; p++)
	{
		l.y[p].end = top + header_lines(&l, p) * HEADER;
		l.y[p].start = l.y[p].end + PANEL_HEIGHT;
		top = l.y[p].start + PANEL_GAP;
	}
	l.bottom = top - PANEL_GAP + (lines->x_label != NULL || *fc_svg_axis_note(&l.x) != '\0' ? 48 : 24);
	return l;
}

/* ---- drawing ---- */

/* Where phase i begins: in the middle between it and the one before */
static double
phase_start(const LineLayout *l, int i)
{
	const Phase *phase = l->lines->phase;

	if (i == 0)
		return l->x.start;
	if (i == l->lines->nphase)
		return l->x.end;
	return fc_svg_place(&l->x, (phase[i - 1].last + phase[i].first) / 2);
}

/* Bands, every second of which is tinted, with names where they have room */
static void
draw_phases(StringInfo out, const LineLayout *l)
{
	double		bottom = l->y[l->lines->npanel - 1].start;

	appendStringInfo(out, "<g class='phases' font-size='%g' fill='" SOFT_INK "'>", NAME_SIZE);
	for (int i = 0; i < l->lines->nphase; i++)
	{
		double		from = phase_start(l, i);
		double		width = phase_start(l, i + 1) - from;
		const char *name = l->lines->phase[i].name;

		appendStringInfo(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='" GRID "' fill-opacity='%g'><title>",
						 from, l->top, width, bottom - l->top, i % 2 == 0 ? 0.55 : 0.0);
		fc_svg_write(out, name);
		appendStringInfoString(out, "</title></rect>");
		if (fc_svg_text_width(name, NAME_SIZE) + 8 <= width)
			fc_svg_draw_text(out, from + 4, l->top + 13, "", name);
	}
	appendStringInfoString(out, "</g>");
}

/* The phase of a value of x; -1: none */
static int
phase_of(const Lines *lines, double x)
{
	for (int i = 0; i < lines->nphase; i++)
		if (x >= lines->phase[i].first && x <= lines->phase[i].last)
			return i;
	return -1;
}

static double
place_y(const Axis *y, double v)
{
	return fc_svg_place(y, y->kind == AXIS_LOG ? log10(v) : v);
}

/* Is there a point i? */
static bool
is_point(const Axis *y, const Series *s, int i)
{
	return i >= 0 && i < s->n && isfinite(s->x[i]) && isfinite(s->y[i]) && (y->kind != AXIS_LOG || s->y[i] > 0);
}

/* Does the line go on from point i to the next one? */
static bool
goes_on(const Lines *lines, const Axis *y, const Series *s, int i)
{
	return is_point(y, s, i) && is_point(y, s, i + 1) && phase_of(lines, s->x[i]) == phase_of(lines, s->x[i + 1]);
}

static void
draw_points(StringInfo out, const LineLayout *l, const Axis *y, const Series *s)
{
	bool		all = s->n <= FEW_POINTS;

	for (int i = 0; i < s->n; i++)
		if (is_point(y, s, i) && (all || !(goes_on(l->lines, y, s, i - 1) || goes_on(l->lines, y, s, i))))
			fc_svg_draw_mark(out, 0, fc_svg_place(&l->x, s->x[i]), place_y(y, s->y[i]), POINT_RADIUS,
							 psprintf("%s \xC2\xB7 %s: %s", s->name, fc_svg_number(s->x[i]), fc_svg_number(s->y[i])));
}

static void
draw_series(StringInfo out, const LineLayout *l, const Axis *y, const Series *s, int slot, bool several)
{
	Style		style = fc_svg_style(slot);
	double		width = slot == 0 && several ? 3.2 : 1.6;	/* to be seen below others on it */

	appendStringInfo(out, "<path fill='none' stroke='%s' stroke-width='%g' stroke-linejoin='round' d='", style.color, width);
	for (int i = 0; i + 1 < s->n; i++)
	{
		if (!goes_on(l->lines, y, s, i))
			continue;
		if (!goes_on(l->lines, y, s, i - 1))
			appendStringInfo(out, "M%.1f %.1f", fc_svg_place(&l->x, s->x[i]), place_y(y, s->y[i]));
		appendStringInfo(out, "L%.1f %.1f", fc_svg_place(&l->x, s->x[i + 1]), place_y(y, s->y[i + 1]));
	}
	appendStringInfo(out, "'/><g fill='%s'>", style.color);
	draw_points(out, l, y, s);
	appendStringInfoString(out, "</g>");
}

static void
draw_panel(StringInfo out, const LineLayout *l, int p)
{
	const Panel *panel = &l->lines->panel[p];
	const Axis *y = &l->y[p];
	bool		bottom = p == l->lines->npanel - 1;

	fc_svg_draw_grid(out, &l->x, y);
	fc_svg_draw_axes(out, &l->x, y);
	for (int s = 0; s < panel->nseries; s++)
		draw_series(out, l, y, &panel->series[s], s, panel->nseries > 1);
	fc_svg_draw_ticks(out, &l->x, y, bottom);
	fc_svg_draw_labels(out, &l->x, y, l->lines->x_label, panel->label, FIGURE_MARGIN + 10, bottom);
	if (panel->nseries > 1)
	{
		appendStringInfo(out, "<g class='legend' font-size='%g'>", NAME_SIZE);
		(void) put_legend(out, l, y, panel, y->end - header_lines(l, p) * HEADER);
		appendStringInfoString(out, "</g>");
	}
}

void
fc_figure_lines(StringInfo out, const Figure *f, const Lines *lines)
{
	FigurePlace at = fc_begin_figure(f);
	LineLayout	l;

	if (lines->npanel < 1)
		elog(ERROR, "lines need a panel");
	l = lay_out(lines, &at);
	fc_open_figure(out, f, &at, l.bottom + FIGURE_MARGIN / 2,
				   psprintf("Lines: %s against %s", lines->panel[0].label, lines->x_label ? lines->x_label : "x"));
	if (lines->nphase > 0)
		draw_phases(out, &l);
	for (int p = 0; p < lines->npanel; p++)
		draw_panel(out, &l, p);
	fc_close_figure(out);
}

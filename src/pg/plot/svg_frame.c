/*
 * svg_frame.c - the frame of a picture: its beginning, and axes with grid and ticks
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/svg.h"

#define COMMA "&#44;"

#define FONTS "system-ui" COMMA "-apple-system" COMMA "Segoe UI" COMMA "Roboto" COMMA "Helvetica Neue" COMMA \
	"Noto Sans" COMMA "Arial" COMMA "DejaVu Sans" COMMA "sans-serif"

#define FEWEST_TICKS 2			/* as far as there is room */
#define LABEL_SIZE 13.5
#define GAP_X 12				/* between two labels */
#define LEAST_GAP_Y 16

/* The opening tag; width and height are those of its units, attributes begin with a space */
void
fc_svg_begin(StringInfo out, double width, double height, const char *attributes)
{
	appendStringInfo(out, "<svg xmlns='http://www.w3.org/2000/svg'%s "
					 "viewBox='0 0 %g %g' role='img' font-family='" FONTS "' fill='" INK "'>",
					 attributes, width, height);
}

void
fc_svg_draw_grid(StringInfo out, const Axis *x, const Axis *y)
{
	appendStringInfoString(out, "<path class='grid' fill='none' stroke='" GRID "' d='");
	for (int64 t = x->first; t <= x->last; t += x->step)
		appendStringInfo(out, "M%.1f %.1fV%.1f", fc_svg_place_tick(x, t), y->start, y->end);
	for (int64 t = y->first; t <= y->last; t += y->step)
		appendStringInfo(out, "M%.1f %.1fH%.1f", x->start, fc_svg_place_tick(y, t), x->end);
	appendStringInfoString(out, "'/>");
}

/* Drawn after the grid: the two axes and their tick marks */
void
fc_svg_draw_axes(StringInfo out, const Axis *x, const Axis *y)
{
	appendStringInfoString(out, "<path class='axes' fill='none' stroke='" AXES "' d='");
	appendStringInfo(out, "M%.1f %.1fV%.1fH%.1f", x->start, y->end, y->start, x->end);
	for (int64 t = x->first; t <= x->last; t += x->step)
		appendStringInfo(out, "M%.1f %.1fv5", fc_svg_place_tick(x, t), y->start);
	for (int64 t = y->first; t <= y->last; t += y->step)
		appendStringInfo(out, "M%.1f %.1fh-5", x->start, fc_svg_place_tick(y, t));
	appendStringInfoString(out, "'/>");
}

static void
begin_tick_labels(StringInfo out, const char *name, const char *anchor)
{
	appendStringInfo(out, "<g class='%s' font-size='%g' fill='" SOFT_INK "' text-anchor='%s'>",
					 name, TICK_SIZE, anchor);
}

static void
draw_x_ticks(StringInfo out, const Axis *x, const Axis *y)
{
	begin_tick_labels(out, "x-ticks", "middle");
	for (int64 t = x->first; t <= x->last; t += x->step)
		fc_svg_draw_text(out, fc_svg_place_tick(x, t), y->start + 19, "", fc_svg_tick_label(x, t));
	appendStringInfoString(out, "</g>");
}

/* The labels of ticks; bottom: those of x, too */
void
fc_svg_draw_ticks(StringInfo out, const Axis *x, const Axis *y, bool bottom)
{
	if (bottom)
		draw_x_ticks(out, x, y);
	begin_tick_labels(out, "y-ticks", "end");
	for (int64 t = y->first; t <= y->last; t += y->step)
		fc_svg_draw_text(out, x->start - 9, fc_svg_place_tick(y, t) + 4.2, "", fc_svg_tick_label(y, t));
	appendStringInfoString(out, "</g>");
}

/* The note of an axis, the part that its labels leave out, is at its end */
static void
draw_notes(StringInfo out, const Axis *x, const Axis *y, const char *x_note, const char *y_note)
{
	appendStringInfo(out, "<g class='notes' font-size='%g' fill='" SOFT_INK "'>", TICK_SIZE);
	if (*x_note != '\0')
		fc_svg_draw_text(out, x->end, y->start + 42, " text-anchor='end'", x_note);
	if (*y_note != '\0')
		fc_svg_draw_text(out, x->start, y->end - 8, "", y_note);
	appendStringInfoString(out, "</g>");
}

/*
 * Labels of the axes, either of which may be NULL, and their notes; left: the base of that of y, which is
 * turned; bottom: those of x, too
 */
void
fc_svg_draw_labels(StringInfo out, const Axis *x, const Axis *y, const char *x_label, const char *y_label,
				   double left, bool bottom)
{
	const char *note = bottom ? fc_svg_axis_note(x) : "";
	double		middle = (y->start + y->end) / 2;

	draw_notes(out, x, y, note, fc_svg_axis_note(y));
	appendStringInfo(out, "<g class='labels' font-size='%g' text-anchor='middle'>", LABEL_SIZE);
	if (x_label != NULL && bottom)
		fc_svg_draw_text(out, (x->start + x->end) / 2, y->start + 42, "",
						 fc_svg_text_fit(x_label, LABEL_SIZE,
										 x->end - x->start - 2 * fc_svg_text_width(note, TICK_SIZE)));
	if (y_label != NULL)
		fc_svg_draw_text(out, left, middle, psprintf(" transform='rotate(-90 %g %.1f)'", left, middle),
						 fc_svg_text_fit(y_label, LABEL_SIZE, y->start - y->end));
	appendStringInfoString(out, "</g>");
}

/* As many ticks as their labels have room for; start and end are set */
void
fc_svg_fit_x(Axis *x, const PlotAxis *plot, int target)
{
	do
		fc_svg_axis(x, plot, target);
	while (--target > FEWEST_TICKS && fc_svg_least_gap(x) < fc_svg_tick_width(x) + GAP_X);
}

void
fc_svg_fit_y(Axis *y, const PlotAxis *plot, int target)
{
	do
		fc_svg_axis(y, plot, target);
	while (--target > FEWEST_TICKS && fc_svg_least_gap(y) < LEAST_GAP_Y);
}

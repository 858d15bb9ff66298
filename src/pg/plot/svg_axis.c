/*
 * svg_axis.c - an axis of any kind: its ends, and what is where along it
 *
 * svg_number.c, svg_log.c and svg_time.c find its ticks.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/svg.h"

static bool
is_time(const Axis *a)
{
	return a->kind == AXIS_DATE || a->kind == AXIS_TIMESTAMP || a->kind == AXIS_TIME;
}

/* Are ticks those of numbers? */
static bool
has_numbers(const Axis *a)
{
	return a->kind == AXIS_NUMBER || (a->kind == AXIS_LOG && a->log == LOG_LINEAR);
}

/* An axis over the values, with at most target steps; start and end are set */
void
fc_svg_axis(Axis *a, const PlotAxis *plot, int target)
{
	a->kind = plot->kind;
	a->zone = plot->zone;
	if (is_time(a))
		fc_svg_time_axis(a, plot->min, plot->max, target);
	else if (a->kind == AXIS_LOG)
		fc_svg_log_axis(a, plot->min, plot->max, target);
	else
		fc_svg_number_axis(a, plot->min, plot->max, target);
}

static double
place(const Axis *a, double scaled)
{
	return a->start + (a->end - a->start) * ((scaled - a->lo) / (a->hi - a->lo));
}

double
fc_svg_place(const Axis *a, double v)
{
	return place(a, a->kind == AXIS_LOG ? v : v / pow(10, a->scale));
}

double
fc_svg_place_tick(const Axis *a, int64 tick)
{
	if (a->kind == AXIS_LOG)
		return place(a, fc_svg_log_value(a, tick));
	return place(a, is_time(a) ? fc_svg_time_value(a, tick) : fc_svg_tick_value(a, tick));
}

char *
fc_svg_tick_label(const Axis *a, int64 tick)
{
	if (is_time(a))
		return fc_svg_time_label(a, tick);
	return has_numbers(a) ? fc_svg_number_label(a, tick) : fc_svg_log_label(a, tick);
}

/* Width of the widest label */
double
fc_svg_tick_width(const Axis *a)
{
	double		width = 0;

	for (int64 t = a->first; t <= a->last; t += a->step)
		width = Max(width, fc_svg_text_width(fc_svg_tick_label(a, t), TICK_SIZE));
	return width;
}

/* Pixels between the two ticks that are closest; infinite for one */
double
fc_svg_least_gap(const Axis *a)
{
	double		gap = INFINITY;

	for (int64 t = a->first; t + a->step <= a->last; t += a->step)
		gap = Min(gap, fabs(fc_svg_place_tick(a, t + a->step) - fc_svg_place_tick(a, t)));
	return gap;
}

/* What the labels leave out, "" for nothing */
char *
fc_svg_axis_note(const Axis *a)
{
	if (is_time(a))
		return fc_svg_time_note(a);
	return has_numbers(a) ? fc_svg_number_note(a) : pstrdup("");
}

/*
 * svg_log.c - ticks of a logarithmic axis
 *
 * Values are common logarithms. Over many decades ticks are powers of ten, every one or
 * every second, fifth, ...; over few, 1, 2 and 5 times a power of ten; and over less than
 * those need, the ticks of an axis of numbers, each at its logarithm.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/svg.h"

#define NOISE 1e-12				/* of the largest logarithm: a smaller spread is rounding */
#define PADDING 0.04			/* of the spread, at either end */
#define ONE_VALUE 0.05			/* padding of a single value */
#define FEWEST 3				/* ticks that show a logarithmic axis as one */

static const int thirds[] = {1, 2, 5};

static int64
floor_div(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

static int
third_of(int64 tick)
{
	return thirds[tick - 3 * floor_div(tick, 3)];
}

/* Its place on the axis */
double
fc_svg_log_value(const Axis *a, int64 tick)
{
	if (a->log == LOG_DECADES)
		return (double) tick;
	if (a->log == LOG_THIRDS)
		return (double) floor_div(tick, 3) + log10(third_of(tick));
	return log10(fc_svg_tick_value(a, tick)) + a->scale;
}

/* The multiples of the step between the ends */
static void
find_ticks(Axis *a, LogTicks ticks, int64 step)
{
	int			each = ticks == LOG_THIRDS ? 3 : 1;

	a->log = ticks;
	a->step = step;
	a->first = floor_div((int64) floor(a->lo), step) * step * each;
	while (fc_svg_log_value(a, a->first) < a->lo)
		a->first += step;
	a->last = floor_div((int64) floor(a->hi) + 1, step) * step * each;
	while (fc_svg_log_value(a, a->last) > a->hi)
		a->last -= step;
}

static int64
count_ticks(const Axis *a)
{
	return (a->last - a->first) / a->step + 1;
}

/* Powers of ten, at most target + 1 of them */
static void
find_decades(Axis *a, int target)
{
	for (int64 power = 1;; power *= 10)
		for (int i = 0; i < 3; i++)
		{
			find_ticks(a, LOG_DECADES, power * thirds[i]);
			if (count_ticks(a) <= target + 1)
				return;
		}
}

/* Like those of numbers, which lie within a few decades: no logarithm of a tick is beyond them */
static void
find_linear(Axis *a, int target)
{
	double		unit;

	a->log = LOG_LINEAR;
	a->scale = a->hi > 150 ? 200 : a->hi < -150 ? -200 : 0;
	unit = pow(10, a->hi - a->scale);
	fc_svg_number_ticks(a, pow(10, a->lo - a->scale), unit, target);
}

/* An axis over the logarithms min to max, with at most about target ticks */
void
fc_svg_log_axis(Axis *a, double min, double max, int target)
{
	double		spread = max - min;
	double		pad = spread <= NOISE * fmax(1, fmax(fabs(min), fabs(max))) ? ONE_VALUE : PADDING * spread;

	a->scale = 0;
	a->exp = 0;
	a->offset = 0;
	a->power = 0;
	a->group = true;
	a->lo = min - pad;
	a->hi = max + pad;
	find_ticks(a, LOG_THIRDS, 1);
	if (count_ticks(a) >= FEWEST && count_ticks(a) <= target + 1)
		return;
	if (count_ticks(a) > target + 1)
	{
		find_decades(a, target);
		if (count_ticks(a) >= 2)
			return;
	}
	find_linear(a, target);
}

/* Are all ticks short in plain digits? */
static bool
is_plain(const Axis *a)
{
	int64		each = a->log == LOG_THIRDS ? 3 : 1;

	return floor_div(a->first, each) >= -3 && floor_div(a->last, each) <= 5;
}

char *
fc_svg_log_label(const Axis *a, int64 tick)
{
	StringInfoData s;
	int			power = (int) floor_div(tick, a->log == LOG_THIRDS ? 3 : 1);
	int			digit = a->log == LOG_THIRDS ? third_of(tick) : 1;

	initStringInfo(&s);
	if (is_plain(a))
		fc_svg_add_decimal(&s, digit, power, true);
	else if (digit == 1)
	{
		appendStringInfoString(&s, "10");
		fc_svg_add_superscript(&s, power);
	}
	else
	{
		appendStringInfo(&s, "%d", digit);
		fc_svg_add_power(&s, power);
	}
	return s.data;
}

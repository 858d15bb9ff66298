/*
 * svg_number.c - an axis of numbers: where it begins and ends, its ticks and their labels
 *
 * Ticks are integers: a tick L has the value L * 10^exp, and L runs in steps
 * of 1, 2 or 5. Labels are made from L and never from a rounded double. Parts
 * that all labels would repeat, a power of ten or a large offset, are left out
 * and noted once at the end of the axis: value = label * 10^power + offset *
 * 10^exp.
 *
 * Values beyond 1e150, or all below 1e-150, are first divided by 10^scale, so
 * that differences and products stay within range.
 *
 * A spread below 1e-12 of the values is rounding noise and counts as none: so
 * L stays below 2^53, and is exact in a double too.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/svg.h"

#define NOISE 1e-12
#define PADDING 0.04			/* of the spread, at either end */

static int
scale_of(double big)
{
	if (big > 1e150)
		return 200;
	return big > 0 && big < 1e-150 ? -200 : 0;
}

static void
set_range(Axis *a, double min, double max)
{
	double		big = fmax(fabs(min), fabs(max));
	double		unit = pow(10, scale_of(big));
	double		pad;

	a->scale = scale_of(big);
	a->lo = min / unit;
	a->hi = max / unit;
	big /= unit;

	if (big == 0)
		pad = 1;
	else if (a->hi - a->lo <= NOISE * big)
		pad = big / 10;
	else
		pad = PADDING * (a->hi - a->lo);
	a->lo -= pad;
	a->hi += pad;
}

/* tick * 10^exp; a division by an exact power is better than a product with 0.1 */
double
fc_svg_tick_value(const Axis *a, int64 tick)
{
	return a->exp < 0 ? tick / pow(10, -a->exp) : tick * pow(10, a->exp);
}

/* At most target steps of 1, 2 or 5 times a power of ten, between lo and hi */
static void
set_ticks(Axis *a, double lo, double hi, int target)
{
	double		step = (hi - lo) / target;
	double		lead;

	a->exp = (int) floor(log10(step));
	lead = step / fc_svg_tick_value(a, 1);
	a->step = lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10;
	if (a->step == 10)
	{
		a->step = 1;
		a->exp++;
	}
	a->first = (int64) ceil(lo / fc_svg_tick_value(a, a->step)) * a->step;
	a->last = (int64) floor(hi / fc_svg_tick_value(a, a->step)) * a->step;
}

static int
count_digits(int64 v)
{
	int			n = 1;

	while ((v /= 10) != 0)
		n++;
	return n;
}

/* Digits of the longest label */
static int
label_digits(const Axis *a)
{
	return Max(count_digits(a->first - a->offset), count_digits(a->last - a->offset));
}

/* Read well as they are: short, and with few zeros after the point */
static bool
is_plain(const Axis *a)
{
	int			exp = a->exp + a->scale;
	int			magnitude = label_digits(a) + exp;

	return magnitude >= -3 && magnitude <= 6 && Max(label_digits(a), 1 - exp) <= 7;
}

/*
 * The multiple, at or below the first tick, of a power of ten above their
 * spread; or the next one if ticks reach it and it is rounder
 */
static int64
round_offset(const Axis *a)
{
	int64		unit = 1;
	int64		rest;
	int64		below;

	while (unit < a->last - a->first)
		unit *= 10;
	rest = a->first % unit;
	below = a->first - (rest < 0 ? rest + unit : rest);
	if (below + unit <= a->last && (below + unit) % (10 * unit) == 0)
		return below + unit;
	return below;
}

static void
set_labels(Axis *a)
{
	int			magnitude;

	a->offset = 0;
	if (!is_plain(a) && label_digits(a) > 4)
		a->offset = round_offset(a);
	magnitude = label_digits(a) + a->exp + a->scale;
	a->power = is_plain(a) ? 0 : magnitude - 1;
	a->group = is_plain(a) && magnitude > 4;
}

/* Ticks and their labels between two values, divided by 10^scale */
void
fc_svg_number_ticks(Axis *a, double lo, double hi, int target)
{
	set_ticks(a, lo, hi, target);
	set_labels(a);
}

/* An axis over the values, with at most target steps */
void
fc_svg_number_axis(Axis *a, double min, double max, int target)
{
	set_range(a, min, max);
	fc_svg_number_ticks(a, a->lo, a->hi, target);
}

char *
fc_svg_number_label(const Axis *a, int64 tick)
{
	StringInfoData s;

	initStringInfo(&s);
	fc_svg_add_decimal(&s, tick - a->offset, a->exp + a->scale - a->power, a->group);
	return s.data;
}

/* " + 1,000,000" or, with more digits, " + 1.5x10^20" */
static void
add_offset(const Axis *a, StringInfo s)
{
	int64		v = a->offset < 0 ? -a->offset : a->offset;
	int			exp = a->exp + a->scale;
	int			power;

	while (v % 10 == 0)
	{
		v /= 10;
		exp++;
	}
	power = count_digits(v) + exp - 1;
	appendStringInfoString(s, a->offset < 0 ? SVG_MINUS " " : "+ ");
	if (exp >= -6 && power < 12)
		fc_svg_add_decimal(s, v, exp, true);
	else
	{
		fc_svg_add_decimal(s, v, 1 - count_digits(v), false);
		fc_svg_add_power(s, power);
	}
}

/* What the labels leave out, "" for nothing */
char *
fc_svg_number_note(const Axis *a)
{
	StringInfoData s;

	initStringInfo(&s);
	if (a->power != 0)
		fc_svg_add_power(&s, a->power);
	if (a->power != 0 && a->offset != 0)
		appendStringInfoChar(&s, ' ');
	if (a->offset != 0)
		add_offset(a, &s);
	return s.data;
}

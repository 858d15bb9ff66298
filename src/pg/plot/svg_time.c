/*
 * svg_time.c - ticks of an axis of dates, timestamps or times of day
 *
 * Values are seconds since 2000-01-01 00:00. Ticks lie at whole units that people
 * count in: fractions of a second, seconds, minutes, hours, days, weeks that begin
 * on Monday, months and years. A tick is an integer that counts microseconds, days
 * or months, so that it is exact. What all labels would repeat, the year or the day,
 * is noted once at the end of the axis; a label that has a year is ISO 8601.
 *
 * Years before the first are counted as people do, 1 BC being the one before 1.
 */
#include "postgres.h"

#include <math.h>

#include "datatype/timestamp.h"
#include "utils/datetime.h"

#include "pg/plot/svg.h"

#define A_DAY ((double) SECS_PER_DAY)
#define A_MONTH (30.436875 * A_DAY)
#define PADDING 0.04			/* of the spread, at either end */
#define LEAST_SPREAD 1e-4		/* seconds */
#define A_WEEK 7
#define FIRST_MONDAY 2			/* days after 2000-01-01 */

typedef struct Step
{
	TimeUnit	unit;
	int64		step;
} Step;

#define SECONDS(n) {UNIT_MICROSECOND, (n) * USECS_PER_SEC}

/* Units longer than a second and shorter than a year */
static const Step steps[] = {
	SECONDS(1), SECONDS(2), SECONDS(5), SECONDS(10), SECONDS(15), SECONDS(30),
	SECONDS(60), SECONDS(120), SECONDS(300), SECONDS(600), SECONDS(900), SECONDS(1800),
	SECONDS(3600), SECONDS(7200), SECONDS(10800), SECONDS(21600), SECONDS(43200),
	{UNIT_DAY, 1}, {UNIT_DAY, 2}, {UNIT_DAY, 7}, {UNIT_DAY, 14},
	{UNIT_MONTH, 1}, {UNIT_MONTH, 2}, {UNIT_MONTH, 3}, {UNIT_MONTH, 6}
};

/* A point in time in calendar form */
typedef struct Moment
{
	int			year;			/* 0 is 1 BC */
	int			month;
	int			day;
	int64		microseconds;	/* since midnight */
} Moment;

static const char *const months_of_year[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

static double
seconds_of(Step s)
{
	return s.step * (s.unit == UNIT_MICROSECOND ? 1e-6 : s.unit == UNIT_DAY ? A_DAY : A_MONTH);
}

/* 1, 2 or 5 times a power of ten of the unit, at least as long as wanted */
static Step
decimal_step(TimeUnit unit, int64 multiple, double wanted)
{
	static const int digits[] = {1, 2, 5};
	Step		s = {unit, multiple};

	for (int64 power = 1;; power *= 10)
		for (int i = 0; i < 3; i++)
		{
			s.step = digits[i] * power * multiple;
			if (seconds_of(s) >= wanted)
				return s;
		}
}

static Step
choose_step(AxisKind kind, double wanted)
{
	if (wanted < 1 && kind != AXIS_DATE)
		return decimal_step(UNIT_MICROSECOND, 1, wanted);
	for (int i = 0; i < (int) lengthof(steps); i++)
		if (seconds_of(steps[i]) >= wanted && (kind != AXIS_DATE || steps[i].unit != UNIT_MICROSECOND))
			return steps[i];
	return decimal_step(UNIT_MONTH, MONTHS_PER_YEAR, wanted);
}

static int64
floor_div(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

static Moment
moment_of_day(int64 day)
{
	Moment		m = {0};

	j2date((int) day + POSTGRES_EPOCH_JDATE, &m.year, &m.month, &m.day);
	return m;
}

static int64
day_of_month(int64 month)
{
	return date2j((int) (2000 + floor_div(month, MONTHS_PER_YEAR)),
				  (int) (month - floor_div(month, MONTHS_PER_YEAR) * MONTHS_PER_YEAR) + 1, 1) - POSTGRES_EPOCH_JDATE;
}

static Moment
moment_of(const Axis *a, int64 tick)
{
	Moment		m;

	if (a->unit != UNIT_MICROSECOND)
		return moment_of_day(a->unit == UNIT_DAY ? tick : day_of_month(tick));
	m = moment_of_day(floor_div(tick, USECS_PER_DAY));
	m.microseconds = tick - floor_div(tick, USECS_PER_DAY) * USECS_PER_DAY;
	return m;
}

/* Seconds since 2000-01-01 */
double
fc_svg_time_value(const Axis *a, int64 tick)
{
	if (a->unit == UNIT_MICROSECOND)
		return tick / 1e6;
	return (a->unit == UNIT_DAY ? tick : day_of_month(tick)) * A_DAY;
}

/* The largest tick at or below a number of seconds, a multiple of the step */
static int64
tick_below(const Axis *a, double seconds)
{
	int64		phase = a->unit == UNIT_DAY && a->step % A_WEEK == 0 ? FIRST_MONDAY : 0;
	int64		count;
	Moment		m;

	if (a->unit == UNIT_MICROSECOND)
		count = (int64) floor(seconds * 1e6);
	else
		count = (int64) floor(seconds / A_DAY);
	if (a->unit == UNIT_MONTH)
	{
		m = moment_of_day(count);
		count = (m.year - INT64CONST(2000)) * MONTHS_PER_YEAR + m.month - 1;
	}
	return floor_div(count - phase, a->step) * a->step + phase;
}

/* With room around the values, but none before the calendar begins or after it ends */
static void
set_range(Axis *a, double min, double max)
{
	double		pad = PADDING * (max - min);

	if (max - min < LEAST_SPREAD)
		pad = max > min ? LEAST_SPREAD : a->kind == AXIS_DATE ? A_DAY : 30;
	a->scale = 0;
	a->lo = Max(min - pad, (DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE + 1.0) * A_DAY);
	a->hi = Min(max + pad, (DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1.0) * A_DAY);
	if (a->kind == AXIS_TIME)
	{
		a->lo = Max(a->lo, 0);
		a->hi = Min(a->hi, A_DAY);
	}
}

static bool
is_same_year(const Axis *a, int64 t, int64 other)
{
	return moment_of(a, t).year == moment_of(a, other).year;
}

static bool
is_same_day(const Axis *a, int64 t, int64 other)
{
	Moment		m = moment_of(a, t);
	Moment		o = moment_of(a, other);

	return m.year == o.year && m.month == o.month && m.day == o.day;
}

/* Ticks beside the values go, if they alone are in another year or on another day */
static void
drop_edges(Axis *a, double min, double max)
{
	bool		(*same) (const Axis *a, int64 t, int64 other) = a->unit == UNIT_MICROSECOND ? is_same_day : is_same_year;

	if (a->kind == AXIS_TIME || (a->unit == UNIT_MONTH && a->step % MONTHS_PER_YEAR == 0))
		return;
	if (a->last > a->first && fc_svg_time_value(a, a->last) > max && !same(a, a->last, a->last - a->step))
		a->last -= a->step;
	if (a->last > a->first && fc_svg_time_value(a, a->first) < min && !same(a, a->first, a->first + a->step))
		a->first += a->step;
}

/* An axis over min to max, with at most target steps */
void
fc_svg_time_axis(Axis *a, double min, double max, int target)
{
	Step		s;

	set_range(a, min, max);
	s = choose_step(a->kind, (a->hi - a->lo) / target);
	a->unit = s.unit;
	a->step = s.step;
	a->first = tick_below(a, a->lo);
	while (fc_svg_time_value(a, a->first) < a->lo)
		a->first += a->step;
	a->last = tick_below(a, a->hi);
	drop_edges(a, min, max);
	a->same_year = is_same_year(a, a->first, a->last);
	a->same_day = is_same_day(a, a->first, a->last);
}

static void
add_year(StringInfo s, int year)
{
	appendStringInfo(s, year > 0 ? "%d" : "%d BC", year > 0 ? year : 1 - year);
}

/* ISO 8601, as far as the month or the day */
static void
add_date(StringInfo s, const Moment *m, bool day)
{
	appendStringInfo(s, "%04d-%02d", m->year > 0 ? m->year : 1 - m->year, m->month);
	if (day)
		appendStringInfo(s, "-%02d", m->day);
	if (m->year <= 0)
		appendStringInfoString(s, " BC");
}

static void
add_time(StringInfo s, const Axis *a, const Moment *m)
{
	int64		seconds = m->microseconds / USECS_PER_SEC;
	int			decimals = 0;

	for (int64 unit = USECS_PER_SEC; a->step % unit != 0; unit /= 10)
		decimals++;
	appendStringInfo(s, "%02d:%02d", (int) (seconds / SECS_PER_HOUR), (int) (seconds / SECS_PER_MINUTE % MINS_PER_HOUR));
	if (a->step % (SECS_PER_MINUTE * USECS_PER_SEC) != 0)
		appendStringInfo(s, ":%02d", (int) (seconds % SECS_PER_MINUTE));
	if (decimals > 0)
		appendStringInfo(s, ".%.*s", decimals, psprintf("%06d", (int) (m->microseconds % USECS_PER_SEC)));
}

/* The day, without the year if the note has it */
static void
add_day(StringInfo s, const Axis *a, const Moment *m)
{
	if (a->same_year)
		appendStringInfo(s, "%s %d", months_of_year[m->month - 1], m->day);
	else
		add_date(s, m, true);
}

char *
fc_svg_time_label(const Axis *a, int64 tick)
{
	StringInfoData s;
	Moment		m = moment_of(a, tick);

	initStringInfo(&s);
	if (a->kind == AXIS_TIME && tick == USECS_PER_DAY)
		m = (Moment) {.microseconds = USECS_PER_DAY};	/* 24:00 */
	if (a->unit == UNIT_DAY)
		add_day(&s, a, &m);
	else if (a->unit == UNIT_MONTH && a->step % MONTHS_PER_YEAR == 0)
		add_year(&s, m.year);
	else if (a->unit == UNIT_MONTH && a->same_year)
		appendStringInfoString(&s, months_of_year[m.month - 1]);
	else if (a->unit == UNIT_MONTH)
		add_date(&s, &m, false);
	else
	{
		if (a->kind != AXIS_TIME && !a->same_day)
		{
			add_day(&s, a, &m);
			appendStringInfoChar(&s, ' ');
		}
		add_time(&s, a, &m);
	}
	return s.data;
}

/* What the labels leave out, "" for nothing */
char *
fc_svg_time_note(const Axis *a)
{
	StringInfoData s;
	Moment		m = moment_of(a, a->first);

	initStringInfo(&s);
	if (a->kind == AXIS_TIME)
		return s.data;
	if (a->unit == UNIT_MICROSECOND && a->same_day)
		add_date(&s, &m, true);
	else if (a->same_year && !(a->unit == UNIT_MONTH && a->step % MONTHS_PER_YEAR == 0))
		add_year(&s, m.year);
	if (a->zone != NULL && a->unit == UNIT_MICROSECOND)
		appendStringInfo(&s, "%s%s", s.len > 0 ? " " : "", a->zone);
	return s.data;
}

/* A value by itself, in ISO 8601, to the second unless it has a fraction */
char *
fc_svg_time_text(AxisKind kind, double seconds)
{
	StringInfoData s;
	Axis		a = {.kind = kind, .unit = UNIT_MICROSECOND};
	int64		tick = (int64) rint(seconds * 1e6);
	Moment		m;

	initStringInfo(&s);
	if (kind == AXIS_DATE)
	{
		m = moment_of_day((int64) (seconds / A_DAY));
		add_date(&s, &m, true);
		return s.data;
	}
	a.step = tick % USECS_PER_SEC == 0 ? USECS_PER_SEC : 1;
	m = moment_of(&a, tick);
	if (kind == AXIS_TIME && tick == USECS_PER_DAY)
		m.microseconds = USECS_PER_DAY;
	if (kind == AXIS_TIMESTAMP)
	{
		add_date(&s, &m, true);
		appendStringInfoChar(&s, ' ');
	}
	add_time(&s, &a, &m);
	return s.data;
}

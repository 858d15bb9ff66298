/*
 * svg.h - a scatter plot of clustered rows, drawn as SVG
 *
 * svg.c lays the picture out, svg_axis.c finds ticks, svg_time.c those of dates and
 * times, svg_marks.c draws points, svg_text.c measures and writes text. Only
 * fc_svg_plot is for others.
 */
#ifndef SVG_H
#define SVG_H

#include "lib/stringinfo.h"

typedef struct PlotPoint
{
	double		x;
	double		y;
	double		membership;		/* 0 to 1 */
	int32		cluster;		/* position in the list of clusters */
} PlotPoint;

typedef struct PlotCluster
{
	int64		key;			/* its number; of a label a hash */
	const char *label;			/* UTF-8, the beginning if it is long; NULL: a number */
	int32		place;			/* when sorted: in the list as it was */
	int64		rows;
} PlotCluster;

/* What values along an axis are */
typedef enum AxisKind
{
	AXIS_NUMBER,
	AXIS_DATE,					/* seconds since 2000-01-01, in whole days */
	AXIS_TIMESTAMP,				/* seconds since 2000-01-01 */
	AXIS_TIME					/* seconds since midnight */
} AxisKind;

typedef struct PlotAxis
{
	AxisKind	kind;
	double		min;			/* over all rows */
	double		max;
	const char *label;			/* UTF-8; NULL: none */
	const char *zone;			/* of times; NULL: none */
} PlotAxis;

typedef struct Plot
{
	const char *title;			/* UTF-8; NULL: none */
	int64		rows;			/* at least 1; the extremes are over all */
	int64		drawn;			/* of them, which the points represent */
	PlotAxis	x;
	PlotAxis	y;
	double		membership_min;
	double		membership_max;
	int			npoint;
	const PlotPoint *point;		/* (npoint) to draw, in an order without pattern */
	int			ncluster;
	const PlotCluster *cluster; /* (ncluster) */
} Plot;

extern void fc_svg_plot(StringInfo out, const Plot *plot);

/* svg_text.c: text is UTF-8 until it is written, and then ASCII */

#define SVG_MINUS "\xE2\x88\x92"

extern double fc_svg_text_width(const char *s, double size);
extern const char *fc_svg_text_break(const char *s, double size, double width);
extern const char *fc_svg_text_fit(const char *s, double size, double width);
extern void fc_svg_write(StringInfo out, const char *s);
extern void fc_svg_draw_text(StringInfo out, double x, double y,
							 const char *attributes, const char *s);
extern void fc_svg_add_decimal(StringInfo s, int64 v, int exp, bool group);
extern void fc_svg_add_power(StringInfo s, int power);
extern char *fc_svg_count(int64 count);

/* svg_axis.c: a tick is an integer L with the value L * 10^exp, or one of svg_time.c */

typedef enum TimeUnit
{
	UNIT_NONE,
	UNIT_MICROSECOND,
	UNIT_DAY,
	UNIT_MONTH
} TimeUnit;

typedef struct Axis
{
	double		start;			/* pixels where the axis begins and ends */
	double		end;
	double		lo;				/* values there, divided by 10^scale */
	double		hi;
	int			scale;
	int			exp;			/* of ticks, after that division */
	int64		first;			/* tick, and last, with step 1, 2 or 5 */
	int64		last;
	int64		step;
	int64		offset;			/* the part that all labels leave out */
	int			power;			/* labels count 10^power */
	bool		group;			/* labels have commas between thousands */

	AxisKind	kind;			/* and then, of dates and times: */
	TimeUnit	unit;			/* unit of a tick, counted from 2000-01-01 */
	bool		same_year;		/* of all ticks: labels leave it out */
	bool		same_day;
	const char *zone;
} Axis;

extern void fc_svg_axis(Axis *a, const PlotAxis *plot, int target);
extern double fc_svg_place(const Axis *a, double v);
extern double fc_svg_place_tick(const Axis *a, int64 tick);
extern char *fc_svg_tick_label(const Axis *a, int64 tick);
extern double fc_svg_tick_width(const Axis *a, double size);
extern char *fc_svg_axis_note(const Axis *a);

/* svg_time.c: ticks of dates and times are microseconds, days or months since 2000-01-01 */

extern void fc_svg_time_axis(Axis *a, double min, double max, int target);
extern double fc_svg_time_value(const Axis *a, int64 tick);
extern char *fc_svg_time_label(const Axis *a, int64 tick);
extern char *fc_svg_time_note(const Axis *a);

/* svg_marks.c: the style of a cluster's rows */

typedef struct Style
{
	int			shape;
	char		color[8];		/* #rrggbb */
} Style;

extern Style *fc_svg_styles(const PlotCluster *cluster, int ncluster);
extern void fc_svg_draw_mark(StringInfo out, int shape, double x, double y, double r);
extern void fc_svg_draw_points(StringInfo out, const Plot *plot, const int32 *place, const Style *style,
							   const Axis *x, const Axis *y);
extern double fc_svg_opacity(const Plot *plot, double membership);

#endif

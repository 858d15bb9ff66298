/*
 * svg.h - pictures as SVG: scatter plots of clustered rows, and what all figures share
 *
 * svg.c lays a scatter plot out, svg_axis.c has axes, whose ticks svg_number.c, svg_log.c
 * and svg_time.c find, svg_frame.c draws them, svg_marks.c draws points,
 * svg_overlay.c centers and ellipses, svg_text.c measures and writes text.
 * For others there are figure.h and sample.h.
 */
#ifndef SVG_H
#define SVG_H

#include "lib/stringinfo.h"

typedef struct PlotPoint
{
	double		x;
	double		y;
	double		membership;		/* 0 to 1 */
	int64		rows;			/* that are equal to it */
	int32		cluster;		/* position in the list of clusters */
} PlotPoint;

/* The points of a cluster: of weight 0 without any */
typedef struct PlotSpread
{
	double		weight;			/* sum of memberships */
	double		x;				/* weighted mean */
	double		y;
	double		xx;				/* weighted covariances, divided by 2^(2 x_exponent), */
	double		xy;				/* 2^(x_exponent + y_exponent) */
	double		yy;				/* and 2^(2 y_exponent) */
	int			x_exponent;
	int			y_exponent;
} PlotSpread;

typedef struct PlotCluster
{
	int64		key;			/* its number; of a label a hash */
	const char *label;			/* UTF-8, the beginning if it is long; NULL: a number */
	const char *name;			/* UTF-8, to show in place of either; NULL: none */
	int32		place;			/* when sorted: in the list as it was */
	int64		rows;
} PlotCluster;

/* What values along an axis are */
typedef enum AxisKind
{
	AXIS_NUMBER,
	AXIS_LOG,					/* common logarithms of numbers, which are shown */
	AXIS_DATE,					/* seconds since 2000-01-01, in whole days */
	AXIS_TIMESTAMP,				/* seconds since 2000-01-01 */
	AXIS_TIME					/* seconds since midnight */
} AxisKind;

typedef struct PlotAxis
{
	AxisKind	kind;
	double		min;			/* over all rows, or where the axis is cut */
	double		max;
	const char *label;			/* UTF-8; NULL: none */
	const char *zone;			/* of times; NULL: none */
} PlotAxis;

typedef struct Plot
{
	const char *title;			/* UTF-8; NULL: none */
	int64		rows;			/* at least 1; the extremes are over all */
	int64		drawn;			/* of them, which the points represent */
	int64		left_out;		/* further rows, which have no logarithm */
	PlotAxis	x;
	PlotAxis	y;
	double		membership_min;
	double		membership_max;
	int			npoint;
	const PlotPoint *point;		/* (npoint) to draw, in an order without pattern */
	int			ncluster;
	const PlotCluster *cluster; /* (ncluster) */
	const PlotSpread *spread;	/* (ncluster) or NULL: neither centers nor ellipses */
	bool		centers;
	double		ellipses;		/* standard deviations; 0: none */
	bool		hover;			/* each point has a title */
} Plot;

extern void fc_svg_plot(StringInfo out, const Plot *plot);

/* ---- svg_text.c: text is UTF-8 until it is written, and then ASCII ---- */

#define SVG_MINUS "\xE2\x88\x92"

extern const char *fc_svg_utf8(const char *s);
extern double fc_svg_text_width(const char *s, double size);
extern const char *fc_svg_text_break(const char *s, double size, double width);
extern const char *fc_svg_text_fit(const char *s, double size, double width);
extern void fc_svg_write(StringInfo out, const char *s);
extern void fc_svg_draw_text(StringInfo out, double x, double y,
							 const char *attributes, const char *s);
extern void fc_svg_add_decimal(StringInfo s, int64 v, int exp, bool group);
extern void fc_svg_add_superscript(StringInfo s, int power);
extern void fc_svg_add_power(StringInfo s, int power);
extern char *fc_svg_count(int64 count);
extern char *fc_svg_number(double v);

/* ---- svg_axis.c: a tick is an integer, whose value the file for the kind of axis knows ---- */

typedef enum TimeUnit
{
	UNIT_NONE,
	UNIT_MICROSECOND,
	UNIT_DAY,
	UNIT_MONTH
} TimeUnit;

/* Ticks of logarithms */
typedef enum LogTicks
{
	LOG_LINEAR,					/* as those of numbers are */
	LOG_DECADES,				/* tick t has the value 10^t */
	LOG_THIRDS					/* 1, 2 and 5 times a power of ten */
} LogTicks;

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

	AxisKind	kind;
	LogTicks	log;			/* of logarithms */
	TimeUnit	unit;			/* of dates and times: unit of a tick, counted from 2000-01-01 */
	bool		same_year;		/* of all ticks: labels leave it out */
	bool		same_day;
	const char *zone;
} Axis;

#define TICK_SIZE 12.0

extern void fc_svg_axis(Axis *a, const PlotAxis *plot, int target);
extern double fc_svg_place(const Axis *a, double v);
extern double fc_svg_place_tick(const Axis *a, int64 tick);
extern char *fc_svg_tick_label(const Axis *a, int64 tick);
extern double fc_svg_tick_width(const Axis *a);
extern double fc_svg_least_gap(const Axis *a);
extern char *fc_svg_axis_note(const Axis *a);

/* ---- svg_number.c: tick L has the value L * 10^exp ---- */

extern void fc_svg_number_axis(Axis *a, double min, double max, int target);
extern void fc_svg_number_ticks(Axis *a, double lo, double hi, int target);
extern double fc_svg_tick_value(const Axis *a, int64 tick);
extern char *fc_svg_number_label(const Axis *a, int64 tick);
extern char *fc_svg_number_note(const Axis *a);

/* ---- svg_log.c ---- */

extern void fc_svg_log_axis(Axis *a, double min, double max, int target);
extern double fc_svg_log_value(const Axis *a, int64 tick);
extern char *fc_svg_log_label(const Axis *a, int64 tick);

/* ---- svg_time.c: ticks of dates and times are microseconds, days or months since 2000-01-01 ---- */

extern void fc_svg_time_axis(Axis *a, double min, double max, int target);
extern double fc_svg_time_value(const Axis *a, int64 tick);
extern char *fc_svg_time_label(const Axis *a, int64 tick);
extern char *fc_svg_time_note(const Axis *a);
extern char *fc_svg_time_text(AxisKind kind, double seconds);

/* ---- svg_frame.c: what stands around a field of points, lines or bars ---- */

#define INK "#24292f"
#define SOFT_INK "#57606a"
#define GRID "#e7eaee"
#define AXES "#8c959f"
#define PAPER "#fff"

extern void fc_svg_begin(StringInfo out, double width, double height, const char *attributes);
extern void fc_svg_draw_grid(StringInfo out, const Axis *x, const Axis *y);
extern void fc_svg_draw_axes(StringInfo out, const Axis *x, const Axis *y);
extern void fc_svg_draw_ticks(StringInfo out, const Axis *x, const Axis *y, bool bottom);
extern void fc_svg_draw_labels(StringInfo out, const Axis *x, const Axis *y, const char *x_label, const char *y_label,
							   double left, bool bottom);
extern void fc_svg_fit_x(Axis *x, const PlotAxis *plot, int target);
extern void fc_svg_fit_y(Axis *y, const PlotAxis *plot, int target);

/* ---- svg_marks.c: the style of a cluster's rows ---- */

typedef struct Style
{
	int			shape;
	char		color[8];		/* #rrggbb */
} Style;

#define SVG_STYLES 35			/* different ones */
#define SVG_NOISE 0				/* the cluster of rows that belong to none */

extern Style fc_svg_style(int64 slot);
extern Style *fc_svg_styles(const PlotCluster *cluster, int ncluster);
extern bool fc_svg_is_noise(const PlotCluster *cluster);
extern const char *fc_svg_cluster_text(const PlotCluster *cluster);
extern void fc_svg_draw_mark(StringInfo out, int shape, double x, double y, double r, const char *title);
extern void fc_svg_draw_points(StringInfo out, const Plot *plot, const int32 *place, const Style *style,
							   const Axis *x, const Axis *y);
extern double fc_svg_opacity(const Plot *plot, double membership);
extern bool fc_svg_is_outside(const Plot *plot, const PlotPoint *point);

/* ---- svg_overlay.c: centers and ellipses, over the points ---- */

extern int	fc_svg_centers_outside(const Plot *plot, const PlotCluster *sorted);
extern void fc_svg_draw_overlay(StringInfo out, const Plot *plot, const PlotCluster *sorted, const Style *style,
								const Axis *x, const Axis *y);

#endif

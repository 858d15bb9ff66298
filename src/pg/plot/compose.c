/*
 * compose.c - what is drawn of a sample: its points, texts and axes, as the options want them
 *
 * Axes are cut where outliers would press all other points together: clip is the share of
 * rows that may be beyond each of them, half of it at either end. An axis is cut only where
 * the extreme is farther from these quantiles than a quarter of the distance between them.
 * Where it is not cut, there is room for ellipses.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/sample.h"

#define FENCE 0.25

/* An axis grows for ellipses by at most this part of it at either end */
#define MOST_WIDENED 0.5

typedef struct Value
{
	double		v;
	int64		rows;
} Value;

static int
compare_values(const void *va, const void *vb)
{
	double		a = ((const Value *) va)->v;
	double		b = ((const Value *) vb)->v;

	return a < b ? -1 : a > b;
}

/* The value at or beyond which a share of the rows is, counted from the least one; value (n) is sorted */
static double
quantile(const Value *value, int n, int64 rows, double share)
{
	int64		beyond = (int64) (share * rows);
	int			i = 0;

	for (int64 before = value[0].rows; before <= beyond && i + 1 < n; before += value[i].rows)
		i++;
	return value[i].v;
}

/* coordinate: where it is in a point */
static void
cut_axis(PlotAxis *axis, const Plot *plot, size_t coordinate, double clip)
{
	Value	   *value = palloc(plot->npoint * sizeof(Value));
	double		low;
	double		high;
	double		fence;

	for (int i = 0; i < plot->npoint; i++)
		value[i] = (Value) {*(const double *) ((const char *) &plot->point[i] + coordinate), plot->point[i].rows};
	qsort(value, plot->npoint, sizeof(Value), compare_values);
	low = quantile(value, plot->npoint, plot->drawn, clip / 2);
	high = quantile(value, plot->npoint, plot->drawn, 1 - clip / 2);
	fence = FENCE * high - FENCE * low;
	if (fence > 0 && low - fence > axis->min)
		axis->min = low - fence;
	if (fence > 0 && high + fence < axis->max)
		axis->max = high + fence;
	pfree(value);
}

/* Over an ellipse too, half of which is at either side of "center" */
static void
widen_axis(PlotAxis *axis, const PlotAxis *rows, double center, double half)
{
	double		most = MOST_WIDENED * rows->max - MOST_WIDENED * rows->min;

	axis->min = Min(axis->min, Max(center - half, rows->min - most));
	axis->max = Max(axis->max, Min(center + half, rows->max + most));
}

/* Those with values beyond the rows' that are as good; a cut one is to show less, not more */
static bool
may_be_wider(const PlotAxis *axis, const PlotAxis *rows)
{
	return (axis->kind == AXIS_NUMBER || axis->kind == AXIS_LOG) && axis->min == rows->min && axis->max == rows->max &&
		isfinite(rows->min - (rows->max - rows->min)) && isfinite(rows->max + (rows->max - rows->min));
}

/* All of them, not only what is within the extremes of the rows, which x and y have */
static void
show_ellipses(Plot *plot, const PlotAxis *x, const PlotAxis *y)
{
	bool		wider_x = may_be_wider(&plot->x, x);
	bool		wider_y = may_be_wider(&plot->y, y);

	for (int c = 0; c < plot->ncluster; c++)
	{
		const PlotSpread *s = &plot->spread[c];

		if (!(s->weight > 0) || fc_svg_is_noise(&plot->cluster[c]))
			continue;
		if (wider_x)
			widen_axis(&plot->x, x, s->x, plot->ellipses * ldexp(sqrt(s->xx), s->x_exponent));
		if (wider_y)
			widen_axis(&plot->y, y, s->y, plot->ellipses * ldexp(sqrt(s->yy), s->y_exponent));
	}
}

Plot
fc_plot_of_sample(const PlotSample *s)
{
	const PlotOptions *o = s->options ? s->options : fc_plot_options(s->jsonb);
	Plot		plot = s->plot;

	plot.point = fc_sample_points(s, &plot.npoint);
	plot.drawn = 0;
	for (int i = 0; i < plot.npoint; i++)
		plot.drawn += plot.point[i].rows;
	plot.title = plot.title ? plot.title : o->title;
	plot.x.label = plot.x.label ? plot.x.label : o->x_label;
	plot.y.label = plot.y.label ? plot.y.label : o->y_label;
	plot.centers = o->centers;
	plot.ellipses = o->ellipses;
	plot.hover = o->hover;
	if (o->clip > 0)
	{
		cut_axis(&plot.x, &plot, offsetof(PlotPoint, x), o->clip);
		cut_axis(&plot.y, &plot, offsetof(PlotPoint, y), o->clip);
	}
	plot.spread = fc_spreads(s, &plot.x, &plot.y);
	if (plot.spread != NULL && o->ellipses > 0)
		show_ellipses(&plot, &s->plot.x, &s->plot.y);
	return plot;
}

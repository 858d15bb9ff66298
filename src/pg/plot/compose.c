/*
 * compose.c - what is drawn of a sample: its points, texts and axes, as the options want them
 *
 * Axes are cut where outliers would press all other points together: clip is the share of
 * rows that may be beyond each of them, half of it at either end. An axis is cut only where
 * the extreme is farther from these quantiles than a quarter of the distance between them.
 */
#include "postgres.h"

#include "pg/plot/sample.h"

#define FENCE 0.25

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
	return plot;
}

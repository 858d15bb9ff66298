/*
 * svg_overlay.c - centers and covariance ellipses of clusters, drawn over their points
 *
 * An ellipse of s standard deviations has the points v + s L a, |a| = 1, with the center v
 * and the covariance L L' of the cluster. In pixels the covariance is
 *
 *	 ( a  b )	eigenvalues (a + c) / 2 +- sqrt(((a - c) / 2)^2 + b^2)
 *	 ( b  c )	angle of the longer axis atan2(2 b, a - c) / 2
 *
 * An <svg> within the picture cuts what is beyond the frame: that takes no id.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/svg.h"

#define RADIUS 6.5				/* of a center */
#define THINNEST 0.5			/* radius of an ellipse, else it would not be drawn */
#define LARGEST 1e5				/* and all of it is beyond the frame, or it is all of the frame */

static bool
has_center(const Plot *plot, const PlotCluster *cluster)
{
	return plot->spread[cluster->place].weight > 0 && !fc_svg_is_noise(cluster);
}

/* Pixels of 2^exponent along an axis */
static double
pixels_of(const Axis *a, int exponent)
{
	double		unit = ldexp((a->end - a->start) / (a->hi - a->lo), exponent);

	return a->kind == AXIS_LOG ? unit : unit / pow(10, a->scale);
}

/* A covariance in pixels, where one of 0 may have no units */
static double
in_pixels(double covariance, double px, double py)
{
	return covariance == 0 ? 0 : covariance * px * py;
}

/* Unless no part of it can be seen */
static void
draw_ellipse(StringInfo out, const PlotSpread *s, double deviations, const char *color, const Axis *x, const Axis *y)
{
	double		px = pixels_of(x, s->x_exponent);
	double		py = pixels_of(y, s->y_exponent);
	double		xx = in_pixels(s->xx, px, px);
	double		xy = in_pixels(s->xy, px, py);
	double		yy = in_pixels(s->yy, py, py);
	double		middle = (xx + yy) / 2;
	double		apart = hypot((xx - yy) / 2, xy);
	double		longer = deviations * sqrt(middle + apart);
	double		shorter = deviations * sqrt(Max(middle - apart, 0));
	double		cx = fc_svg_place(x, s->x) - x->start;
	double		cy = fc_svg_place(y, s->y) - y->end;

	if (!(longer > THINNEST && longer < LARGEST && fabs(cx) < LARGEST && fabs(cy) < LARGEST))
		return;
	appendStringInfo(out, "<ellipse rx='%.1f' ry='%.1f' transform='translate(%.1f %.1f)rotate(%.2f)' stroke='%s'/>",
					 longer, Max(shorter, THINNEST), cx, cy, atan2(2 * xy, xx - yy) * 90 / M_PI, color);
}

static void
draw_ellipses(StringInfo out, const Plot *plot, const PlotCluster *sorted, const Style *style, const Axis *x, const Axis *y)
{
	double		width = x->end - x->start;
	double		height = y->start - y->end;

	appendStringInfo(out, "<svg class='ellipses' x='%.1f' y='%.1f' width='%.1f' height='%.1f'>"
					 "<g fill='none' stroke-width='1.8' stroke-opacity='0.9'>", x->start, y->end, width, height);
	for (int c = 0; c < plot->ncluster; c++)
		if (has_center(plot, &sorted[c]))
			draw_ellipse(out, &plot->spread[sorted[c].place], plot->ellipses, style[c].color, x, y);
	appendStringInfoString(out, "</g></svg>");
}

static bool
is_within(const Plot *plot, const PlotSpread *s)
{
	return s->x >= plot->x.min && s->x <= plot->x.max && s->y >= plot->y.min && s->y <= plot->y.max;
}

/* Those that are beyond axes which are cut */
int
fc_svg_centers_outside(const Plot *plot, const PlotCluster *sorted)
{
	int			n = 0;

	for (int c = 0; c < plot->ncluster && plot->spread != NULL && plot->centers; c++)
		if (has_center(plot, &sorted[c]) && !is_within(plot, &plot->spread[sorted[c].place]))
			n++;
	return n;
}

static void
draw_centers(StringInfo out, const Plot *plot, const PlotCluster *sorted, const Style *style, const Axis *x, const Axis *y)
{
	appendStringInfoString(out, "<g class='centers' stroke='" PAPER "' stroke-width='1.6'>");
	for (int c = 0; c < plot->ncluster; c++)
	{
		const PlotSpread *s = &plot->spread[sorted[c].place];

		if (!has_center(plot, &sorted[c]) || !is_within(plot, s))
			continue;
		appendStringInfo(out, "<g fill='%s'>", style[c].color);
		fc_svg_draw_mark(out, style[c].shape, fc_svg_place(x, s->x), fc_svg_place(y, s->y), RADIUS,
						 psprintf("center of cluster %s", fc_svg_cluster_text(&sorted[c])));
		appendStringInfo(out, "<circle cx='%.1f' cy='%.1f' r='1.6' fill='" PAPER "' stroke='none'/></g>",
						 fc_svg_place(x, s->x), fc_svg_place(y, s->y));
	}
	appendStringInfoString(out, "</g>");
}

/* sorted, style: (ncluster) in the order of drawing */
void
fc_svg_draw_overlay(StringInfo out, const Plot *plot, const PlotCluster *sorted, const Style *style,
					const Axis *x, const Axis *y)
{
	if (plot->spread == NULL)
		return;
	if (plot->ellipses > 0)
		draw_ellipses(out, plot, sorted, style, x, y);
	if (plot->centers)
		draw_centers(out, plot, sorted, style, x, y);
}

/*
 * svg_marks.c - the points of a plot: colour, shape, opacity and order
 *
 * The style of a cluster is determined by its id while ids are at most NSTYLE,
 * so that cluster 3 has the same style in the plots of all groups; beyond
 * that, and for labels, it is determined by rank, so that the first NSTYLE
 * clusters have different styles. Cluster 0 is the noise, and grey, and so are
 * clusters below 0, as other programs call noise -1.
 *
 * Noise is drawn first, behind all else; then points from the faintest to the
 * strongest, so that the cores of clusters stay clear. Equally strong points go in
 * several layers, each with some points of every cluster: else the last cluster would
 * hide the others. In a layer the points of a cluster share one group, which keeps the
 * text short.
 *
 * Points beyond an axis that is cut are small triangles at its end, which point outwards.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/svg.h"

#define LEVELS 20				/* steps of opacity */
#define LAYER_BITS 3
#define BORDER 4.0				/* from the tip of a triangle to its middle */
#define LONGEST_LABEL 40.0		/* ems, in the title of a point */
#define LONGEST_NAME 80.0
#define DOT " \xC2\xB7 "

/*
 * Seven colours that stay apart for trichromats and for the three kinds of
 * dichromats, none too light for a white ground.
 */
static const uint32 palette[] = {
	0x0072B2, 0xD55E00, 0x009E73, 0xAA3377, 0x56B4E9, 0xD9AE1E, 0x332288
};

#define NOISE_COLOR 0x8F969E

/* Later turns of the palette: percent towards black (below 0) or white */
static const int shades[] = {0, -30, 30, -15, 15};

#define NSTYLE ((int) (lengthof(palette) * lengthof(shades)))

StaticAssertDecl(NSTYLE == SVG_STYLES, "as many styles as the header says");

/* Of about the area of a circle of radius 1, which has no corners */
typedef struct Shape
{
	int			ncorner;
	double		corner[12][2];
} Shape;

static const Shape shapes[] = {
	{0, {{0}}},
	{4, {{-0.89, -0.89}, {0.89, -0.89}, {0.89, 0.89}, {-0.89, 0.89}}},
	{3, {{0, -1.45}, {1.3, 0.8}, {-1.3, 0.8}}},
	{4, {{0, -1.35}, {1.15, 0}, {0, 1.35}, {-1.15, 0}}},
	{3, {{0, 1.45}, {-1.3, -0.8}, {1.3, -0.8}}},
	{12, {{0, -0.45}, {0.75, -1.2}, {1.2, -0.75}, {0.45, 0}, {1.2, 0.75}, {0.75, 1.2},
	{0, 0.45}, {-0.75, 1.2}, {-1.2, 0.75}, {-0.45, 0}, {-1.2, -0.75}, {-0.75, -1.2}}},
	{3, {{-1.45, 0}, {0.8, 1.3}, {0.8, -1.3}}},
	{3, {{1.45, 0}, {-0.8, 1.3}, {-0.8, -1.3}}},
};

#define UP 2					/* triangles */
#define DOWN 4
#define LEFT 6
#define RIGHT 7
#define NSHAPE 6				/* those of clusters */

typedef struct Mark
{
	bool		noise;
	int			level;			/* of opacity, 0 to LEVELS */
	int			layer;
	int			cluster;		/* index, not id */
	int			order;			/* of the point; makes the order of marks total */
	int			outwards;		/* the shape at an end of an axis; 0: the point is within */
	double		x;
	double		y;
} Mark;

/* A channel of a colour, moved by this percentage towards black or white */
static int
shade(uint32 color, int shift, int percent)
{
	int			v = (color >> shift) & 0xFF;

	return v + (percent < 0 ? v : 255 - v) * percent / 100;
}

static Style
make_style(uint32 color, int percent, int shape)
{
	Style		s = {.shape = shape % NSHAPE};

	snprintf(s.color, sizeof(s.color), "#%02x%02x%02x", shade(color, 16, percent),
			 shade(color, 8, percent), shade(color, 0, percent));
	return s;
}

/* slot counts from 0; below it: the noise */
Style
fc_svg_style(int64 slot)
{
	int			turn = (int) (slot / (int64) lengthof(palette) % (int64) lengthof(shades));

	if (slot < 0)
		return make_style(NOISE_COLOR, 0, 0);
	return make_style(palette[slot % (int64) lengthof(palette)], shades[turn], turn);
}

bool
fc_svg_is_noise(const PlotCluster *cluster)
{
	return cluster->label == NULL && cluster->key <= SVG_NOISE;
}

/* (ncluster), of clusters in the order of drawing */
Style *
fc_svg_styles(const PlotCluster *cluster, int ncluster)
{
	Style	   *style = palloc(ncluster * sizeof(Style));
	bool		by_id = cluster[ncluster - 1].label == NULL && cluster[ncluster - 1].key <= NSTYLE;
	int			rank = 0;

	for (int c = 0; c < ncluster; c++)
	{
		if (!fc_svg_is_noise(&cluster[c]))
			style[c] = fc_svg_style(by_id ? cluster[c].key - 1 : rank++);
		else if (cluster[c].key == SVG_NOISE)
			style[c] = make_style(NOISE_COLOR, 0, 0);
		else
			style[c] = make_style(NOISE_COLOR, 0, NSHAPE - 1 - (int) ((cluster[c].key + 1) % NSHAPE));
	}
	return style;
}

/* As the legend has it, but as long as it is */
const char *
fc_svg_cluster_text(const PlotCluster *cluster)
{
	StringInfoData s;

	if (cluster->name != NULL)
		return cluster->name;
	if (cluster->label != NULL)
		return *cluster->label == '\0' ? "(empty)" : cluster->label;
	if (cluster->key == SVG_NOISE)
		return "noise";
	initStringInfo(&s);
	fc_svg_add_decimal(&s, cluster->key, 0, false);
	return s.data;
}

/* Many points lie on one another, so each is smaller and less opaque */
static double
radius(const Plot *plot)
{
	return 4.6 * pow(100.0 / Max(plot->npoint, 100), 0.22);
}

double
fc_svg_opacity(const Plot *plot, double membership)
{
	double		most = 0.9 * pow(1000.0 / Max(plot->npoint, 1000), 0.15);

	return 0.15 + (most - 0.15) * membership;
}

/* The end of an element, which is empty but for a title, if there is one */
static void
end_mark(StringInfo out, const char *element, const char *title)
{
	if (title == NULL)
	{
		appendStringInfoString(out, "/>");
		return;
	}
	appendStringInfoString(out, "><title>");
	fc_svg_write(out, title);
	appendStringInfo(out, "</title></%s>", element);
}

void
fc_svg_draw_mark(StringInfo out, int shape, double x, double y, double r, const char *title)
{
	const Shape *s = &shapes[shape];

	if (s->ncorner == 0)
	{
		appendStringInfo(out, "<circle cx='%.1f' cy='%.1f' r='%.1f'", x, y, r);
		end_mark(out, "circle", title);
		return;
	}
	appendStringInfoString(out, "<path d='M");
	for (int i = 0; i < s->ncorner; i++)
		appendStringInfo(out, "%s%.1f %.1f", i == 0 ? "" : "L",
						 x + r * s->corner[i][0], y + r * s->corner[i][1]);
	appendStringInfoString(out, "z'");
	end_mark(out, "path", title);
}

static int
compare_marks(const void *va, const void *vb)
{
	const Mark *a = va;
	const Mark *b = vb;

	if (a->noise != b->noise)
		return a->noise ? -1 : 1;
	if (a->level != b->level)
		return a->level - b->level;
	if (a->layer != b->layer)
		return a->layer - b->layer;
	if (a->cluster != b->cluster)
		return a->cluster - b->cluster;
	return a->order - b->order;
}

/* Is a point beyond the ends of an axis, which is cut? */
bool
fc_svg_is_outside(const Plot *plot, const PlotPoint *p)
{
	return p->x < plot->x.min || p->x > plot->x.max || p->y < plot->y.min || p->y > plot->y.max;
}

/* Where a point is drawn, within the frame */
static void
place_mark(Mark *mark, const Plot *plot, const PlotPoint *p, const Axis *x, const Axis *y)
{
	if (p->x < plot->x.min || p->x > plot->x.max)
		mark->outwards = p->x < plot->x.min ? LEFT : RIGHT;
	else if (p->y < plot->y.min || p->y > plot->y.max)
		mark->outwards = p->y < plot->y.min ? DOWN : UP;
	else
		mark->outwards = 0;
	mark->x = mark->outwards == LEFT ? x->start + BORDER : mark->outwards == RIGHT ? x->end - BORDER :
		fc_svg_place(x, p->x);
	mark->y = mark->outwards == DOWN || p->y < plot->y.min ? y->start - BORDER :
		mark->outwards == UP || p->y > plot->y.max ? y->end + BORDER : fc_svg_place(y, p->y);
}

/* (npoint) in the order of drawing */
static Mark *
sorted_marks(const Plot *plot, const int32 *place, const Axis *x, const Axis *y)
{
	Mark	   *mark = palloc(plot->npoint * sizeof(Mark));

	for (int i = 0; i < plot->npoint; i++)
	{
		const PlotPoint *p = &plot->point[i];

		mark[i].noise = fc_svg_is_noise(&plot->cluster[p->cluster]);
		mark[i].level = (int) rint(p->membership * LEVELS);
		/* the top bits of a multiplicative hash: neighbours go apart */
		mark[i].layer = ((uint32) i * 2654435769u) >> (32 - LAYER_BITS);
		mark[i].cluster = place[p->cluster];
		mark[i].order = i;
		place_mark(&mark[i], plot, p, x, y);
	}
	qsort(mark, plot->npoint, sizeof(Mark), compare_marks);
	return mark;
}

static void
add_value(StringInfo s, const PlotAxis *axis, const char *name, double v)
{
	appendStringInfo(s, "%s ", axis->label != NULL ? fc_svg_text_fit(axis->label, 1, LONGEST_LABEL) : name);
	if (axis->kind == AXIS_NUMBER)
		appendStringInfoString(s, fc_svg_number(v));
	else if (axis->kind == AXIS_LOG)
		appendStringInfoString(s, fc_svg_number(pow(10, v)));
	else
		appendStringInfoString(s, fc_svg_time_text(axis->kind, v));
	appendStringInfoString(s, DOT);
}

/* What is known of a point */
static char *
title_of(const Plot *plot, const PlotPoint *p)
{
	StringInfoData s;

	initStringInfo(&s);
	add_value(&s, &plot->x, "x", p->x);
	add_value(&s, &plot->y, "y", p->y);
	appendStringInfo(&s, "cluster %s", fc_svg_text_fit(fc_svg_cluster_text(&plot->cluster[p->cluster]), 1, LONGEST_NAME));
	if (plot->membership_min < 1)
		appendStringInfo(&s, DOT "membership %.3g", p->membership);
	if (p->rows > 1)
		appendStringInfo(&s, DOT "%s rows", fc_svg_count(p->rows));
	return s.data;
}

static bool
same_group(const Mark *a, const Mark *b)
{
	return a->level == b->level && a->cluster == b->cluster;
}

/* place: (ncluster) where the clusters of points are in the order of drawing */
void
fc_svg_draw_points(StringInfo out, const Plot *plot, const int32 *place, const Style *style,
				   const Axis *x, const Axis *y)
{
	const Mark *mark = sorted_marks(plot, place, x, y);
	double		r = radius(plot);
	char	   *title = NULL;

	/* a thin white rim keeps a few points apart; many it would wash out */
	appendStringInfo(out, "<g class='points'%s>",
					 r > 2.5 ? " stroke='#fff' stroke-width='0.6'" : "");
	for (int i = 0; i < plot->npoint; i++)
	{
		const Style *s = &style[mark[i].cluster];

		if (i == 0 || !same_group(&mark[i - 1], &mark[i]))
			appendStringInfo(out, "%s<g fill='%s' fill-opacity='%.2f'>",
							 i == 0 ? "" : "</g>", s->color,
							 fc_svg_opacity(plot, mark[i].level / (double) LEVELS));
		if (plot->hover)
			title = title_of(plot, &plot->point[mark[i].order]);
		fc_svg_draw_mark(out, mark[i].outwards ? mark[i].outwards : s->shape, mark[i].x, mark[i].y,
						 mark[i].outwards ? BORDER / 1.45 : r, title);
	}
	appendStringInfoString(out, "</g></g>");
}

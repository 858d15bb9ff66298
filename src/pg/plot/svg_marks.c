/*
 * svg_marks.c - the points of a plot: colour, shape, opacity and order
 *
 * The style of a cluster is determined by its id while ids are at most NSTYLE,
 * so that cluster 3 has the same style in the plots of all groups; beyond
 * that, and for labels, it is determined by rank, so that the first NSTYLE
 * clusters have different styles. Cluster 0 is dark and clusters below 0 are
 * grey, as many programs call noise 0 or -1.
 *
 * Points are drawn from the faintest to the strongest, so that the cores of
 * clusters stay clear. Equally strong points go in several layers, each with
 * some points of every cluster: else the last cluster would hide the others.
 * In a layer the points of a cluster share one group, which keeps the text short.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/svg.h"

#define LEVELS 20				/* steps of opacity */
#define LAYER_BITS 3

/*
 * Seven colours that stay apart for trichromats and for the three kinds of
 * dichromats, none too light for a white ground.
 */
static const uint32 palette[] = {
	0x0072B2, 0xD55E00, 0x009E73, 0xAA3377, 0x56B4E9, 0xD9AE1E, 0x332288
};

#define ZERO_COLOR 0x20242B
#define NOISE_COLOR 0x8F969E

/* Later turns of the palette: percent towards black (below 0) or white */
static const int shades[] = {0, -30, 30, -15, 15};

#define NSTYLE ((int) (lengthof(palette) * lengthof(shades)))

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
};

#define NSHAPE ((int) lengthof(shapes))

typedef struct Mark
{
	int			level;			/* of opacity, 0 to LEVELS */
	int			layer;
	int			cluster;		/* index, not id */
	int			order;			/* makes the order of marks total */
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

/* slot counts from 0 */
static Style
palette_style(int slot)
{
	int			turn = slot / (int) lengthof(palette) % (int) lengthof(shades);

	return make_style(palette[slot % lengthof(palette)], shades[turn], turn);
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
		int64		id = cluster[c].key;

		if (cluster[c].label == NULL && id < 0)
			style[c] = make_style(NOISE_COLOR, 0, NSHAPE - 1 - (int) ((id + 1) % NSHAPE));
		else if (cluster[c].label == NULL && id == 0)
			style[c] = make_style(ZERO_COLOR, 0, 0);
		else
			style[c] = palette_style(by_id ? (int) id - 1 : rank++);
	}
	return style;
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

void
fc_svg_draw_mark(StringInfo out, int shape, double x, double y, double r)
{
	const Shape *s = &shapes[shape];

	if (s->ncorner == 0)
	{
		appendStringInfo(out, "<circle cx='%.1f' cy='%.1f' r='%.1f'/>", x, y, r);
		return;
	}
	appendStringInfoString(out, "<path d='M");
	for (int i = 0; i < s->ncorner; i++)
		appendStringInfo(out, "%s%.1f %.1f", i == 0 ? "" : "L",
						 x + r * s->corner[i][0], y + r * s->corner[i][1]);
	appendStringInfoString(out, "z'/>");
}

static int
compare_marks(const void *va, const void *vb)
{
	const Mark *a = va;
	const Mark *b = vb;

	if (a->level != b->level)
		return a->level - b->level;
	if (a->layer != b->layer)
		return a->layer - b->layer;
	if (a->cluster != b->cluster)
		return a->cluster - b->cluster;
	return a->order - b->order;
}

/* (npoint) in the order of drawing */
static Mark *
sorted_marks(const Plot *plot, const int32 *place, const Axis *x, const Axis *y)
{
	Mark	   *mark = palloc(plot->npoint * sizeof(Mark));

	for (int i = 0; i < plot->npoint; i++)
	{
		const PlotPoint *p = &plot->point[i];

		mark[i].level = (int) rint(p->membership * LEVELS);
		/* the top bits of a multiplicative hash: neighbours go apart */
		mark[i].layer = ((uint32) i * 2654435769u) >> (32 - LAYER_BITS);
		mark[i].cluster = place[p->cluster];
		mark[i].order = i;
		mark[i].x = fc_svg_place(x, p->x);
		mark[i].y = fc_svg_place(y, p->y);
	}
	qsort(mark, plot->npoint, sizeof(Mark), compare_marks);
	return mark;
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
		fc_svg_draw_mark(out, s->shape, mark[i].x, mark[i].y, r);
	}
	appendStringInfoString(out, "</g></g>");
}

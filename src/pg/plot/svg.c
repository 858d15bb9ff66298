/*
 * svg.c - a scatter plot of clustered rows, drawn as SVG
 *
 *	 title
 *	 note of y						cluster	  rows
 *	 +------------------------+		o 1		 1,234
 *	 |						  |		o 2		 5,678
 *	 | points				  |		membership
 *	 +------------------------+		. o o o o
 *		 x label	 note of x
 *	 captions
 *
 * In a page the legend is below, in columns, so that there is room for the points on a
 * narrow screen.
 *
 * It is one line, without commas, double quotes and backslashes: then all that
 * PostgreSQL and its clients may do to a value on the way to a file, as COPY
 * with its formats, leaves it as it is.
 *
 * Margins are determined by the text in them. The picture is self-contained:
 * it paints its own white background and has no style sheet and no ids, so it
 * looks the same in a file, in a dark viewer, and in a page with other plots.
 */
#include "postgres.h"

#include "pg/plot/figure.h"

#define WIDTH 800.0
#define HEIGHT 600.0
#define MARGIN 20
#define FRAME_OF_WIDTH 0.72		/* height of the frame, in a page */
#define LEGEND_MAX 30			/* clusters listed */
#define LEGEND_GAP 34
#define LEGEND_PITCH 20.0
#define LONGEST_LABEL 170.0	/* pixels of a cluster's label */
#define SWATCH 18				/* from the legend's edge to its words */
#define COUNT_GAP 16
#define COLUMN_GAP 24			/* between columns of a legend below */
#define KEY_HEIGHT 70
#define KEY_WIDTH 96
#define KEY_LINE 24				/* height of a key below */
#define CAPTION_LINE 15
#define MOST_CAPTIONS 4

#define TITLE_SIZE 17.0
#define TITLE_LINE 22
#define CAPTION_SIZE 11.0
#define BOLD 1.1				/* wider than regular text */

typedef struct Legend
{
	bool		below;			/* the frame, not beside it */
	int			listed;			/* clusters */
	double		left;
	double		top;			/* of the space that it has */
	double		longest;		/* width that names may have */
	double		width;			/* of a column */
	int			columns;		/* below */
	bool		key;			/* of membership */
} Legend;

typedef struct Layout
{
	const Plot *plot;
	const PlotCluster *cluster; /* (ncluster) in the order of drawing */
	double		width;
	double		height;
	double		margin;
	const char *title[2];		/* lines, NULL: none */
	Axis		x;
	Axis		y;
	char	   *x_note;
	char	   *y_note;
	Legend		legend;
	int			ncaption;
	const char *caption[MOST_CAPTIONS];
} Layout;

/* Layout */

static void
break_title(Layout *l)
{
	const char *title = l->plot->title;
	double		room = l->width - 2 * l->margin;
	const char *end;

	if (title == NULL)
		return;
	end = fc_svg_text_break(title, TITLE_SIZE * BOLD, room);
	l->title[0] = pnstrdup(title, end - title);
	if (*end != '\0')
		l->title[1] = fc_svg_text_fit(*end == ' ' ? end + 1 : end, TITLE_SIZE * BOLD, room);
}

static int
compare_clusters(const void *va, const void *vb)
{
	const PlotCluster *a = va;
	const PlotCluster *b = vb;
	int			by_label = a->label == NULL ? 0 : strcmp(a->label, b->label);

	return by_label != 0 ? by_label : a->key < b->key ? -1 : a->key > b->key;
}

/* Numbers ascend, labels are in the order of their bytes, whatever the order of the rows */
static const PlotCluster *
sorted_clusters(const Plot *plot)
{
	PlotCluster *sorted = palloc(plot->ncluster * sizeof(PlotCluster));

	memcpy(sorted, plot->cluster, plot->ncluster * sizeof(PlotCluster));
	for (int c = 0; c < plot->ncluster; c++)
		sorted[c].place = c;
	qsort(sorted, plot->ncluster, sizeof(PlotCluster), compare_clusters);
	return sorted;
}

static const char *
cluster_text(const Layout *l, int c)
{
	return fc_svg_text_fit(fc_svg_cluster_text(&l->cluster[c]), TICK_SIZE, l->legend.longest);
}

static int64
rows_outside(const Plot *plot)
{
	int64		rows = 0;

	for (int i = 0; i < plot->npoint; i++)
		if (fc_svg_is_outside(plot, &plot->point[i]))
			rows += plot->point[i].rows;
	return rows;
}

static const char *
counted_rows(int64 rows)
{
	return psprintf("%s %s", fc_svg_count(rows), rows == 1 ? "row" : "rows");
}

/* What the picture does not show as it is */
static void
find_captions(Layout *l)
{
	const Plot *plot = l->plot;
	int64		outside = rows_outside(plot);
	int			centers = fc_svg_centers_outside(plot, l->cluster);

	if (plot->drawn < plot->rows)
		l->caption[l->ncaption++] = psprintf("%s of %s rows drawn", fc_svg_count(plot->drawn), fc_svg_count(plot->rows));
	if (outside > 0)
		l->caption[l->ncaption++] = psprintf("%s%s beyond the axes: triangles at the edge", counted_rows(outside),
											 plot->drawn < plot->rows ? " of them" : "");
	if (centers > 0)
		l->caption[l->ncaption++] = psprintf("%s %s beyond the axes", fc_svg_count(centers), centers == 1 ? "center" : "centers");
	if (plot->left_out > 0)
		l->caption[l->ncaption++] = psprintf("%s left out: no logarithm", counted_rows(plot->left_out));
}

static double
count_width(const Layout *l)
{
	double		count = fc_svg_text_width("Rows", TICK_SIZE * BOLD);

	for (int c = 0; c < l->legend.listed; c++)
		count = Max(count, fc_svg_text_width(fc_svg_count(l->cluster[c].rows), TICK_SIZE));
	return count;
}

/* A column with names and counts: two of them fit below the frame */
static void
find_legend_width(Layout *l)
{
	double		name = fc_svg_text_width("Cluster", TICK_SIZE * BOLD) - SWATCH;
	double		others = SWATCH + COUNT_GAP + count_width(l);

	l->legend.longest = LONGEST_LABEL;
	if (l->legend.below)
		l->legend.longest = Min(LONGEST_LABEL, (l->width - 2 * l->margin - COLUMN_GAP) / 2 - others);
	for (int c = 0; c < l->legend.listed; c++)
		name = Max(name, fc_svg_text_width(cluster_text(l, c), TICK_SIZE));
	l->legend.width = name + others;
	if (l->legend.key && !l->legend.below)
		l->legend.width = Max(l->legend.width, KEY_WIDTH);
}

/* From the frame's bottom to the picture's, or to a legend below */
static double
height_below(const Layout *l)
{
	double		height = l->legend.below ? 28 : 16;

	if (l->ncaption > 0)
		height += 22 + (l->ncaption - 1) * CAPTION_LINE;
	if (l->plot->x.label != NULL || *l->x_note != '\0')
		height += 24;
	return height;
}

static double
top_of_frame(const Layout *l)
{
	double		top = l->margin;

	for (int i = 0; i < 2; i++)
		top += l->title[i] != NULL ? TITLE_LINE : 0;
	if (l->title[0] != NULL)
		top += 10;
	if (*l->y_note != '\0')
		top += 16;
	return top;
}

static int
legend_lines(const Layout *l)
{
	int			entries = l->legend.listed + (l->legend.listed < l->plot->ncluster ? 1 : 0);

	return (entries + l->legend.columns - 1) / l->legend.columns;
}

/* Ticks of y do not depend on pixels but for their number, so the left margin can depend on them */
static void
place_frame(Layout *l)
{
	double		right = l->legend.below ? l->width - l->margin : l->legend.left - LEGEND_GAP;

	l->x.start = l->margin + fc_svg_tick_width(&l->y) + 9 + (l->plot->y.label != NULL ? 24 : 0);
	l->x.end = right;
	fc_svg_fit_x(&l->x, &l->plot->x, 8);
	if (l->legend.below)
	{
		l->x.end = Min(right, l->width - fc_svg_tick_width(&l->x) / 2);
		fc_svg_fit_x(&l->x, &l->plot->x, 8);
	}
	l->x_note = fc_svg_axis_note(&l->x);
	l->y_note = fc_svg_axis_note(&l->y);
	l->y.end = top_of_frame(l);
}

/* Beside the frame, in a picture of given height */
static void
lay_out_beside(Layout *l)
{
	l->height = HEIGHT;
	l->y.start = HEIGHT - MARGIN - 60;
	l->y.end = MARGIN + 16;
	fc_svg_fit_y(&l->y, &l->plot->y, 8);
	find_legend_width(l);
	l->legend.left = WIDTH - MARGIN - l->legend.width;
	l->legend.columns = 1;
	place_frame(l);
	l->y.start = l->height - l->margin - height_below(l);
	l->legend.top = l->y.end;
}

/* Below it */
static void
lay_out_below(Layout *l)
{
	l->y.start = l->width * FRAME_OF_WIDTH;
	l->y.end = 0;
	fc_svg_fit_y(&l->y, &l->plot->y, 6);
	find_legend_width(l);
	l->legend.left = l->margin;
	l->legend.columns = Max(1, (int) ((l->width - 2 * l->margin + COLUMN_GAP + 0.5) / (l->legend.width + COLUMN_GAP)));
	place_frame(l);
	l->y.start = l->y.end + l->width * FRAME_OF_WIDTH;
	l->legend.top = l->y.start + height_below(l);
	l->height = l->legend.top + (1 + legend_lines(l)) * LEGEND_PITCH + (l->legend.key ? KEY_LINE : 0) + 8;
}

/* width 0: a picture by itself */
static Layout
make_layout(const Plot *plot, double width)
{
	Layout		l = {.plot = plot, .cluster = sorted_clusters(plot)};

	l.width = width > 0 ? width : WIDTH;
	l.margin = width > 0 ? FIGURE_MARGIN : MARGIN;
	l.legend.below = width > 0;
	l.legend.listed = Min(plot->ncluster, LEGEND_MAX);
	l.legend.key = plot->membership_min < plot->membership_max;
	find_captions(&l);
	if (l.legend.below)
		lay_out_below(&l);
	else
	{
		break_title(&l);
		lay_out_beside(&l);
	}
	return l;
}

/* Drawing */

static void
draw_title(StringInfo out, const Layout *l)
{
	appendStringInfo(out, "<g class='title' font-size='%g' font-weight='600'>", TITLE_SIZE);
	for (int i = 0; i < 2 && l->title[i] != NULL; i++)
		fc_svg_draw_text(out, l->margin, l->margin + 14 + i * TITLE_LINE, "", l->title[i]);
	appendStringInfoString(out, "</g>");
}

static void
draw_captions(StringInfo out, const Layout *l)
{
	double		bottom = l->legend.below ? l->legend.top - 10 : HEIGHT - MARGIN + 2;

	for (int i = 0; i < l->ncaption; i++)
		fc_svg_draw_text(out, l->x.start, bottom - (l->ncaption - 1 - i) * CAPTION_LINE,
						 psprintf(" class='caption' font-size='%g' fill='" SOFT_INK "'", CAPTION_SIZE),
						 fc_svg_text_fit(l->caption[i], CAPTION_SIZE, l->width - l->margin - l->x.start));
}

/* Distance of two lines of the legend: beside the frame less than usual if there are many */
static double
legend_pitch(const Layout *l)
{
	double		room = HEIGHT - MARGIN - 13 - l->legend.top - (l->legend.key ? KEY_HEIGHT : 0);

	return l->legend.below ? LEGEND_PITCH : Min(LEGEND_PITCH, room / legend_lines(l));
}

static void
draw_legend_line(StringInfo out, const Layout *l, const Style *style, int c, double x, double y)
{
	const char *text = cluster_text(l, c);
	const char *whole = fc_svg_cluster_text(&l->cluster[c]);

	appendStringInfo(out, "<g fill='%s'>", style[c].color);
	fc_svg_draw_mark(out, style[c].shape, x + 5, y - 4, 4.6, strcmp(text, whole) == 0 ? NULL : whole);
	appendStringInfoString(out, "</g>");
	fc_svg_draw_text(out, x + SWATCH, y, "", text);
	fc_svg_draw_text(out, x + l->legend.width, y, " text-anchor='end' fill='" SOFT_INK "'",
					 fc_svg_count(l->cluster[c].rows));
}

/* Gives the baseline of the last line */
static double
draw_legend(StringInfo out, const Layout *l, const Style *style)
{
	double		pitch = legend_pitch(l);
	double		top = l->legend.top + 10 + 3;
	int			lines = legend_lines(l);
	int			folded = l->plot->ncluster - l->legend.listed;

	appendStringInfo(out, "<g class='legend' font-size='%.1f'>", Min(TICK_SIZE, pitch * 0.8));
	for (int column = 0; column * lines < l->legend.listed; column++)
	{
		double		x = l->legend.left + column * (l->legend.width + COLUMN_GAP);

		fc_svg_draw_text(out, x, l->legend.top + 10, " font-weight='600'", "Cluster");
		fc_svg_draw_text(out, x + l->legend.width, l->legend.top + 10, " font-weight='600' text-anchor='end'", "Rows");
	}
	for (int c = 0; c < l->legend.listed; c++)
		draw_legend_line(out, l, style, c, l->legend.left + c / lines * (l->legend.width + COLUMN_GAP),
						 top + (1 + c % lines) * pitch);
	if (folded > 0)
		fc_svg_draw_text(out, l->legend.left + l->legend.listed / lines * (l->legend.width + COLUMN_GAP) + SWATCH,
						 top + (1 + l->legend.listed % lines) * pitch, " fill='" SOFT_INK "'",
						 psprintf("and %s more", fc_svg_count(folded)));
	appendStringInfoString(out, "</g>");
	return top + lines * pitch;
}

/* Five points of rising membership */
static void
draw_key_points(StringInfo out, const Layout *l, double left, double y)
{
	appendStringInfoString(out, "<g fill='" INK "'>");
	for (int i = 0; i <= 4; i++)
	{
		appendStringInfo(out, "<g fill-opacity='%.2f'>", fc_svg_opacity(l->plot, i / 4.0));
		fc_svg_draw_mark(out, 0, left + i * 18, y, 4.6, NULL);
		appendStringInfoString(out, "</g>");
	}
	appendStringInfoString(out, "</g><g fill='" SOFT_INK "' text-anchor='middle'>");
}

/* Under the legend; y: the baseline of its last line */
static void
draw_key(StringInfo out, const Layout *l, double y)
{
	double		words = fc_svg_text_width("Membership", TICK_SIZE * BOLD);
	double		left = l->legend.left + (l->legend.below ? words + 30 : 5);

	y += l->legend.below ? KEY_LINE : 28;
	appendStringInfo(out, "<g class='key' font-size='%g'>", TICK_SIZE);
	fc_svg_draw_text(out, l->legend.left, y, " font-weight='600'", "Membership");
	draw_key_points(out, l, left, l->legend.below ? y - 4 : y + 14);
	if (l->legend.below)
	{
		fc_svg_draw_text(out, left - 14, y, "", "0");
		fc_svg_draw_text(out, left + 86, y, "", "1");
	}
	else
	{
		fc_svg_draw_text(out, left, y + 34, "", "0");
		fc_svg_draw_text(out, left + 36, y + 34, "", "0.5");
		fc_svg_draw_text(out, left + 72, y + 34, "", "1");
	}
	appendStringInfoString(out, "</g></g>");
}

static void
draw(StringInfo out, const Layout *l)
{
	Style	   *style = fc_svg_styles(l->cluster, l->plot->ncluster);
	int32	   *place = palloc(l->plot->ncluster * sizeof(int32));
	double		y;

	for (int c = 0; c < l->plot->ncluster; c++)
		place[l->cluster[c].place] = c;
	fc_svg_draw_grid(out, &l->x, &l->y);
	fc_svg_draw_axes(out, &l->x, &l->y);
	fc_svg_draw_points(out, l->plot, place, style, &l->x, &l->y);
	fc_svg_draw_overlay(out, l->plot, l->cluster, style, &l->x, &l->y);
	draw_title(out, l);
	fc_svg_draw_ticks(out, &l->x, &l->y, true);
	fc_svg_draw_labels(out, &l->x, &l->y, l->plot->x.label, l->plot->y.label, l->margin + 10, true);
	y = draw_legend(out, l, style);
	if (l->legend.key)
		draw_key(out, l, y);
	draw_captions(out, l);
}

static char *
describe(const Plot *plot)
{
	return psprintf("%s in %s %s", counted_rows(plot->rows), fc_svg_count(plot->ncluster),
					plot->ncluster == 1 ? "cluster" : "clusters");
}

void
fc_svg_plot(StringInfo out, const Plot *plot)
{
	Layout		l = make_layout(plot, 0);

	fc_svg_begin(out, l.width, l.height, psprintf(" width='%g' height='%g'", l.width, l.height));
	appendStringInfoString(out, "<title>");
	fc_svg_write(out, plot->title != NULL ? plot->title : "Cluster plot");
	appendStringInfoString(out, "</title><desc>");
	fc_svg_write(out, describe(plot));
	appendStringInfoString(out, "</desc><rect width='100%' height='100%' fill='" PAPER "'/>");
	draw(out, &l);
	appendStringInfoString(out, "</svg>");
}

void
fc_figure_scatter(StringInfo out, const Figure *f, const Plot *plot)
{
	FigurePlace at = fc_begin_figure(f);
	Layout		l = make_layout(plot, at.width);

	fc_open_figure(out, f, &at, l.height, describe(plot));
	draw(out, &l);
	fc_close_figure(out);
}

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
 *	 caption
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

#include "pg/plot/svg.h"

#define WIDTH 800
#define HEIGHT 600
#define MARGIN 20
#define LEGEND_MAX 30			/* clusters listed */
#define LEGEND_GAP 34
#define LEGEND_PITCH 20.0
#define LONGEST_LABEL 170.0	/* pixels of a cluster's label */
#define SWATCH 18				/* from the legend's edge to its words */
#define KEY_HEIGHT 70
#define KEY_WIDTH 96

#define TITLE_SIZE 17.0
#define TITLE_LINE 22
#define LABEL_SIZE 13.5
#define TICK_SIZE 12.0
#define BOLD 1.1				/* wider than regular text */

#define INK "#24292f"
#define SOFT_INK "#57606a"

#define COMMA "&#44;"

#define FONTS "system-ui" COMMA "-apple-system" COMMA "Segoe UI" COMMA "Roboto" COMMA "Helvetica Neue" COMMA \
	"Noto Sans" COMMA "Arial" COMMA "DejaVu Sans" COMMA "sans-serif"

typedef struct Layout
{
	const Plot *plot;
	const PlotCluster *cluster; /* (ncluster) in the order of drawing */
	const char *title[2];		/* lines, NULL: none */
	Axis		x;
	Axis		y;
	char	   *x_note;
	char	   *y_note;
	int			listed;			/* clusters in the legend */
	bool		key;			/* of membership */
	double		legend;			/* left edge */
	double		count_end;		/* right edge of the counts */
} Layout;

/* Layout */

static void
break_title(Layout *l)
{
	const char *title = l->plot->title;
	double		room = WIDTH - 2 * MARGIN;
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
	const PlotCluster *cluster = &l->cluster[c];
	StringInfoData s;

	if (cluster->label != NULL)
		return *cluster->label == '\0' ? "(empty)" : fc_svg_text_fit(cluster->label, TICK_SIZE, LONGEST_LABEL);
	initStringInfo(&s);
	fc_svg_add_decimal(&s, cluster->key, 0, false);
	return s.data;
}

static double
legend_width(const Layout *l)
{
	double		name = fc_svg_text_width("Cluster", TICK_SIZE * BOLD) - SWATCH;
	double		count = fc_svg_text_width("Rows", TICK_SIZE * BOLD);
	double		width;

	for (int c = 0; c < l->listed; c++)
	{
		name = Max(name, fc_svg_text_width(cluster_text(l, c), TICK_SIZE));
		count = Max(count, fc_svg_text_width(fc_svg_count(l->cluster[c].rows), TICK_SIZE));
	}
	width = SWATCH + name + 16 + count;
	return l->key ? Max(width, KEY_WIDTH) : width;
}

/* As many ticks as their labels have room for */
static void
fit_x_axis(Layout *l)
{
	int			target = 8;

	do
	{
		fc_svg_axis(&l->x, &l->plot->x, target);
	} while (--target > 2 &&
			 fc_svg_place_tick(&l->x, l->x.first + l->x.step) -
			 fc_svg_place_tick(&l->x, l->x.first) < fc_svg_tick_width(&l->x, TICK_SIZE) + 12);
}

/* From the bottom: caption, the line of the label and the note, tick labels */
static double
bottom_of_frame(const Layout *l)
{
	double		bottom = HEIGHT - MARGIN - 16;

	if (l->plot->drawn < l->plot->rows)
		bottom -= 22;
	if (l->plot->x.label != NULL || *l->x_note != '\0')
		bottom -= 24;
	return bottom;
}

static double
top_of_frame(const Layout *l)
{
	double		top = MARGIN;

	for (int i = 0; i < 2; i++)
		top += l->title[i] != NULL ? TITLE_LINE : 0;
	if (l->title[0] != NULL)
		top += 10;
	if (*l->y_note != '\0')
		top += 16;
	return top;
}

static Layout
make_layout(const Plot *plot)
{
	Layout		l = {.plot = plot, .cluster = sorted_clusters(plot)};

	l.listed = Min(plot->ncluster, LEGEND_MAX);
	l.key = plot->membership_min < plot->membership_max;
	break_title(&l);

	/* ticks of y do not depend on pixels, so the left margin can depend on them */
	fc_svg_axis(&l.y, &plot->y, 8);
	l.count_end = WIDTH - MARGIN;
	l.legend = l.count_end - legend_width(&l);
	l.x.start = MARGIN + fc_svg_tick_width(&l.y, TICK_SIZE) + 9 + (plot->y.label != NULL ? 24 : 0);
	l.x.end = l.legend - LEGEND_GAP;
	fit_x_axis(&l);

	l.x_note = fc_svg_axis_note(&l.x);
	l.y_note = fc_svg_axis_note(&l.y);
	l.y.start = bottom_of_frame(&l);
	l.y.end = top_of_frame(&l);
	return l;
}

/* Drawing */

static void
draw_title(StringInfo out, const Layout *l)
{
	appendStringInfo(out, "<g class='title' font-size='%g' font-weight='600'>", TITLE_SIZE);
	for (int i = 0; i < 2 && l->title[i] != NULL; i++)
		fc_svg_draw_text(out, MARGIN, MARGIN + 14 + i * TITLE_LINE, "", l->title[i]);
	appendStringInfoString(out, "</g>");
}

static void
draw_grid(StringInfo out, const Layout *l)
{
	appendStringInfoString(out, "<path class='grid' fill='none' stroke='#e7eaee' d='");
	for (int64 t = l->x.first; t <= l->x.last; t += l->x.step)
		appendStringInfo(out, "M%.1f %.1fV%.1f", fc_svg_place_tick(&l->x, t), l->y.start, l->y.end);
	for (int64 t = l->y.first; t <= l->y.last; t += l->y.step)
		appendStringInfo(out, "M%.1f %.1fH%.1f", l->x.start, fc_svg_place_tick(&l->y, t), l->x.end);
	appendStringInfoString(out, "'/>");
}

/* Drawn after the grid: the two axes and their tick marks */
static void
draw_axes(StringInfo out, const Layout *l)
{
	appendStringInfoString(out, "<path class='axes' fill='none' stroke='#8c959f' d='");
	appendStringInfo(out, "M%.1f %.1fV%.1fH%.1f", l->x.start, l->y.end, l->y.start, l->x.end);
	for (int64 t = l->x.first; t <= l->x.last; t += l->x.step)
		appendStringInfo(out, "M%.1f %.1fv5", fc_svg_place_tick(&l->x, t), l->y.start);
	for (int64 t = l->y.first; t <= l->y.last; t += l->y.step)
		appendStringInfo(out, "M%.1f %.1fh-5", l->x.start, fc_svg_place_tick(&l->y, t));
	appendStringInfoString(out, "'/>");
}

static void
begin_tick_labels(StringInfo out, const char *name, const char *anchor)
{
	appendStringInfo(out, "<g class='%s' font-size='%g' fill='" SOFT_INK "' text-anchor='%s'>",
					 name, TICK_SIZE, anchor);
}

static void
draw_tick_labels(StringInfo out, const Layout *l)
{
	begin_tick_labels(out, "x-ticks", "middle");
	for (int64 t = l->x.first; t <= l->x.last; t += l->x.step)
		fc_svg_draw_text(out, fc_svg_place_tick(&l->x, t), l->y.start + 19, "",
						 fc_svg_tick_label(&l->x, t));
	appendStringInfoString(out, "</g>");

	begin_tick_labels(out, "y-ticks", "end");
	for (int64 t = l->y.first; t <= l->y.last; t += l->y.step)
		fc_svg_draw_text(out, l->x.start - 9, fc_svg_place_tick(&l->y, t) + 4.2, "",
						 fc_svg_tick_label(&l->y, t));
	appendStringInfoString(out, "</g>");
}

/* The note of an axis, the part that its labels leave out, is at its end */
static void
draw_notes(StringInfo out, const Layout *l)
{
	appendStringInfo(out, "<g class='notes' font-size='%g' fill='" SOFT_INK "'>", TICK_SIZE);
	if (*l->x_note != '\0')
		fc_svg_draw_text(out, l->x.end, l->y.start + 42, " text-anchor='end'", l->x_note);
	if (*l->y_note != '\0')
		fc_svg_draw_text(out, l->x.start, l->y.end - 8, "", l->y_note);
	appendStringInfoString(out, "</g>");
}

static void
draw_axis_labels(StringInfo out, const Layout *l)
{
	double		x = (l->x.start + l->x.end) / 2;
	double		y = (l->y.start + l->y.end) / 2;
	double		note = fc_svg_text_width(l->x_note, TICK_SIZE);

	appendStringInfo(out, "<g class='labels' font-size='%g' text-anchor='middle'>", LABEL_SIZE);
	if (l->plot->x.label != NULL)
		fc_svg_draw_text(out, x, l->y.start + 42, "",
						 fc_svg_text_fit(l->plot->x.label, LABEL_SIZE,
										 l->x.end - l->x.start - 2 * note));
	if (l->plot->y.label != NULL)
		fc_svg_draw_text(out, MARGIN + 10, y,
						 psprintf(" transform='rotate(-90 %d %.1f)'", MARGIN + 10, y),
						 fc_svg_text_fit(l->plot->y.label, LABEL_SIZE, l->y.start - l->y.end));
	appendStringInfoString(out, "</g>");
}

static void
draw_caption(StringInfo out, const Layout *l)
{
	if (l->plot->drawn < l->plot->rows)
		fc_svg_draw_text(out, l->x.start, HEIGHT - MARGIN + 2,
						 " class='caption' font-size='11' fill='" SOFT_INK "'",
						 psprintf("%s of %s rows drawn", fc_svg_count(l->plot->drawn),
								  fc_svg_count(l->plot->rows)));
}

/* Distance of two lines of the legend: less than usual if there are many */
static double
legend_pitch(const Layout *l)
{
	double		room = HEIGHT - MARGIN - 13 - l->y.end - (l->key ? KEY_HEIGHT : 0);
	int			lines = l->listed + (l->listed < l->plot->ncluster ? 1 : 0);

	return Min(LEGEND_PITCH, room / lines);
}

static void
draw_legend_line(StringInfo out, const Layout *l, const Style *style, int c, double y)
{
	appendStringInfo(out, "<g fill='%s'>", style[c].color);
	fc_svg_draw_mark(out, style[c].shape, l->legend + 5, y - 4, 4.6);
	appendStringInfoString(out, "</g>");
	fc_svg_draw_text(out, l->legend + SWATCH, y, "", cluster_text(l, c));
	fc_svg_draw_text(out, l->count_end, y, " text-anchor='end' fill='" SOFT_INK "'",
					 fc_svg_count(l->cluster[c].rows));
}

/* Gives the baseline of the last line */
static double
draw_legend(StringInfo out, const Layout *l, const Style *style)
{
	double		pitch = legend_pitch(l);
	double		y = l->y.end + 10;
	int			folded = l->plot->ncluster - l->listed;

	appendStringInfo(out, "<g class='legend' font-size='%.1f'>", Min(TICK_SIZE, pitch * 0.8));
	fc_svg_draw_text(out, l->legend, y, " font-weight='600'", "Cluster");
	fc_svg_draw_text(out, l->count_end, y, " font-weight='600' text-anchor='end'", "Rows");
	y += 3;
	for (int c = 0; c < l->listed; c++)
		draw_legend_line(out, l, style, c, y += pitch);
	if (folded > 0)
		fc_svg_draw_text(out, l->legend + SWATCH, y += pitch, " fill='" SOFT_INK "'",
						 psprintf("and %s more", fc_svg_count(folded)));
	appendStringInfoString(out, "</g>");
	return y;
}

/* Five points of rising membership, under the legend */
static void
draw_key(StringInfo out, const Layout *l, double y)
{
	double		left = l->legend + 5;

	appendStringInfo(out, "<g class='key' font-size='%g'>", TICK_SIZE);
	fc_svg_draw_text(out, l->legend, y + 28, " font-weight='600'", "Membership");
	appendStringInfoString(out, "<g fill='" INK "'>");
	for (int i = 0; i <= 4; i++)
	{
		appendStringInfo(out, "<g fill-opacity='%.2f'>", fc_svg_opacity(l->plot, i / 4.0));
		fc_svg_draw_mark(out, 0, left + i * 18, y + 42, 4.6);
		appendStringInfoString(out, "</g>");
	}
	appendStringInfoString(out, "</g><g fill='" SOFT_INK "' text-anchor='middle'>");
	fc_svg_draw_text(out, left, y + 62, "", "0");
	fc_svg_draw_text(out, left + 36, y + 62, "", "0.5");
	fc_svg_draw_text(out, left + 72, y + 62, "", "1");
	appendStringInfoString(out, "</g></g>");
}

/* The picture's name and content, for screen readers and tooltips */
static void
draw_description(StringInfo out, const Plot *plot)
{
	appendStringInfoString(out, "<title>");
	fc_svg_write(out, plot->title != NULL ? plot->title : "Cluster plot");
	appendStringInfoString(out, "</title><desc>");
	fc_svg_write(out, psprintf("%s %s in %s %s", fc_svg_count(plot->rows), plot->rows == 1 ? "row" : "rows",
							   fc_svg_count(plot->ncluster), plot->ncluster == 1 ? "cluster" : "clusters"));
	appendStringInfoString(out, "</desc>");
}

void
fc_svg_plot(StringInfo out, const Plot *plot)
{
	Layout		l = make_layout(plot);
	Style	   *style = fc_svg_styles(l.cluster, plot->ncluster);
	int32	   *place = palloc(plot->ncluster * sizeof(int32));
	double		y;

	for (int c = 0; c < plot->ncluster; c++)
		place[l.cluster[c].place] = c;
	appendStringInfo(out, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' "
					 "viewBox='0 0 %d %d' role='img' font-family='" FONTS "' fill='" INK "'>",
					 WIDTH, HEIGHT, WIDTH, HEIGHT);
	draw_description(out, plot);
	appendStringInfoString(out, "<rect width='100%' height='100%' fill='#fff'/>");
	draw_grid(out, &l);
	draw_axes(out, &l);
	fc_svg_draw_points(out, plot, place, style, &l.x, &l.y);
	draw_title(out, &l);
	draw_tick_labels(out, &l);
	draw_notes(out, &l);
	draw_axis_labels(out, &l);
	y = draw_legend(out, &l, style);
	if (l.key)
		draw_key(out, &l, y);
	draw_caption(out, &l);
	appendStringInfoString(out, "</svg>");
}

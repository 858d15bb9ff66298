/*
 * members.c - a report's sections on rows: the map, memberships, and what is far from all clusters
 */
#include "pg/report/report.h"

#include "core/categories.h"

#include <math.h>

#define NARROW_KEY	12			/* bytes: wraps to few lines in any table */

/* ---- the map ---- */

static bool
is_crisp(const Report *r)
{
	return (r->m->algo->traits & FC_CRISP) != 0;
}

/* No more points than fit; those that remain represent fewer rows */
static void
limit_points(Plot *plot, int most)
{
	if (plot->npoint <= most)
		return;
	plot->npoint = most;
	plot->drawn = 0;
	for (int i = 0; i < most; i++)
		plot->drawn += plot->point[i].rows;
}

static void
put_map(HtmlPage *p, const Report *r)
{
	Figure		figure = {.prefix = "map", .title = "Map of the rows"};
	Plot		plot = fc_plot_of_sample(r->rows.sample);

	plot.x.label = r->map.axis[0];
	plot.y.label = r->map.axis[1];
	limit_points(&plot, p->limits.points);
	fc_html_begin_figure(p);
	fc_figure_scatter(&p->html, &figure, &plot);
	fc_html_end_figure(p, is_crisp(r) ? r->map.caption : psprintf("%s; the paler, the weaker their membership", r->map.caption));
	if (r->rows.sample->plot.rows < r->rows.rows)
		fc_html_note(p, "Left out: %s with a missing value.", fc_counted_rows(r->rows.rows - r->rows.sample->plot.rows));
}

void
fc_section_map(HtmlPage *p, const Report *r)
{
	const PlotSample *sample = r->rows.sample;

	fc_html_begin_section(p, "map", "Map");
	if (sample == NULL)
		fc_html_note(p, "There are too many clusters to draw them.");
	else if (sample->plot.rows == 0)
		fc_html_note(p, "No row has both columns.");
	else if (p->limits.points == 0)
		fc_html_note(p, "It is left out.");
	else
		put_map(p, r);
	fc_html_end_section(p);
}

/* ---- images ---- */

void
fc_section_images(HtmlPage *p, const Report *r)
{
	Figure		figure = {.prefix = "images", .title = "Centers of the clusters as images"};

	fc_html_begin_section(p, "images", "Images");
	fc_html_begin_figure(p);
	fc_draw_gallery(&p->html, &figure, r->rows.images);
	fc_html_end_figure(p, r->m->algo->network ?
					   "The center of each cluster, decoded, and beside it the rows nearest to it; below its number the sum of all memberships in it" :
					   "The center of each cluster, and beside it the rows nearest to it; below its number the sum of all memberships in it");
	fc_html_end_section(p);
}

/* ---- lists of rows ---- */

static void
put_group(HtmlPage *p, int32 group)
{
	fc_html_cell(p, group == 0 ? "noise" : fc_count(group));
}

static void
put_values(HtmlPage *p, const Report *r, const ListedRow *row)
{
	for (int i = 0; i < r->nshown; i++)
	{
		const ReportColumn *column = &r->column[r->shown[i]];

		if (column->values == NULL)
			fc_html_number_cell(p, fc_number(row->value[i]));
		else if (row->value[i] < 0)
			fc_html_cell(p, "another value");
		else
		{
			fc_html(p, "<td class=\"text\">");
			fc_html_user_text(p, fc_nth_value(column->values, (int32) row->value[i]));
			fc_html(p, "</td>");
		}
	}
}

static bool
has_equals(const RowList *list)
{
	for (int i = 0; i < list->n; i++)
		if (list->row[i].count > 1)
			return true;
	return false;
}

static void
begin_list(HtmlPage *p, const Report *r, const RowList *list, const char *caption)
{
	fc_html_begin_table(p, caption);
	if (r->options.key)
	{
		fc_html(p, "<th scope=\"col\">");
		fc_html_user_text(p, fc_svg_utf8(r->options.key));
		fc_html(p, "</th>");
	}
	if (has_equals(list))
		fc_html_head_cell(p, "Rows", true);
}

static void
end_head(HtmlPage *p, const Report *r)
{
	for (int i = 0; i < r->nshown; i++)
	{
		fc_html(p, r->column[r->shown[i]].values ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">");
		fc_html_user_text(p, r->column[r->shown[i]].name);
		fc_html(p, "</th>");
	}
	fc_html_end_head(p);
}

static void
begin_row(HtmlPage *p, const Report *r, const RowList *list, const ListedRow *row)
{
	fc_html(p, "<tr>");
	if (r->options.key)
	{
		bool		wide = row->key && strlen(row->key) > NARROW_KEY;

		fc_html(p, wide ? "<th scope=\"row\" class=\"text\">" : "<th scope=\"row\">");
		fc_html_user_text(p, row->key ? row->key : "NULL");
		fc_html(p, "</th>");
	}
	if (has_equals(list))
		fc_html_number_cell(p, fc_count(row->count));
}

static void
end_list(HtmlPage *p)
{
	fc_html_end_table(p);
}

/* ---- memberships ---- */

static void
put_ambiguous(HtmlPage *p, const Report *r)
{
	const RowList *list = &r->rows.ambiguous;

	if (list->n == 0)
		return;
	fc_html(p, "<h3>The most ambiguous rows</h3>\n");
	begin_list(p, r, list, is_crisp(r) ? "Rows nearly as far from a second center as from their own" :
			   "Rows whose two largest memberships differ least");
	fc_html_head_cell(p, "Cluster", false);
	fc_html_head_cell(p, "Second", false);
	if (is_crisp(r))
		fc_html_head_cell(p, "Second is farther by", true);
	else
	{
		fc_html_head_cell(p, "Membership", true);
		fc_html_head_cell(p, "In the second", true);
	}
	end_head(p, r);
	for (int i = 0; i < list->n; i++)
	{
		const ListedRow *row = &list->row[i];

		begin_row(p, r, list, row);
		put_group(p, row->group[0]);
		put_group(p, row->group[1]);
		if (is_crisp(r))
			fc_html_number_cell(p, fc_percent(row->rank));
		else
		{
			fc_html_number_cell(p, psprintf("%.3f", row->membership[0]));
			fc_html_number_cell(p, psprintf("%.3f", row->membership[1]));
		}
		put_values(p, r, row);
		fc_html(p, "</tr>\n");
	}
	end_list(p);
}

static void
put_histogram(HtmlPage *p, const Report *r)
{
	double		count[BINS];
	double		sure = 0;
	Figure		figure = {.prefix = "memberships", .title = "Rows by their largest membership"};
	Histogram	histogram = {.n = BINS, .count = count, .low = 0, .high = 1, .x_label = "largest membership", .y_label = "rows"};

	for (int b = 0; b < BINS; b++)
	{
		count[b] = (double) r->rows.bin[b];
		sure += b >= BINS / 2 ? count[b] : 0;
	}
	fc_html_note(p, "%s of the rows have a membership of at least a half in one cluster.", fc_percent(sure / (double) r->rows.rows));
	fc_html_begin_figure(p);
	fc_figure_histogram(&p->html, &figure, &histogram);
	fc_html_end_figure(p, "How many rows have which largest membership");
}

void
fc_section_memberships(HtmlPage *p, const Report *r)
{
	fc_html_begin_section(p, "memberships", "Memberships");
	if (is_crisp(r))
		fc_html_note(p, "Each row belongs to one cluster, with membership 1.");
	else
		put_histogram(p, r);
	if (r->m->algo->traits & FC_POSSIBILISTIC)
		fc_html_note(p, "Memberships of %s say how typical a row is of each cluster: those of a row do not add up to 1.", r->m->algo->name);
	put_ambiguous(p, r);
	fc_html_end_section(p);
}

/* ---- outliers ---- */

void
fc_section_outliers(HtmlPage *p, const Report *r)
{
	const RowList *list = &r->rows.farthest;
	const ReportGroup *noise = &r->rows.group[0];

	fc_html_begin_section(p, "outliers", "Outliers");
	if (noise->rows > 0)
		fc_html_note(p, "%s (%s) belong to no cluster: noise.", fc_counted_rows(noise->rows), fc_percent(noise->weight / r->rows.weight));
	if (r->m->algo->traits & FC_POSSIBILISTIC)
		fc_html_note(p, "The outlier score is 1 less the largest membership: 0 at a center, and near 1 far from all of them.");
	else
		fc_html_note(p, "The outlier score is the distance to the nearest center, in terms of the mean distance of the rows of that cluster in "
					 "the training: 1 is usual, and more than 3 is far.");
	begin_list(p, r, list, "Rows with the highest outlier scores");
	fc_html_head_cell(p, "Cluster", false);
	fc_html_head_cell(p, "Outlier score", true);
	end_head(p, r);
	for (int i = 0; i < list->n; i++)
	{
		begin_row(p, r, list, &list->row[i]);
		put_group(p, list->row[i].group[0]);
		fc_html_number_cell(p, fc_number(list->row[i].outlier));
		put_values(p, r, &list->row[i]);
		fc_html(p, "</tr>\n");
	}
	end_list(p);
	fc_html_end_section(p);
}

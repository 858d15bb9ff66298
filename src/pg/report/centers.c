/*
 * centers.c - a report's section on centers: standardized, as colours; the share that each
 * column has in separating the clusters; and in the units of the columns
 */
#include "pg/report/report.h"

#include "core/categories.h"
#include "core/optional.h"

#include <math.h>

#define LISTED_SHARES	12		/* bars */
#define COLOR_LIMIT		2.0		/* standard deviations beyond which colours are the same */

/* The centers that are shown, in the units of the features */
typedef struct ShownCenters
{
	int32		k;
	int32		ncolumns;
	double	   *center;			/* (k, d) */
} ShownCenters;

static ShownCenters
shown_centers(const HtmlPage *p, const Report *r)
{
	ShownCenters s = {.k = Min(r->m->k, p->limits.clusters), .ncolumns = Min(r->ncolumns, p->limits.columns)};

	s.center = palloc_extended(sizeof(double) * s.k * r->m->d, MCXT_ALLOC_HUGE);
	for (int32 c = 0; c < s.k; c++)
		fc_unscale_center(r->m, c, s.center + (Size) c * r->m->d);
	return s;
}

/* The i-th of the columns that separate most */
static const ReportColumn *
column_at(const Report *r, int32 i)
{
	return &r->column[r->important[i]];
}

/* The feature of a column that is shown: of a category its likeliest value */
static int32
feature_of(const ReportColumn *column, const double *center)
{
	return column->first + (column->values ? fc_likeliest_value(center + column->first, column->features) : 0);
}

static const char **
names_of_columns(const HtmlPage *p, const Report *r, int32 n)
{
	const char **names = palloc(sizeof(char *) * n);

	for (int32 i = 0; i < n; i++)
		names[i] = fc_first_characters(column_at(r, i)->name, p->limits.characters);
	return names;
}

/* ---- figures ---- */

static void
put_heat_map(HtmlPage *p, const Report *r, const ShownCenters *s)
{
	double	   *z = palloc_extended(sizeof(double) * s->ncolumns * s->k, MCXT_ALLOC_HUGE);
	const char **cluster = palloc(sizeof(char *) * s->k);
	Figure		figure = {.prefix = "heat", .title = "Centers of the clusters in standard deviations"};
	HeatMap		map = {
		.rows = s->ncolumns, .columns = s->k, .row_name = names_of_columns(p, r, s->ncolumns), .column_name = cluster,
		.value = z, .limit = COLOR_LIMIT, .label = "standard deviations from the mean"
	};

	for (int32 c = 0; c < s->k; c++)
	{
		const double *center = s->center + (Size) c * r->m->d;

		cluster[c] = fc_count(c + 1);
		for (int32 i = 0; i < s->ncolumns; i++)
		{
			int32		j = feature_of(column_at(r, i), center);

			z[(Size) i * s->k + c] = fc_standardized(r->m, j, center[j]);
		}
	}
	fc_html_begin_figure(p);
	fc_figure_heat_map(&p->html, &figure, &map);
	fc_html_end_figure(p, fc_has_categories(r->m) ?
					   "Centers in standard deviations from the mean of all rows of the training; of categories that of the likeliest value" :
					   "Centers in standard deviations from the mean of all rows of the training");
}

static void
put_shares(HtmlPage *p, const Report *r)
{
	int			n = Min(Min(r->ncolumns, LISTED_SHARES), p->limits.columns);
	double	   *share = palloc(sizeof(double) * n);
	const char **text = palloc(sizeof(char *) * n);
	Figure		figure = {.prefix = "share", .title = "Columns that separate the clusters"};
	Bars		bars = {.n = n, .name = names_of_columns(p, r, n), .value = share, .text = text};

	if (isnan(column_at(r, 0)->share))
		return;
	for (int i = 0; i < n; i++)
	{
		share[i] = column_at(r, i)->share;
		text[i] = fc_percent(share[i]);
	}
	fc_html(p, "<h3>The columns that matter</h3>\n");
	fc_html_begin_figure(p);
	fc_figure_bars(&p->html, &figure, &bars);
	fc_html_end_figure(p, "The share that each column has in the distances between the centers");
}

/* ---- the table ---- */

static void
put_value(HtmlPage *p, const Report *r, const ReportColumn *column, const double *center)
{
	int32		j = feature_of(column, center);
	double		z = fc_standardized(r->m, j, center[j]);

	fc_html(p, "<td class=\"n\">");
	if (column->values)
	{
		fc_html_user_text(p, fc_nth_value(column->values, j - column->first));
		fc_html_text(p, psprintf(" (%s)", fc_percent(Min(center[j], 1))));
	}
	else
	{
		fc_html_text(p, fc_number(center[j]));
		if (!isnan(z))
			fc_html_text(p, psprintf(" (%s)", fc_number(rint(z * 10) / 10)));
	}
	fc_html(p, "</td>");
}

static void
put_values(HtmlPage *p, const Report *r, const ShownCenters *s)
{
	fc_html(p, "<details><summary>Centers as a table</summary>\n");
	fc_html_begin_table(p, fc_has_categories(r->m) ?
						"Centers in the units of the columns, in parentheses standard deviations from the mean; of categories the likeliest "
						"value and its share" :
						"Centers in the units of the columns, in parentheses standard deviations from the mean");
	fc_html_head_cell(p, "Column", false);
	for (int32 c = 0; c < s->k; c++)
		fc_html_head_cell(p, fc_count(c + 1), true);
	fc_html_end_head(p);
	for (int32 i = 0; i < s->ncolumns; i++)
	{
		fc_html(p, "<tr><th scope=\"row\">");
		fc_html_user_text(p, column_at(r, i)->name);
		fc_html(p, "</th>");
		for (int32 c = 0; c < s->k; c++)
			put_value(p, r, column_at(r, i), s->center + (Size) c * r->m->d);
		fc_html(p, "</tr>\n");
	}
	fc_html_end_table(p);
	fc_html(p, "</details>\n");
}

void
fc_section_centers(HtmlPage *p, const Report *r)
{
	ShownCenters s = shown_centers(p, r);

	fc_html_begin_section(p, "centers", "Centers");
	if (s.ncolumns < r->ncolumns)
		fc_html_note(p, "Shown are %d of %d columns, those that separate the clusters most.", s.ncolumns, r->ncolumns);
	if (s.k < r->m->k)
		fc_html_note(p, "Shown are the first %d of %d clusters.", s.k, r->m->k);
	if (FC_HAS(r->m, FC_WITH_MOMENTS))
		put_heat_map(p, r, &s);
	else
		fc_html_note(p, "The model does not know the mean and the standard deviation of its columns, as models of earlier versions do not.");
	put_values(p, r, &s);
	if (r->nshown > 0)
		put_shares(p, r);
	fc_html_end_section(p);
}

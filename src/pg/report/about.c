/*
 * about.c - a report's first sections: what the model is, and how large its clusters are
 */
#include "pg/report/report.h"

#include "core/categories.h"
#include "core/optional.h"

#include "lib/stringinfo.h"

#define LISTED_NUMBERS	10		/* of an option that is a list */

/* ---- the model ---- */

/* Options that are not at their defaults, and what they mean */
static const char *
value_of_option(FcModel *m, int i)
{
	const FcOption *o = fc_option_at(m->algo, i);
	double		value = *fc_option_value(m, i);
	StringInfoData s;

	if (o->type == FC_COLUMN)
		return "a column of the query";
	if (o->type == FC_NUMBER && !isnan(value))
		return fc_number(value);
	if (o->type != FC_LIST)
		return fc_option_text(o, value);
	initStringInfo(&s);
	for (int j = 0; j < (int) value && j <= LISTED_NUMBERS; j++)
		fc_append_item(&s, j < LISTED_NUMBERS ? fc_number(m->list[fc_list_position(m->algo, i)][j]) : "...");
	return s.data;
}

static bool
is_unusual(FcModel *m, int i)
{
	return !fc_is_initial(fc_option_at(m->algo, i), *fc_option_value(m, i));
}

static void
put_options(HtmlPage *p, FcModel *m)
{
	int			unusual = 0;

	for (int i = 0; i < fc_count_options(m->algo); i++)
		unusual += is_unusual(m, i);
	if (unusual == 0)
	{
		fc_html_note(p, "All options have their defaults.");
		return;
	}
	fc_html_begin_table(p, "Options that were set, or found from the rows");
	fc_html_head_cell(p, "Option", false);
	fc_html_head_cell(p, "Value", true);
	fc_html_head_cell(p, "What it is", false);
	fc_html_end_head(p);
	for (int i = 0; i < fc_count_options(m->algo); i++)
	{
		if (!is_unusual(m, i))
			continue;
		fc_html(p, "<tr><th scope=\"row\"><code>%s</code></th>", fc_option_at(m->algo, i)->name);
		fc_html_number_cell(p, value_of_option(m, i));
		fc_html(p, "<td class=\"words\">");
		fc_html_text(p, fc_option_at(m->algo, i)->help);
		fc_html(p, "</td>");
		fc_html(p, "</tr>\n");
	}
	fc_html_end_table(p);
}

static void
put_columns(HtmlPage *p, const Report *r)
{
	int			listed = Min(r->ncolumns, p->limits.columns);

	if (!r->named)
		return;
	fc_html(p, "<p>Columns: ");
	for (int i = 0; i < listed; i++)
	{
		fc_html(p, "%s", i > 0 ? ", " : "");
		fc_html_user_text(p, r->column[i].name);
	}
	if (listed < r->ncolumns)
		fc_html_text(p, psprintf(" and %d more", r->ncolumns - listed));
	fc_html(p, ".</p>\n");
}

static const char *
how_it_ended(const FcModel *m)
{
	if (m->algo->epochs)
		return m->converged ? "it ended before the last epoch, as nothing changed" : "all epochs";
	return m->converged ? "converged" : "not converged: stopped at the maximum";
}

void
fc_section_about(HtmlPage *p, const Report *r)
{
	FcModel    *m = r->m;

	fc_html_begin_section(p, "model", "The model");
	fc_html(p, "<div class=\"facts\">");
	fc_html_fact(p, "Algorithm", m->algo->name, m->algo->title);
	fc_html_fact(p, "Clusters", fc_count(m->k), m->empty > 0 ? psprintf("%d of them without rows", m->empty) : NULL);
	fc_html_fact(p, r->named ? "Columns" : "Features", fc_count(r->ncolumns), psprintf("in %s", fc_precision_text(m->precision)));
	fc_html_fact(p, "Trained on", fc_counted_rows(m->rows), m->skipped > 0 ? psprintf("%s left out", fc_counted_rows(m->skipped)) : NULL);
	fc_html_fact(p, m->algo->epochs ? "Epochs" : "Iterations", fc_count(m->iterations), how_it_ended(m));
	fc_html_fact(p, "Objective", fc_number(m->objective), "the smaller, the closer the rows are to their clusters; to compare models of the same kind");
	fc_html_fact(p, "Size", fc_count((int64) r->bytes), "bytes");
	fc_html(p, "</div>\n");
	put_columns(p, r);
	put_options(p, m);
	fc_html_end_section(p);
}

/* ---- sizes ---- */

/* How far a standardized value is from the mean, in a word; NULL: not worth a word */
static const char *
level_of(double z)
{
	double		away = fabs(z);

	if (!(away >= 0.5))
		return NULL;
	if (away < 1)
		return z > 0 ? "somewhat high" : "somewhat low";
	if (away < 2)
		return z > 0 ? "high" : "low";
	return z > 0 ? "very high" : "very low";
}

#define MOST_WORDS	3			/* columns that describe a cluster */

/* What the center has of a column, if it is special */
static bool
put_trait(HtmlPage *p, const Report *r, const double *center, const ReportColumn *column, bool first)
{
	int32		at = column->values ? fc_likeliest_value(center + column->first, column->features) : 0;
	double		z = fc_standardized(r->m, column->first + at, center[column->first + at]);
	const char *level = level_of(z);

	if (level == NULL || (column->values && z < 0))
		return false;
	fc_html(p, "%s", first ? "" : "; ");
	fc_html_user_text(p, column->name);
	if (column->values)
	{
		fc_html(p, " = ");
		fc_html_user_text(p, fc_nth_value(column->values, at));
	}
	else
		fc_html(p, " %s", level);
	return true;
}

/* By the columns that separate the clusters most */
static void
put_traits(HtmlPage *p, const Report *r, int32 c, double *center)
{
	int			n = 0;

	fc_html(p, "<td class=\"words\">");
	fc_unscale_center(r->m, c, center);
	for (int i = 0; i < r->ncolumns && i < 50 && n < MOST_WORDS; i++)
		n += put_trait(p, r, center, &r->column[r->important[i]], n == 0);
	if (n == 0)
		fc_html_text(p, FC_HAS(r->m, FC_WITH_MOMENTS) ? "close to the mean of all rows" : FC_DASH);
	fc_html(p, "</td>");
}

/* The share of the largest group */
static double
largest_share(const Report *r)
{
	double		most = 0;

	for (int32 g = 0; g <= r->m->k; g++)
		most = Max(most, r->rows.group[g].weight);
	return most / r->rows.weight;
}

static void
put_group(HtmlPage *p, const Report *r, int32 g, double most, double *center)
{
	const ReportGroup *group = &r->rows.group[g];

	fc_html(p, "<tr><th scope=\"row\">");
	fc_html_text(p, g == 0 ? "noise" : fc_count(g));
	fc_html(p, "</th>");
	fc_html_number_cell(p, fc_count(group->rows));
	fc_html_number_cell(p, fc_percent(group->weight / r->rows.weight));
	fc_html_bar_cell(p, group->weight / r->rows.weight / most);
	fc_html_number_cell(p, group->weight > 0 ? fc_number(group->membership / group->weight) : FC_DASH);
	if (g > 0)
		put_traits(p, r, g - 1, center);
	else
		fc_html_cell(p, "far from all clusters");
	fc_html(p, "</tr>\n");
}

void
fc_section_sizes(HtmlPage *p, const Report *r)
{
	int			listed = Min(r->m->k, p->limits.clusters);
	double	   *center = palloc(sizeof(double) * r->m->d);
	double		most = largest_share(r);

	fc_html_begin_section(p, "sizes", "Sizes");
	fc_html_note(p, "The query returned %s.%s%s", fc_counted_rows(r->rows.rows + r->rows.skipped + r->rows.weightless),
				 r->rows.skipped > 0 ? psprintf(" %s left out, because features are missing.", fc_counted_rows(r->rows.skipped)) : "",
				 r->rows.weightless > 0 ? psprintf(" %s left out, because their weight is 0.", fc_counted_rows(r->rows.weightless)) : "");
	fc_html_begin_table(p, "Rows by cluster, each in the one of its largest membership");
	fc_html_head_cell(p, "Cluster", false);
	fc_html_head_cell(p, "Rows", true);
	fc_html_head_cell(p, r->options.weight ? "Share by weight" : "Share", true);
	fc_html(p, "<td></td>");
	fc_html_head_cell(p, "Mean membership", true);
	fc_html_head_cell(p, "Compared with all rows", false);
	fc_html_end_head(p);
	if (r->rows.group[0].rows > 0)
		put_group(p, r, 0, most, center);
	for (int32 g = 1; g <= listed; g++)
		put_group(p, r, g, most, center);
	fc_html_end_table(p);
	if (listed < r->m->k)
		fc_html_note(p, "Shown are the first %d of %d clusters.", listed, r->m->k);
	fc_html_end_section(p);
}

/*
 * columns.c - the columns of a report: their names, and which of them separate the clusters
 */
#include "pg/report/report.h"

#include "core/categories.h"
#include "core/explain.h"

#include "miscadmin.h"

/* Above these, features without names are not worth a column each of a table of rows */
#define MOST_NAMELESS	12

/* ---- shares ---- */

/* Adds those of a cluster, by its weight, to each column */
static void
add_shares(Report *r, const double *share, double weight)
{
	for (int32 i = 0; i < r->ncolumns; i++)
	{
		ReportColumn *column = &r->column[i];

		for (int32 j = column->first; j < column->first + column->features; j++)
			column->share += weight * share[j];
	}
}

/* What each column has in separating the clusters, over all of them by their weights */
static void
find_shares(Report *r)
{
	FcSeparation separation;
	FcArena		arena;
	double	   *share = palloc(sizeof(double) * r->m->d);
	double		total = 0;

	FC_LAY_OUT(&arena, fc_separation_layout(&arena, &separation, r->m));
	fc_separation_begin(&separation);
	for (int32 c = 0; c < r->m->k; c++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!(r->m->weights[c] > 0) || !fc_separation_shares(&separation, c, share))
			continue;
		add_shares(r, share, r->m->weights[c]);
		total += r->m->weights[c];
	}
	for (int32 i = 0; i < r->ncolumns; i++)
		r->column[i].share = total > 0 ? r->column[i].share / total : NAN;
}

/* ---- order ---- */

static int
compare_columns(const void *a, const void *b, void *arg)
{
	const ReportColumn *column = arg;
	const ReportColumn *x = &column[*(const int32 *) a];
	const ReportColumn *y = &column[*(const int32 *) b];

	if (x->share != y->share && !isnan(x->share) && !isnan(y->share))
		return x->share > y->share ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void
sort_columns(Report *r)
{
	r->important = palloc(sizeof(int32) * r->ncolumns);
	for (int32 i = 0; i < r->ncolumns; i++)
		r->important[i] = i;
	qsort_arg(r->important, r->ncolumns, sizeof(int32), compare_columns, r->column);
}

/* Those of listed rows: the most important ones, unless there are many that nobody has named */
static void
choose_shown(Report *r)
{
	if (!r->named && r->ncolumns > MOST_NAMELESS)
		return;
	r->nshown = Min(SHOWN_COLUMNS, r->ncolumns);
	memcpy(r->shown, r->important, sizeof(int32) * r->nshown);
}

/* Of two numbers these; of more features, or of codes, their principal components; the second may be the largest membership */
static void
choose_map(Report *r)
{
	int			n = 0;

	r->map.projected = r->m->d > 2 || r->m->algo->network != NULL;
	if (r->map.projected)
	{
		r->map.axis[0] = "first principal component";
		r->map.axis[1] = "second principal component";
		r->map.caption = r->m->algo->network ?
			"Rows along the principal components of their codes" :
			"Rows along their principal components";
		return;
	}

	r->map.feature[0] = r->map.feature[1] = -1;
	r->map.axis[0] = r->map.axis[1] = "largest membership";
	r->map.caption = "The rows";
	for (int32 i = 0; i < r->ncolumns && n < 2; i++)
	{
		const ReportColumn *column = &r->column[r->important[i]];

		if (column->values != NULL)
			continue;
		r->map.feature[n] = column->first;
		r->map.axis[n++] = column->name;
	}
}

/* ---- names ---- */

static const char *
name_of(const FcField *at)
{
	if (at->name == NULL || *at->name == '\0')
		return psprintf("feature %d", at->column + 1);
	return at->name;
}

void
fc_report_columns(Report *r)
{
	r->named = r->m->names != NULL;
	r->ncolumns = fc_model_columns(r->m);
	r->column = palloc_extended(sizeof(ReportColumn) * r->ncolumns, MCXT_ALLOC_HUGE);
	for (FcField at = fc_fields(r->m); fc_next_field(&at);)
		r->column[at.column] = (ReportColumn) {
			.number = at.column, .name = name_of(&at), .first = at.first, .features = at.features, .values = at.values
		};
	find_shares(r);
	sort_columns(r);
	choose_shown(r);
	choose_map(r);
}

/* If the model has no names of columns, but the query has a column for each, then by those */
void
fc_name_report_columns(Report *r, const QueryColumns *query)
{
	int32		n = 0;

	if (r->named || query->vector >= 0)
		return;
	for (int i = 0; i < query->features->natts; i++)
		if (!TupleDescAttr(query->features, i)->attisdropped)
			r->column[n++].name = pstrdup(fc_svg_utf8(NameStr(TupleDescAttr(query->features, i)->attname)));
	r->named = true;
	choose_shown(r);
	choose_map(r);
}

/* The number of a row's features x (d), or the code of its category, -1 if the model does not know it */
double
fc_report_value(const ReportColumn *column, const double *x)
{
	if (column->values == NULL)
		return x[column->first];
	for (int32 l = 0; l < column->features; l++)
		if (x[column->first + l] == 1)
			return l;
	return -1;
}

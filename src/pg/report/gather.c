/*
 * gather.c - what a report keeps of the rows
 *
 * Counts and sums by cluster, the sums of validity indices, a sample to draw, two short lists
 * of rows, and a table of labels: its memory does not grow with the number of rows.
 *
 * What is kept does not depend on the order of the rows, but for the last bits of sums of
 * memberships: of rows with equal ranks those with the smallest hashes are listed, and rows
 * that are equal are listed once, with their number.
 */
#include "pg/report/report.h"

#include "core/explain.h"

#include "common/hashfn.h"

#include <math.h>

/* The plot has no room for more */
#define MOST_DRAWN_CLUSTERS	10000
#define MOST_CENTERS		1000	/* in it */

#define IMAGES_BESIDE	8		/* a center */

static Jsonb *
plot_options(bool centers)
{
	return DatumGetJsonbP(fc_jsonb(centers ? "{\"clip\": 0.01, \"centers\": true}" : "{\"clip\": 0.01}"));
}

void
fc_begin_gathering(Report *r)
{
	Gathered   *g = &r->rows;
	ImageShape	shape;

	*g = (Gathered) {0};
	g->group = palloc_extended(sizeof(ReportGroup) * ((Size) r->m->k + 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	fc_begin_validity(&g->validity, r->m);
	if (r->m->k < MOST_DRAWN_CLUSTERS)
		g->sample = fc_begin_sample(AXIS_NUMBER, AXIS_NUMBER, plot_options(r->m->k < MOST_CENTERS));
	if (r->options.label != NULL)
		g->labels = fc_begin_labels();
	if (fc_image_shape(r->m, &shape))
		g->images = fc_begin_gallery(r->m, &shape, IMAGES_BESIDE);
}

/* ---- lists ---- */

static bool
comes_before(double rank, uint64 hash, const ListedRow *other)
{
	return rank != other->rank ? rank < other->rank : hash < other->hash;
}

/* Where a row belongs in a list; LISTED_ROWS: nowhere */
static int
place_in_list(const RowList *list, double rank, uint64 hash)
{
	int			i = list->n;

	while (i > 0 && comes_before(rank, hash, &list->row[i - 1]))
		i--;
	return i;
}

static uint64
hash_of_row(const Report *r, const char *key)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) r->slot.x, (int) (sizeof(double) * r->m->d), 0);

	return key ? hash_combine64(hash, hash_bytes_extended((const unsigned char *) key, (int) strlen(key), 0)) : hash;
}

/* Into a list, unless there are enough with lower ranks */
static void
list_row(const Report *r, RowList *list, const ListedRow *row, const char *key)
{
	ListedRow	listed = *row;
	int			i;

	if (isnan(row->rank) || (list->n == LISTED_ROWS && row->rank > list->row[LISTED_ROWS - 1].rank))
		return;
	listed.hash = hash_of_row(r, key);
	i = place_in_list(list, listed.rank, listed.hash);
	if (i > 0 && list->row[i - 1].rank == listed.rank && list->row[i - 1].hash == listed.hash)
	{
		list->row[i - 1].count++;
		return;
	}
	if (i == LISTED_ROWS)
		return;
	if (list->n == LISTED_ROWS)
	{
		if (list->row[LISTED_ROWS - 1].key)
			pfree(list->row[LISTED_ROWS - 1].key);
		list->n--;
	}
	memmove(&list->row[i + 1], &list->row[i], sizeof(ListedRow) * (list->n - i));
	list->n++;
	listed.count = 1;
	listed.key = key ? pstrdup(fc_svg_utf8(key)) : NULL;
	for (int c = 0; c < r->nshown; c++)
		listed.value[c] = fc_report_value(&r->column[r->shown[c]], r->slot.x);
	list->row[i] = listed;
}

/* ---- scores ---- */

/* Of the row in a cluster, or in noise */
static double
membership_in(const FcScorer *s, int32 c)
{
	return s->u[c >= 0 ? c : s->model->k];
}

/*
 * How little the first cluster is preferred to the second: the difference of memberships.  Where
 * they are all 0 or 1, that of the distances, as a part of the larger one.
 */
static double
clarity(const FcScorer *s, const ListedRow *row)
{
	double		first;
	double		second;

	if (row->group[1] < 0)
		return NAN;
	if (!(s->model->algo->traits & FC_CRISP))
		return row->membership[0] - row->membership[1];
	if (row->group[0] == 0 || row->group[1] == 0)
		return NAN;
	first = fc_score_length(s, row->group[0] - 1);
	second = fc_score_length(s, row->group[1] - 1);
	return second > 0 ? (second - first) / second : 0;
}

/* Groups, memberships and outlier score of the row in the slot of the model */
static ListedRow
score_row(ModelSlot *slot)
{
	FcScorer   *s = &slot->scorer;
	ListedRow	row = {0};
	int32		first;
	int32		second;
	bool		has_second;

	fc_score_row(s, slot->x);
	fc_score_memberships(s);
	first = fc_score_nearest(s);
	has_second = fc_score_second(s, first, &second);
	row.group[0] = first + 1;
	row.group[1] = has_second ? second + 1 : -1;
	row.membership[0] = membership_in(s, first);
	row.membership[1] = has_second ? membership_in(s, second) : 0;
	row.outlier = fc_score_outlier(s);
	return row;
}

/* ---- a row ---- */

static void
add_to_group(Gathered *g, const ListedRow *row, double weight)
{
	ReportGroup *group = &g->group[row->group[0]];
	int			first = row->group[0] == 0 && row->group[1] > 0;	/* noise is no cluster */
	int			bin = (int) (row->membership[first] * BINS);

	group->rows++;
	group->weight += weight;
	group->membership += weight * row->membership[0];
	group->farthest = fmax(group->farthest, row->outlier);
	g->bin[Min(Max(bin, 0), BINS - 1)]++;
	g->rows++;
	g->weight += weight;
}

static void
draw_row(Report *r, const ListedRow *row)
{
	PlotPoint	point = {.membership = Min(row->membership[0], 1), .rows = 1};
	double		at[2];

	if (r->map.projected)
		fc_project_row(&r->slot, at);
	for (int axis = 0; axis < 2 && !r->map.projected; axis++)
		at[axis] = r->map.feature[axis] >= 0 ? r->slot.x[r->map.feature[axis]] : row->membership[0];
	if (!isfinite(at[0]) || !isfinite(at[1]))
		return;					/* a feature is missing */
	point.x = at[0] + 0.0;		/* zero has one sign */
	point.y = at[1] + 0.0;
	fc_sample_row(r->rows.sample, &point, row->group[0], NULL);
}

/* The row whose features are in the slot of the model */
void
fc_gather_row(Report *r, double weight, const char *label, const char *key)
{
	Gathered   *g = &r->rows;
	ListedRow	row;

	fc_validity_add(&g->validity, &r->slot.scorer, r->slot.x, weight);
	row = score_row(&r->slot);
	add_to_group(g, &row, weight);
	row.rank = clarity(&r->slot.scorer, &row);
	list_row(r, &g->ambiguous, &row, key);
	row.rank = -row.outlier;
	list_row(r, &g->farthest, &row, key);
	if (g->images && row.group[0] > 0)
		fc_show_row(g->images, row.group[0] - 1, r->slot.scorer.distance[row.group[0] - 1], r->slot.x);
	if (g->sample)
		draw_row(r, &row);
	if (g->labels && label)
		fc_count_label(g->labels, label, row.group[0], weight);
}

/*
 * sample.c - rows of a plot gather into counts, extremes, clusters and a sample
 *
 * The sample is the SAMPLE distinct rows with the smallest hashes of x, y, membership
 * and cluster, each with the number of rows that are equal to it.  So it depends on
 * the rows alone, not on their order nor on who has read which of them; samples of
 * parts of the rows merge into the sample of all.
 *
 * Rows are appended until there are twice as many; then they are sorted, equal ones
 * become one, and the first SAMPLE remain.  A row that is thrown out has SAMPLE
 * smaller ones before it for ever, so the counts of those that remain are exact.
 *
 * Memory is bounded: 2 * SAMPLE points, and for MAX_CLUSTERS a count and the beginning
 * of a label; for at most MAX_SPREADS the sums of spread.c.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "core/survey_parts.h"
#include "pg/plot/sample.h"
#include "pg/value/value.h"

#define SAMPLE 10000
#define MAX_CLUSTERS 10000
#define MAX_SPREADS 1000
#define SEED UINT64CONST(0x66757A7A79)

#define LONGEST_LABEL 160		/* bytes kept of a cluster's label */

static void
read_options(PlotSample *s, const Jsonb *options)
{
	if (options != NULL)
		s->jsonb = memcpy(palloc(VARSIZE(options)), options, VARSIZE(options));
	s->options = fc_plot_options(s->jsonb);
	s->sums = fc_spread_sums(s->options);
}

PlotSample *
fc_begin_sample(AxisKind x, AxisKind y, const Jsonb *options)
{
	PlotSample *s = palloc0(sizeof(PlotSample));

	read_options(s, options);
	s->plot.x = (PlotAxis) {.kind = x, .min = INFINITY, .max = -INFINITY};
	s->plot.y = (PlotAxis) {.kind = y, .min = INFINITY, .max = -INFINITY};
	s->plot.membership_min = INFINITY;
	s->plot.membership_max = -INFINITY;
	s->threshold = PG_UINT64_MAX;
	s->point_room = 16;
	s->point = palloc(s->point_room * sizeof(SamplePoint));
	s->cluster_room = 8;
	s->plot.cluster = s->cluster = palloc(s->cluster_room * sizeof(PlotCluster));
	s->order = palloc(s->cluster_room * sizeof(int32));
	s->digits = palloc0(fc_spread_size(s->sums, s->cluster_room));
	return s;
}

/* ---- clusters ---- */

static void
check_clusters(const PlotSample *s)
{
	if (s->plot.ncluster == MAX_CLUSTERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cluster_plot takes at most %d clusters", MAX_CLUSTERS),
				 errhint("The third argument must be the cluster of the row, for example the result of cluster_id.")));
	if (s->sums > 0 && s->plot.ncluster == MAX_SPREADS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cluster_plot draws the centers and ellipses of at most %d clusters", MAX_SPREADS),
				 errhint("Leave out the options \"centers\" and \"ellipses\".")));
}

static void
grow_clusters(PlotSample *s)
{
	Size		size = fc_spread_size(s->sums, s->cluster_room);

	s->cluster_room *= 2;
	s->plot.cluster = s->cluster = repalloc(s->cluster, s->cluster_room * sizeof(PlotCluster));
	s->order = repalloc(s->order, s->cluster_room * sizeof(int32));
	s->digits = repalloc(s->digits, 2 * size);
	memset((char *) s->digits + size, 0, size);
}

/* A cluster without rows, at this place of those by key; its texts are kept as they are */
static void
insert_cluster(PlotSample *s, int at, int64 key, const char *label, const char *name)
{
	int32		c = s->plot.ncluster;

	check_clusters(s);
	if (c == s->cluster_room)
		grow_clusters(s);
	s->cluster[c] = (PlotCluster) {.key = key, .label = label, .name = name};
	memmove(&s->order[at + 1], &s->order[at], (c - at) * sizeof(int32));
	s->order[at] = c;
	s->plot.ncluster++;
}

/* Where a cluster is, or would be, among those by key */
static int
search_cluster(const PlotSample *s, int64 key)
{
	int			low = 0;
	int			high = s->plot.ncluster;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (s->cluster[s->order[middle]].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_cluster(const PlotSample *s, int at, int64 key)
{
	return at < s->plot.ncluster && s->cluster[s->order[at]].key == key;
}

/* The beginning of a label, in UTF-8 */
static const char *
keep_label(const char *label)
{
	char	   *kept = pnstrdup(label, fc_whole_characters(label, LONGEST_LABEL));

	return fc_svg_utf8(kept);
}

/* The position of a cluster in the list, in which it is put if need be */
static int32
find_cluster(PlotSample *s, int64 key, const char *label)
{
	int			at = search_cluster(s, key);

	if (!is_cluster(s, at, key))
		insert_cluster(s, at, key, label ? keep_label(label) : NULL,
					   fc_cluster_name(s->options, label ? label : psprintf(INT64_FORMAT, key)));
	return s->order[at];
}

/* ---- the sample ---- */

static uint64
hash_point(const PlotPoint *p, int64 key)
{
	double		value[] = {p->x, p->y, p->membership};
	uint64		word[lengthof(value) + 1];

	memcpy(word, value, sizeof(value));
	word[lengthof(value)] = (uint64) key;
	return fc_survey_hash(word, lengthof(word), SEED, FC_F64);
}

static int
compare_doubles(double a, double b)
{
	return a < b ? -1 : a > b;
}

/* By hash, then by what has been hashed */
static int
compare_points(const void *va, const void *vb, void *sample)
{
	const PlotCluster *cluster = ((const PlotSample *) sample)->cluster;
	const SamplePoint *a = va;
	const SamplePoint *b = vb;
	int64		key_a = cluster[a->point.cluster].key;
	int64		key_b = cluster[b->point.cluster].key;
	int			order;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (key_a != key_b)
		return key_a < key_b ? -1 : 1;
	if ((order = compare_doubles(a->point.x, b->point.x)) != 0)
		return order;
	if ((order = compare_doubles(a->point.y, b->point.y)) != 0)
		return order;
	return compare_doubles(a->point.membership, b->point.membership);
}

/* Sorts points, makes one of equal ones, and returns how many remain */
static int
settle(const PlotSample *s, SamplePoint *point, int npoint)
{
	int			n = 0;

	qsort_arg(point, npoint, sizeof(SamplePoint), compare_points, (void *) s);
	for (int i = 0; i < npoint; i++)
	{
		if (n > 0 && compare_points(&point[n - 1], &point[i], (void *) s) == 0)
			point[n - 1].point.rows += point[i].point.rows;
		else if (n < SAMPLE)
			point[n++] = point[i];
		else
			break;
	}
	return n;
}

static void
make_room(PlotSample *s)
{
	if (s->point_room < 2 * SAMPLE)
	{
		s->point_room = Min(2 * s->point_room, 2 * SAMPLE);
		s->point = repalloc(s->point, s->point_room * sizeof(SamplePoint));
		return;
	}
	s->npoint = settle(s, s->point, s->npoint);
	if (s->npoint == SAMPLE)
		s->threshold = s->point[SAMPLE - 1].hash;
}

static void
sample_point(PlotSample *s, SamplePoint p)
{
	if (p.hash > s->threshold)
		return;
	if (s->npoint == s->point_room)
		make_room(s);
	s->point[s->npoint++] = p;
}

static void
widen(double *min, double *max, double low, double high)
{
	*min = Min(*min, low);
	*max = Max(*max, high);
}

static uint64 *
digits_of(const PlotSample *s, int32 cluster)
{
	return s->digits + fc_spread_size(s->sums, cluster) / sizeof(uint64);
}

void
fc_sample_row(PlotSample *s, const PlotPoint *p, int64 key, const char *label)
{
	SamplePoint point = {.hash = hash_point(p, key), .point = *p};

	point.point.cluster = find_cluster(s, key, label);
	point.point.rows = 1;
	s->plot.rows++;
	s->cluster[point.point.cluster].rows++;
	fc_spread_add(digits_of(s, point.point.cluster), s->sums, p, s->cluster[point.point.cluster].rows);
	widen(&s->plot.x.min, &s->plot.x.max, p->x, p->x);
	widen(&s->plot.y.min, &s->plot.y.max, p->y, p->y);
	widen(&s->plot.membership_min, &s->plot.membership_max, p->membership, p->membership);
	sample_point(s, point);
}

void
fc_sample_leave_out(PlotSample *s)
{
	s->plot.left_out++;
}

/* ---- merging ---- */

const char *
fc_first_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a ? a : b;
	return strcmp(a, b) <= 0 ? a : b;
}

static const char *
copied_text(const char *text)
{
	return text ? pstrdup(text) : NULL;
}

static void
merge_axis(PlotAxis *axis, const PlotAxis *other)
{
	widen(&axis->min, &axis->max, other->min, other->max);
	axis->label = copied_text(fc_first_text(axis->label, other->label));
	axis->zone = copied_text(fc_first_text(axis->zone, other->zone));
}

void
fc_merge_samples(PlotSample *s, const PlotSample *other)
{
	int32	   *place = palloc((other->plot.ncluster + 1) * sizeof(int32));

	for (int c = 0; c < other->plot.ncluster; c++)
	{
		const PlotCluster *from = &other->cluster[c];
		int			at = search_cluster(s, from->key);

		if (!is_cluster(s, at, from->key))
			insert_cluster(s, at, from->key, copied_text(from->label), copied_text(from->name));
		place[c] = s->order[at];
		s->cluster[place[c]].rows += from->rows;
		fc_spread_merge(digits_of(s, place[c]), digits_of(other, c), s->sums);
	}
	for (int i = 0; i < other->npoint; i++)
	{
		SamplePoint p = other->point[i];

		p.point.cluster = place[p.point.cluster];
		sample_point(s, p);
	}
	s->plot.rows += other->plot.rows;
	s->plot.left_out += other->plot.left_out;
	s->plot.title = copied_text(fc_first_text(s->plot.title, other->plot.title));
	merge_axis(&s->plot.x, &other->plot.x);
	merge_axis(&s->plot.y, &other->plot.y);
	widen(&s->plot.membership_min, &s->plot.membership_max, other->plot.membership_min, other->plot.membership_max);
	pfree(place);
}

/* Points of the sample, (*n) in the order of their hashes */
PlotPoint *
fc_sample_points(const PlotSample *s, int *n)
{
	SamplePoint *sorted = palloc(s->npoint * sizeof(SamplePoint));
	PlotPoint  *point = palloc(s->npoint * sizeof(PlotPoint));

	memcpy(sorted, s->point, s->npoint * sizeof(SamplePoint));
	*n = settle(s, sorted, s->npoint);
	for (int i = 0; i < *n; i++)
		point[i] = sorted[i].point;
	pfree(sorted);
	return point;
}

/* ---- from one process to another, of the same query ---- */

/* A text that may be NULL */
static void
write_text(StringInfo s, const char *text)
{
	appendStringInfoChar(s, text ? 1 : 0);
	if (text)
		appendBinaryStringInfo(s, text, (int) strlen(text) + 1);
}

bytea *
fc_sample_to_bytes(const PlotSample *s)
{
	StringInfoData out;
	bytea	   *bytes;

	initStringInfo(&out);
	appendBinaryStringInfo(&out, (const char *) s, sizeof(PlotSample));
	appendBinaryStringInfo(&out, (const char *) s->point, s->npoint * (int) sizeof(SamplePoint));
	appendBinaryStringInfo(&out, (const char *) s->cluster, s->plot.ncluster * (int) sizeof(PlotCluster));
	appendBinaryStringInfo(&out, (const char *) s->digits, (int) fc_spread_size(s->sums, s->plot.ncluster));
	for (int c = 0; c < s->plot.ncluster; c++)
	{
		write_text(&out, s->cluster[c].label);
		write_text(&out, s->cluster[c].name);
	}
	write_text(&out, s->plot.title);
	write_text(&out, s->plot.x.label);
	write_text(&out, s->plot.x.zone);
	write_text(&out, s->plot.y.label);
	write_text(&out, s->plot.y.zone);
	if (s->jsonb != NULL)
		appendBinaryStringInfo(&out, (const char *) s->jsonb, (int) VARSIZE(s->jsonb));
	bytes = fc_bytea(out.len);
	memcpy(VARDATA(bytes), out.data, out.len);
	pfree(out.data);
	return bytes;
}

static void *
take(const char **from, Size size)
{
	void	   *copy = memcpy(palloc(Max(size, 1)), *from, size);

	*from += size;
	return copy;
}

static const char *
take_text(const char **from)
{
	const char *text = *from + 1;

	if (*(*from)++ == 0)
		return NULL;
	*from += strlen(text) + 1;
	return text;
}

/* Its texts are in the bytes; rows cannot be added to it, and its options are NULL */
PlotSample *
fc_sample_from_bytes(const bytea *bytes)
{
	const char *from = VARDATA_ANY(bytes);
	PlotSample *s = take(&from, sizeof(PlotSample));

	s->point = take(&from, s->npoint * sizeof(SamplePoint));
	s->plot.cluster = s->cluster = take(&from, s->plot.ncluster * sizeof(PlotCluster));
	s->digits = take(&from, fc_spread_size(s->sums, s->plot.ncluster));
	for (int c = 0; c < s->plot.ncluster; c++)
	{
		s->cluster[c].label = take_text(&from);
		s->cluster[c].name = take_text(&from);
	}
	s->plot.title = take_text(&from);
	s->plot.x.label = take_text(&from);
	s->plot.x.zone = take_text(&from);
	s->plot.y.label = take_text(&from);
	s->plot.y.zone = take_text(&from);
	s->options = NULL;
	if (s->jsonb != NULL)
		s->jsonb = take(&from, VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes) - from);
	return s;
}

/*
 * validity.c - sums of rows for validity indices, in one pass
 *
 * Sums of x - v lose no digits to offsets.  Distances are Euclidean among the features,
 * whatever the metric of the algorithm, so that distances from rows to centers are
 * comparable with those between centers, and one algorithm with another.  Memberships,
 * weights and the cluster of a row are the algorithm's.
 *
 * A row counts as often as its weight says.  Rows of the weight 1, which nearly all have, are counted
 * as whole numbers, and the weights of others have sums of their own.
 *
 * Of a model with noise (noise.h), a row belongs to the clusters as far as it is no noise: it counts there
 * by 1 - noise, in the cluster to whose center it is nearest.  The rows in the noise cluster and all rows are
 * counted besides.
 *
 * Every term of a sum is a number that follows from its row alone, so sums
 * are the same for any order of the rows and any division among processes.
 */
#include "core/validity.h"

#include "core/direction.h"
#include "core/noise.h"

#include <math.h>
#include <string.h>

/* Makes terms of memberships, and of others with the scale 1 */
#define ONE		(1.0 / (UINT64_C(1) << FC_FIXED_UNIT))

/* Numbers of sums: of memberships u and weights w of each cluster, and w d */
enum
{
	U_SQUARED,
	U_LOG_U,
	SILHOUETTES,
	TOTALS
};

#define U(k)		((size_t) TOTALS)
#define W(k)		(TOTALS + (size_t) (k))
#define WD(k)		(TOTALS + 2 * (size_t) (k))
#define OF_ROW(k)	(TOTALS + 3 * (size_t) (k))

/* Behind those, of the rows of each cluster: sums of distances, of their squares, and of x - v (d) */
enum
{
	DISTANCE,
	SQUARED,
	DIFFERENCE
};

static size_t
of_cluster(int32_t k, int32_t d, int32_t c)
{
	return fc_plus(OF_ROW(k), fc_times(fc_plus(DIFFERENCE, (size_t) d), (size_t) c));
}

/* Kinds of rows that are counted: those of each cluster and, with noise, those in the noise cluster, and all */
#define IN_NOISE(k)	(k)
#define ALL(k)		((k) + 1)

static int32_t
counted(int32_t k, bool noise)
{
	return noise ? k + 2 : k;
}

/* Behind those, weights of the rows of each kind, other than 1 */
static size_t
weight_of(int32_t k, int32_t d, int32_t kind)
{
	return fc_plus(of_cluster(k, d, k), (size_t) kind);
}

static size_t
sums_of(int32_t k, int32_t d, bool noise)
{
	return weight_of(k, d, counted(k, noise));
}

/* Words of the sums */
size_t
fc_validity_words(int32_t k, int32_t d, bool noise)
{
	return fc_plus(1 + (size_t) counted(k, noise), fc_times(sums_of(k, d, noise), FC_FIXED_DIGITS));
}

/* Makes *v a view of the words of the sums, without units */
void
fc_validity_view(FcValidity *v, int32_t k, int32_t d, bool noise, uint64_t *words)
{
	*v = (FcValidity) {
		.k = k, .d = d, .noise = noise, .length = fc_validity_words(k, d, noise), .words = words, .rows = words,
		.count = words + 1, .sums = {.number = sums_of(k, d, noise), .digit = words + 1 + counted(k, noise)},
	};
}

void
fc_validity_layout(FcArena *a, FcValidity *v, int32_t k, int32_t d, bool noise)
{
	uint64_t   *words = fc_take(a, fc_validity_words(k, d, noise), sizeof(uint64_t));
	size_t		terms = OF_ROW(k) > DIFFERENCE + (size_t) d ? OF_ROW(k) : DIFFERENCE + (size_t) d;
	double	   *term = fc_take(a, terms + FC_FIXED_PAD, sizeof(double));

	if (words == NULL)
		return;
	fc_validity_view(v, k, d, noise, words);
	v->term = term;
}

/* The greatest difference between centers in a feature */
static double
extent(const FcModel *m)
{
	double		most = 0;

	for (int32_t j = 0; j < m->d; j++)
	{
		double		low = m->centers[j];
		double		high = low;

		for (int32_t c = 1; c < m->k; c++)
		{
			double		v = m->centers[(int64_t) c * m->d + j];

			low = fmin(low, v);
			high = fmax(high, v);
		}
		most = fmax(most, high - low);
	}
	return most;
}

static double
greatest(const double *values, int64_t n)
{
	double		most = 0;

	for (int64_t i = 0; i < n; i++)
		most = fmax(most, fabs(values[i]));
	return most;
}

/* How large distances and differences between rows and centers are, roughly: see fixed.c */
static double
scale_of(const FcModel *m)
{
	double		scale = extent(m);

	for (int32_t c = 0; c < m->k && !(m->algo->traits & FC_EMBEDS); c++)
		scale = fmax(scale, fc_radius_of_features(m, c));
	return scale > 0 ? scale : greatest(m->centers, (int64_t) m->k * m->d);
}

void
fc_validity_use_units(FcValidity *v, const FcModel *m)
{
	v->exponent = fc_fixed_exponent(scale_of(m));
	v->unit = ldexp(1, -v->exponent);
	v->term_unit = v->unit * ONE;
}

void
fc_validity_begin(FcValidity *v, const FcModel *m)
{
	memset(v->words, 0, v->length * sizeof(uint64_t));
	fc_validity_use_units(v, m);
}

void
fc_validity_merge(FcValidity *to, uint64_t *words)
{
	FcValidity	from;

	fc_validity_view(&from, to->k, to->d, to->noise, words);
	for (int32_t i = 0; i <= counted(to->k, to->noise); i++)
		to->words[i] += words[i];
	fc_fixed_merge(&to->sums, &from.sums);
}

/* The least squared distance to another center; without a branch on distances, which cannot be predicted */
static double
nearest_other(const double *distance, int32_t k, int32_t cluster)
{
	double		least = INFINITY;

	for (int32_t c = 0; c < cluster; c++)
		least = distance[c] < least ? distance[c] : least;
	for (int32_t c = cluster + 1; c < k; c++)
		least = distance[c] < least ? distance[c] : least;
	return least;
}

/* (b - a) / max(a, b) of the center of the row's cluster and the nearest other */
static double
silhouette(const FcScorer *s, int32_t cluster)
{
	double		a = sqrt(s->distance[cluster]);
	double		b = sqrt(nearest_other(s->distance, s->model->k, cluster));

	return a < b ? 1 - a / b : a > b ? b / a - 1 : 0;
}

/* n terms of a row with this weight, to the sums from number "first" on */
static void
add_terms(FcValidity *v, size_t first, size_t n, double weight, int isa)
{
	double	   *restrict term = v->term;

	for (size_t i = 0; weight != 1 && i < n; i++)
		term[i] *= weight;
	memset(term + n, 0, FC_FIXED_PAD * sizeof(double));
	fc_fixed_add(&v->sums, first, term, (int32_t) n, isa);
}

static void
count_row(FcValidity *v, const FcScorer *s, int32_t kind, double weight)
{
	if (weight == 1)
		v->count[kind]++;
	else if (weight > 0)
	{
		v->term[0] = ONE;
		add_terms(v, weight_of(v->k, v->d, kind), 1, weight, s->metric.isa);
	}
}

/* The row, of which "part" is in clusters and not in noise */
static void
count_kinds(FcValidity *v, const FcScorer *s, int32_t cluster, double weight, double part)
{
	(*v->rows)++;
	count_row(v, s, cluster, weight * part);
	if (!v->noise)
		return;
	count_row(v, s, ALL(v->k), weight);
	if (fc_score_nearest(s) < 0)
		count_row(v, s, IN_NOISE(v->k), weight);
}

/* What of the row belongs to clusters, 1 - noise: their memberships, which keep their digits where noise is all but 1 */
static double
part_in_clusters(const FcScorer *s)
{
	double		part = 0;

	if (!fc_has_noise(s->model))
		return 1;
	for (int32_t c = 0; c < s->model->k; c++)
		part += s->u[c];
	return part;
}

/* Adds the row to the sums of its crisp cluster */
static void
add_to_cluster(FcValidity *v, FcScorer *s, int32_t cluster, const double *x, double weight)
{
	const double *restrict center = s->model->centers + (int64_t) cluster * v->d;
	const double *restrict scaled = fc_scaled_row(s, x);
	double	   *restrict term = v->term;
	double		unit = v->term_unit;
	double		squared = s->distance[cluster];

	term[DISTANCE] = sqrt(squared) * unit;
	term[SQUARED] = squared * v->unit * unit;
	for (int32_t j = 0; j < v->d; j++)
	{
		double		difference = (scaled[j] - center[j]) * unit;

		term[DIFFERENCE + j] = isnan(difference) ? 0 : difference;	/* what is missing is where the center is */
	}
	add_terms(v, of_cluster(v->k, v->d, cluster), DIFFERENCE + (size_t) v->d, weight, s->metric.isa);
}

/* The terms of memberships */
static void
use_memberships(FcValidity *v, const FcScorer *s)
{
	double	   *term = v->term;
	double		squares = 0;
	double		entropy = 0;

	for (int32_t c = 0; c < fc_groups(s->model); c++)
	{
		double		u = s->u[c];

		if (c < v->k)
			term[U(v->k) + c] = u * ONE;
		squares += u * u;
		if (u > 0)
			entropy += u * log(u);
	}
	term[U_SQUARED] = squares * ONE;
	term[U_LOG_U] = entropy * ONE;
}

/* Those of weights and distances */
static void
use_weights(FcValidity *v, const double *weight, const double *distance)
{
	const double unit = v->unit;
	const double term_unit = v->term_unit;
	double	   *restrict w = v->term + W(v->k);
	double	   *restrict wd = v->term + WD(v->k);

	for (int32_t c = 0; c < v->k; c++)
	{
		w[c] = weight[c] * ONE;
		wd[c] = weight[c] * distance[c] * unit * term_unit;
	}
}

/*
 * Adds a row x whose weight is above 0: memberships are those of s, and distances those of
 * its place, at, to the centers of "space", a scorer whose distances are Euclidean, or s
 */
static void
add_row(FcValidity *v, FcScorer *s, const double *x, FcScorer *space, const double *at, double weight)
{
	const FcKernel *kernel = s->model->algo->kernel;
	int32_t		cluster;
	double		part;

	fc_score_row(s, x);
	fc_score_memberships(s);
	cluster = fc_score_nearest_center(s);
	part = part_in_clusters(s);
	count_kinds(v, s, cluster, weight, part);
	use_memberships(v, s);
	if (kernel->weights != kernel->memberships)	/* else s->u has them already */
		fc_score_weights(s);
	if (space != s || kernel->distances)
		fc_score_row_euclidean(space, at);
	v->term[SILHOUETTES] = v->k > 1 && part > 0 ? silhouette(space, cluster) * part * ONE : 0;
	use_weights(v, s->u, space->distance);
	add_terms(v, 0, OF_ROW(v->k), weight, s->metric.isa);
	if (part > 0)
		add_to_cluster(v, space, cluster, at, weight * part);
}

/* Of a row in the user's units */
void
fc_validity_add(FcValidity *v, FcScorer *s, const double *x, double weight)
{
	add_row(v, s, x, s, x, weight);
}

/* The same, measured among codes: z is that of the row, and "codes" the scorer of their centers */
void
fc_validity_add_code(FcValidity *v, FcScorer *s, const double *x, FcScorer *codes, const double *z, double weight)
{
	add_row(v, s, x, codes, z, weight);
}

/* A sum of all rows, or of memberships or weights */
static double
get(const FcValidity *v, size_t sum)
{
	return fc_fixed_get(&v->sums, sum, 0);
}

/* Rows of a kind, by their weights */
static double
get_count(const FcValidity *v, int32_t kind)
{
	return (double) v->count[kind] + get(v, weight_of(v->k, v->d, kind));
}

/* A sum of the rows of a cluster: of lengths, or of squares */
static double
get_length(const FcValidity *v, int32_t c, int32_t sum)
{
	return fc_fixed_get(&v->sums, of_cluster(v->k, v->d, c) + (size_t) sum, v->exponent);
}

static double
get_squares(const FcValidity *v, size_t sum)
{
	return fc_fixed_get(&v->sums, sum, 2 * v->exponent);
}

/* Mean of all rows: sum_c (n_c v_c + sum of differences) / n */
static void
grand_mean(const FcIndexSums *of, const double *centers)
{
	for (int32_t j = 0; j < of->d; j++)
	{
		of->mean[j] = 0;
		for (int32_t c = 0; c < of->k; c++)
		{
			int64_t		at = (int64_t) c * of->d + j;

			of->mean[j] += (of->count[c] * centers[at] + of->difference[at]) / of->rows;
		}
	}
}

/* The sums as doubles; centers (k, d) are the model's */
void
fc_validity_sums(const FcValidity *v, const double *centers, FcIndexSums *to)
{
	to->rows = 0;
	to->groups = v->noise ? v->k + 1 : v->k;
	to->squared_u = get(v, U_SQUARED);
	to->u_log_u = get(v, U_LOG_U);
	to->silhouettes = get(v, SILHOUETTES);
	to->wd = 0;
	to->within = 0;
	for (int32_t c = 0; c < v->k; c++)
	{
		to->wd += get_squares(v, WD(v->k) + c);
		to->within += get_squares(v, of_cluster(v->k, v->d, c) + SQUARED);
		to->u[c] = get(v, U(v->k) + c);
		to->w[c] = get(v, W(v->k) + c);
		to->count[c] = get_count(v, c);
		to->rows += to->count[c];
		to->distance[c] = get_length(v, c, DISTANCE);
		for (int32_t j = 0; j < v->d; j++)
			to->difference[(int64_t) c * v->d + j] = get_length(v, c, DIFFERENCE + j);
	}
	to->all = v->noise ? get_count(v, ALL(v->k)) : to->rows;
	to->noise = v->noise ? get_count(v, IN_NOISE(v->k)) : 0;
	to->unit = fc_row_unit(to->all, (int64_t) *v->rows);
	grand_mean(to, centers);
}

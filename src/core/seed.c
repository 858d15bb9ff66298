/*
 * seed.c - the first centers
 *
 * k-means++ (Arthur and Vassilvitskii, 2007): the first center is a row, and each
 * next one is drawn with a probability proportional to D^2, the squared distance
 * to the nearest center so far.  It is greedy: of several rows that were drawn,
 * the one is taken that lowers the sum of D^2 most.
 *
 * Candidates are drawn many at a time into a pool, where their distances to all
 * rows of the sample are kept: so the sample is read once for all of them, and a
 * center costs no more distances.  While centers are chosen, a candidate stays
 * with the probability D^2(now) / D^2(when it was drawn), so that those left are
 * distributed as if they were drawn now (rejection sampling: Cohen-Addad et al.,
 * 2020).  What a candidate gains never rises, and is found again only where the old
 * value, a bound, is the largest (lazy evaluation: Minoux, 1978).  When an eighth
 * of the pool has been chosen, the better half stays and the others are replaced: so
 * there are about four new candidates, hence four distances of each row of the
 * sample, for a center.  It is a quarter, hence two, where four would be more than
 * two iterations over all rows.
 *
 * It works on a sample of the rows (sample.c).  Where that has too few different
 * ones, the others are found among all rows (outside.c).
 */
#include "core/seed.h"

#include "core/candidates.h"
#include "core/direction.h"
#include "core/gaps.h"
#include "core/noise.h"
#include "core/outside.h"
#include "core/scale.h"

#include <math.h>
#include <string.h>

#define CHOSEN_SHARE	4		/* one of as many candidates is chosen before the pool is filled again ... */
#define CHOSEN_IF_CHEAP	8		/* ... for two iterations, or if n k d is small: */
#define CHEAP_PRODUCTS	(1 << 25)
#define KEPT_SHARE		2		/* one of as many candidates stays then */

/* For samples of up to "rows" rows */
void
fc_seeder_layout(FcArena *a, FcSeeder *s, const FcFit *f, int64_t rows)
{
	size_t		size = FC_SIZE(f->rows.precision);
	size_t		k = f->model->k;
	size_t		d = f->rows.d;
	int64_t		n = FC_ROUND_UP(rows, FC_LANES);

	s->most = fc_pool_size(n, f->rows.d);
	s->x = f->sample.x;
	s->least = fc_take_shared(a, n, size);
	s->total = fc_take(a, n / FC_LANES, sizeof(double));
	s->at = fc_take_shared(a, fc_times(s->most, n), size);
	s->row = fc_take_shared(a, fc_times(s->most, d), size);
	s->gain = fc_take_shared(a, s->most, sizeof(double));
	s->part = fc_take(a, s->most, sizeof(double));
	s->near = fc_take(a, fc_times(k, FC_LANES), size);
	s->distance = fc_take(a, k, sizeof(double));
	s->chosen = fc_take(a, fc_times(k, d), size);
}

/* One of how many candidates is chosen: the more, the better the centers, at the cost of more distances */
static int32_t
chosen_share(const FcFit *f)
{
	bool		cheap = f->sample.n <= f->rows.n / 2 || (double) f->rows.n * f->model->k * f->rows.d <= CHEAP_PRODUCTS;

	return cheap ? CHOSEN_IF_CHEAP : CHOSEN_SHARE;
}

/* How many candidates there should be for the next centers, of which there are c */
static int32_t
wanted_candidates(const FcFit *f, const FcSeeder *s, int32_t c)
{
	int32_t		k = f->model->k;
	int32_t		share = chosen_share(f);
	int32_t		fewest = 2 + (int) log((double) k);
	int32_t		wanted = c / 2;

	if (c == 0)
		return 1;
	if (wanted / share > k - c)
		wanted = share * (k - c);
	if (wanted < fewest)
		wanted = fewest;
	return wanted < s->most ? wanted : s->most;
}

/* Centers by k-means++; returns how many there are */
static int32_t
choose_by_squares(FcFit *f, FcSeeder *s, FcRng *rng)
{
	int32_t		k = f->model->k;
	int32_t		share = chosen_share(f);
	int32_t		c = 0;

	fc_set_chances(f, s, false);
	while (c < k && fc_all_chances(f, s) > 0)
	{
		int32_t		wanted = wanted_candidates(f, s, c);
		int32_t		fewest = 1;
		int32_t		best;

		fc_thin_pool(f, s, wanted / KEPT_SHARE);
		fc_fill_pool(f, s, rng, wanted);
		for (int32_t left = (wanted + share - 1) / share; left > 0 && c < k; left--)
		{
			best = fc_best_candidate(f, s, fewest);
			if (best < 0)
				break;
			fc_copy_sampled(f, s->pool[best].row, s->chosen, c++);
			fc_cover_by_candidate(f, s, best);
			s->squared = true;
			fewest = wanted / KEPT_SHARE;
		}
	}
	return c;
}

/* ---- rows that are equally likely ---- */

/* Does row i of the sample differ from the centers from number "first" up to c? */
static bool
is_new(const FcFit *f, FcSeeder *s, int64_t i, int32_t first, int32_t c)
{
	size_t		size = FC_SIZE(f->rows.precision);
	int64_t		lane = i % FC_LANES;

	fc_check(&f->hooks);
	fc_distances_between(f, (const char *) f->sample.x + (i - lane) * size, f->sample.stride, FC_LANES,
						 (const char *) s->chosen + (size_t) first * f->rows.d * size, c - first, s->near, FC_LANES);
	for (int64_t b = 0; b < c - first; b++)
		if (fc_get(s->near, f->rows.precision, b * FC_LANES + lane) == 0)
			return false;
	return true;
}

/*
 * D^2 is up to date only for the first centers: that of a row that was drawn is
 * compared with the others alone, until one is met twice
 */
static int32_t
choose_equally(const FcFit *f, FcSeeder *s, FcRng *rng)
{
	int32_t		covered = 0;
	int32_t		c = 0;

	fc_set_chances(f, s, false);
	while (c < f->model->k && fc_all_chances(f, s) > 0)
	{
		int64_t		row = fc_draw_row(f, s, rng);

		if (c == covered || is_new(f, s, row, covered, c))
			fc_copy_sampled(f, row, s->chosen, c++);
		else
		{
			fc_cover_by_centers(f, s, covered, c);
			covered = c;
		}
	}
	return c;
}

/* Does a row of the sample differ from all of the c centers, though D^2 is 0? */
static bool
squares_vanish(const FcFit *f, FcSeeder *s, int32_t c)
{
	FcPrecision precision = f->rows.precision;
	int32_t		d = f->rows.d;

	for (int64_t i = 0; i < f->sample.n; i++)
	{
		bool		met = false;

		fc_check(&f->hooks);
		for (int32_t b = 0; b < c && !met; b++)
		{
			int32_t		j = 0;

			while (j < d && fc_same_or_missing(fc_get(s->chosen, precision, (int64_t) b * d + j),
											   fc_get(f->sample.x, precision, j * f->sample.stride + i)))
				j++;
			met = j == d;
		}
		if (!met)
			return true;
	}
	return false;
}

/* D^2 before there is a center: no row is farther from one than noise, or it would draw centers to itself */
static double
most_squared(const FcFit *f)
{
	double		limit = FC_LIMIT(f->rows.precision);

	return fc_has_noise(f->model) ? fmin(fc_noise_squared(f->model), limit * limit) : INFINITY;
}

/* k distinct rows into s->chosen, by k-means++ or all equally likely */
static FcStatus
choose_rows(FcFit *f, FcSeeder *s, FcRng *rng, bool kmeanspp)
{
	double		most = most_squared(f);
	int32_t		before = -1;
	int32_t		c;

	s->count = 0;
	for (int64_t i = 0; i < f->sample.stride; i++)
		fc_set(s->least, f->rows.precision, i, i < f->sample.n ? most : 0);
	c = kmeanspp ? choose_by_squares(f, s, rng) : choose_equally(f, s, rng);
	while (f->sample.n < f->rows.n && c < f->model->k && c > before)
	{
		before = c;
		c = fc_search_outside(f, s, c);
	}
	if (c == f->model->k)
		return FC_OK;
	f->failure.distinct = c;
	return squares_vanish(f, s, c) ? FC_TOO_CLOSE : FC_TOO_FEW_ROWS;
}

static void
given_centers(FcFit *f)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		m->centers[i] = m->shift ? (f->start[i] - m->shift[i % m->d]) * m->factor[i % m->d] :
			f->offset ? f->start[i] - f->offset[i % m->d] : f->start[i];
}

static void
chosen_centers(FcFit *f, const FcSeeder *s)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		m->centers[i] = fc_get(s->chosen, f->rows.precision, i);
}

static void
random_centers(FcFit *f, FcRng *rng)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
	{
		double		low = f->columns->low[i % m->d] - (f->offset ? f->offset[i % m->d] : 0);

		m->centers[i] = low + fc_rng_uniform(rng) * (f->columns->high[i % m->d] - f->columns->low[i % m->d]);
	}
}

/*
 * The first centers of restart number "stream" into the model.  Rows are chosen
 * even if something else becomes the centers: that proves that there are k
 * different ones.
 */
FcStatus
fc_first_centers(FcFit *f, FcSeeder *s, uint64_t stream)
{
	FcModel    *m = f->model;
	FcRng		rng;
	FcStatus	status;

	fc_rng_start(&rng, (uint64_t) m->common[FC_SEED], stream);
	status = choose_rows(f, s, &rng, m->common[FC_INIT] == FC_INIT_KMEANSPP);
	if (status != FC_OK)
		return status;
	if (f->start != NULL)
		given_centers(f);
	else if (m->common[FC_INIT] == FC_INIT_RANDOM)
		random_centers(f, &rng);
	else
		chosen_centers(f, s);
	if (fc_is_cosine(m))
		(void) fc_make_centers_unit(m);
	return FC_OK;
}

/* The same; if there are fewer different rows, k becomes their number */
FcStatus
fc_first_centers_up_to(FcFit *f, FcSeeder *s, uint64_t stream)
{
	FcStatus	status = fc_first_centers(f, s, stream);

	if (status != FC_TOO_FEW_ROWS)
		return status;
	f->model->k = (int32_t) f->failure.distinct;
	chosen_centers(f, s);
	return FC_OK;
}

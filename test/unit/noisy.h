/*
 * noisy.h - rows in clusters and rows far from all of them, for the unit tests
 */
#ifndef NOISY_H
#define NOISY_H

#include "train.h"

#define MOST_NOISY_CLUSTERS 20

typedef struct Noisy
{
	int			n;
	int			d;
	int			k;
	double	   *x;				/* (n, d) */
	int		   *cluster;		/* (n) from 0; -1: noise */
	double	   *center;			/* (k, d) of the clusters */
} Noisy;

/* Standard normal (Box and Muller) */
static inline double
normal(FcRng *rng)
{
	double		radius = sqrt(-2 * log(1 - fc_rng_uniform(rng)));

	return radius * cos(6.283185307179586 * fc_rng_uniform(rng));
}

/* Centers that are at least 10 apart, in a cube that is hardly larger than they need */
static inline void
place_centers(Noisy *r, FcRng *rng)
{
	double		side = 14 * pow(r->k, 1.0 / r->d) + 10;
	double		least;

	do
	{
		least = INFINITY;
		for (int i = 0; i < r->k * r->d; i++)
			r->center[i] = side * fc_rng_uniform(rng);
		for (int c = 0; c < r->k; c++)
			for (int b = 0; b < c; b++)
				least = fmin(least, fc_squared_distance(r->center + b * r->d, r->center + c * r->d, r->d));
	}
	while (least < 100);
}

/* The range of feature j in the clusters, 1.5 times as wide */
static inline void
range_of(const Noisy *r, int j, double *low, double *width)
{
	double		high = -INFINITY;

	*low = INFINITY;
	for (int i = 0; i < r->n; i++)
		if (r->cluster[i] >= 0)
		{
			*low = fmin(*low, r->x[i * r->d + j]);
			high = fmax(high, r->x[i * r->d + j]);
		}
	*width = 1.5 * (high - *low);
	*low -= *width / 6;
}

/* Sizes of clusters are proportional to 1, 1 + unequal, 1 + 2 unequal, ...; the standard deviation is 1 */
static inline Noisy
make_noisy(int n, int d, int k, double share, double unequal, uint64_t seed)
{
	Noisy		r = {
		.n = n, .d = d, .k = k, .x = malloc(sizeof(double) * n * d), .cluster = malloc(sizeof(int) * n),
		.center = malloc(sizeof(double) * k * d)
	};
	double		all = k + unequal * k * (k - 1) / 2;
	FcRng		rng;

	fc_rng_start(&rng, seed, 77);
	place_centers(&r, &rng);
	for (int i = 0; i < n; i++)
	{
		double		at = fc_rng_uniform(&rng) * all;
		int			c = 0;

		while (c < k - 1 && at >= 1 + unequal * c)
			at -= 1 + unequal * c++;
		r.cluster[i] = fc_rng_uniform(&rng) < share ? -1 : c;
		for (int j = 0; j < d; j++)
			r.x[i * d + j] = r.center[c * d + j] + normal(&rng);
	}
	for (int j = 0; j < d; j++)
	{
		double		low;
		double		width;

		range_of(&r, j, &low, &width);
		for (int i = 0; i < n; i++)
			if (r.cluster[i] < 0)
				r.x[i * d + j] = low + width * fc_rng_uniform(&rng);
	}
	return r;
}

static inline void
free_noisy(Noisy *r)
{
	free(r->x);
	free(r->cluster);
	free(r->center);
}

/* How well a model has found them */
typedef struct Found
{
	double		error;			/* root mean square of the centers' errors in a feature */
	double		lost;			/* share of the rows of clusters that are noise in the model */
	double		caught;			/* share of the rows of noise that are noise in the model */
	double		swapped;		/* share of the rows of clusters, among those that have one in the model, in another than most of theirs */
} Found;

static inline int
nearest_of(const double *centers, int k, int d, const double *v)
{
	return fc_nearest_center(centers, k, d, v);
}

static inline Found
compare_noisy(const Noisy *r, const FcModel *m)
{
	Found		f = {0};
	double	   *centers = centers_of(m);
	int			rows = 0;
	int			noise = 0;
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int c = 0; c < r->k; c++)
	{
		int			b = nearest_of(centers, m->k, r->d, r->center + c * r->d);

		f.error += fc_squared_distance(centers + b * r->d, r->center + c * r->d, r->d) / (r->k * r->d);
	}
	for (int i = 0; i < r->n; i++)
	{
		int			c = r->cluster[i];
		int			found;

		fc_score_row(&s, r->x + i * r->d);
		found = fc_score_nearest(&s);
		rows += c >= 0;
		noise += c < 0;
		f.lost += c >= 0 && found < 0;
		f.caught += c < 0 && found < 0;
		f.swapped += c >= 0 && found >= 0 && found != nearest_of(centers, m->k, r->d, r->center + c * r->d);
	}
	f.error = sqrt(f.error);
	f.swapped /= rows - f.lost;
	f.lost /= rows;
	f.caught /= noise > 0 ? noise : 1;
	free(memory);
	free(centers);
	return f;
}

#endif

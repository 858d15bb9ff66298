/*
 * spectral_train.h - trainings of spectral clustering, and rows for it
 */
#ifndef SPECTRAL_TRAIN_H
#define SPECTRAL_TRAIN_H

#include "train.h"

#include "spectral/model.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

extern const FcAlgorithm fc_spectral;

/* All rows in the graph if "landmarks" is 0, else this number of landmarks */
UNUSED static void
train(Training *t, int kind, int landmarks, FcPrecision precision, int32_t k, const double *x, int64_t n, int32_t d)
{
	training_begin(t, &fc_spectral, k, precision, x, n, d);
	t->model.option[FC_SPECTRAL_KIND] = kind;
	t->model.option[FC_SPECTRAL_EXACT_ROWS] = landmarks > 0 ? 0 : FC_MOST_NODES;
	if (landmarks > 0)
		t->model.option[FC_SPECTRAL_LANDMARKS] = landmarks;
}

UNUSED static bool
run(Training *t)
{
	if (!CHECK_EQ(training_run(t), FC_OK))
		return false;
	check_model(t);
	return true;
}

/* The cluster of each row; x is (n, d) */
UNUSED static void
label(const FcModel *m, const double *x, int64_t n, int *labels)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int64_t i = 0; i < n; i++)
	{
		fc_score_row(&s, x + i * m->d);
		labels[i] = fc_score_nearest(&s);
	}
	free(memory);
}

/* Rows that differ, for the best of the orders of up to three clusters */
UNUSED static int
differences(const int *a, const int *b, int64_t n)
{
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	int			best = INT32_MAX;

	for (int o = 0; o < 6; o++)
	{
		int			wrong = 0;

		for (int64_t i = 0; i < n; i++)
			wrong += orders[o][a[i]] != b[i];
		best = wrong < best ? wrong : best;
	}
	return best;
}

/* Rows of two rings around each other, one after the other, and which of them */
UNUSED static double *
make_rings(int n, int *ring)
{
	double	   *x = make_noise(n, 2, 77);

	for (int i = 0; i < n; i++)
	{
		double		radius = (ring[i] = i % 2) ? 3 : 1;

		x[2 * i] = radius * cos(2.399963 * i) + 0.2 * x[2 * i];
		x[2 * i + 1] = radius * sin(2.399963 * i) + 0.2 * x[2 * i + 1];
	}
	return x;
}

/* Two half circles that reach into each other */
UNUSED static double *
make_moons(int n, int *moon)
{
	double	   *x = make_noise(n, 2, 78);

	for (int i = 0; i < n; i++)
	{
		double		angle = 3.14159265 * (i / 2) / (n / 2.0);

		moon[i] = i % 2;
		x[2 * i] = (moon[i] ? 1 - cos(angle) : cos(angle)) + 0.1 * x[2 * i];
		x[2 * i + 1] = (moon[i] ? 0.5 - sin(angle) : sin(angle)) + 0.1 * x[2 * i + 1];
	}
	return x;
}

#endif

/*
 * golden.h - the reference values, and comparing a model with them
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "train.h"

#define MOST_OPTIONS	12
typedef struct GoldenData
{
	const char *name;
	int			n;
	int			d;
	int			k;
	const double *rows;			/* (n, d) */
	const double *start;		/* (k, d) first centers */
	const int  *labels;			/* (n) true classes, or NULL */
} GoldenData;

typedef struct GoldenOption
{
	const char *name;
	double		value;
} GoldenOption;

typedef struct GoldenCase
{
	const char *algorithm;
	const GoldenData *data;
	GoldenOption options[MOST_OPTIONS];
	int			iterations;		/* 0: as many as it takes */
	int			distance;		/* of the option */
	double		objective;
	double		partition_coefficient;	/* 0: not known */
	int			misclassified;	/* -1: not known */
	const double *centers;		/* (k, d) */
	const double *covariances;	/* (k, d, d), or NULL */
	const double *shares;		/* (k) P of Gath and Geva, or NULL */
	const int  *counts;			/* (k) rows of each cluster */
	int			nrows;
	const int  *rows;			/* (nrows) rows whose memberships follow */
	const double *memberships;	/* (nrows, k) */
} GoldenCase;

typedef struct GoldenCoincidence
{
	double		fuzzifier;
	const double *centers;		/* (3, d) */
	const double *memberships;	/* (n, 3) of all rows of the first data set */
} GoldenCoincidence;

#include "../data/cosine.h"
#include "../data/golden.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* 0 of a temperature is the least that there may be */
UNUSED static void
golden_options(FcModel *m, const GoldenOption *options)
{
	for (int i = 0; i < MOST_OPTIONS && options[i].name != NULL; i++)
	{
		const FcOption *o = fc_option_at(m->algo, fc_find_option(m->algo, options[i].name));

		*own_option(m, options[i].name) = fmax(options[i].value, o->min);
	}
}

UNUSED static void
golden_memberships(const FcModel *m, const GoldenData *data, int nrows, const int *rows,
				   const double *memberships, double close)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int r = 0; r < nrows; r++)
	{
		fc_score_row(&s, data->rows + rows[r] * data->d);
		fc_score_memberships(&s);
		for (int32_t c = 0; c < data->k; c++)
			CHECK_NEAR(s.u[c], memberships[r * data->k + c], close);
	}
	free(memory);
}

#endif

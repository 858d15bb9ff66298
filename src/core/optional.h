/*
 * optional.h - arrays that only some models have, behind all others
 *
 * FcModel.optional.arrays has the bits of those that a model has.  More may be appended,
 * never others.
 */
#ifndef FC_OPTIONAL_H
#define FC_OPTIONAL_H

#include "core/fc.h"

enum
{
	FC_WITH_MASS,				/* of a model that was updated with statistics of rows */
	FC_WITH_MOMENTS,			/* of a model that was trained by fc_fit() */
	FC_WITH_TOTAL_WEIGHT,		/* of a model whose rows had weights */
	FC_WITH_FILL,				/* of a model that was trained with missing => 'mean' */
	FC_WITH_PROJECTION,			/* of a model that was trained by fc_fit() */
	FC_ALL_OPTIONAL
};

#define FC_HAS(m, which)	(((m)->optional.arrays >> (which)) & 1)

/* (k) sums of weights that centers are means of: how much the past counts beside new rows */
#define FC_CENTER_MASS(m)	((m)->optional.array[FC_WITH_MASS])

/*
 * (2, d) mean and standard deviation of each feature in the rows of the training, by their
 * weights and in the users' units; of an indicator, which is 0 or 1, the mean is its share
 */
#define FC_MOMENTS(m)		((m)->optional.array[FC_WITH_MOMENTS])

/* (1) sum of the weights of rows */
#define FC_TOTAL_WEIGHT(m)	((m)->optional.array[FC_WITH_TOTAL_WEIGHT])

/* (d) what takes the place of a missing number, in the users' units and the precision of the rows */
#define FC_FILL(m)			((m)->optional.array[FC_WITH_FILL])

/*
 * (3, width) a plane that rows are projected on: a mean, and two axes of length 1, of rows as the model sees
 * them, or of their codes.  See project.c
 */
#define FC_PROJECTION(m)	((m)->optional.array[FC_WITH_PROJECTION])

/* Features of a row, or numbers of its code */
static inline int32_t
fc_projection_width(const FcModel *m)
{
	return m->algo->network ? m->algo->network->latent(m) : m->d;
}

extern FcArray fc_optional_array(FcModel *m, int which);

#endif

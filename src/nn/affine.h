/*
 * affine.h - images slightly rotated, shifted, zoomed and sheared
 */
#ifndef FC_AFFINE_H
#define FC_AFFINE_H

#include "nn/net.h"

#define FC_AFFINE_DRAWS	6		/* random numbers for an image */

/* How much at most */
typedef struct FcAugment
{
	double		rotation;		/* degrees */
	double		shift;			/* share of height and width */
	double		zoom;			/* 0.1: from 0.9 to 1.1 */
	double		shear;
} FcAugment;

/* One draw: an output pixel takes the value from ... of the input */
typedef struct FcAffine
{
	double		rotation;		/* degrees */
	double		shift[2];		/* rows and columns, in pixels */
	double		zoom[2];
	double		shear;			/* columns for each row */
} FcAffine;

extern FcAffine fc_affine_draw(const FcAugment *g, FcShape image, FcRng *rng);
extern void fc_affine(const FcAffine *t, FcShape image, const FcReal *x, FcReal *y);
extern void fc_augment(const FcAugment *g, FcShape image, const FcHooks *hooks, FcRng *rng, const FcReal *x, int64_t n,
					   FcReal *y);

#endif

/*
 * kernel.h - what the engine asks of a kernel, and the block operations
 *
 * All of them come in variants (see variants.h), indexed [FcIsa][FcPrecision];
 * void pointers are to features of that precision.
 */
#ifndef FC_KERNEL_H
#define FC_KERNEL_H

#include "core/fc.h"
#include "core/variants.h"

/*
 * Turns the squared distances of "rows" rows to k centers, at[c * stride + i],
 * into weights or memberships in place, and returns the rows' part of the
 * objective.  Works on "lanes" rows, a multiple of FC_LANES, so that its loops
 * fill whole registers; what it leaves in the lanes beyond "rows" is ignored.
 */
typedef double (*FcWeigh) (const double *parameters, void *at, int32_t stride,
						   int32_t lanes, int32_t rows, int32_t k);

struct FcKernel
{
	void		(*prepare) (const FcModel *m, double *parameters);
	const FcWeigh (*weights)[2];	/* for the update of the centers */
	const FcWeigh (*memberships)[2];	/* adding up to 1 */
	bool		reseeds_empty;	/* an empty cluster moves to the farthest row */
};

/*
 * distance: out[c * ostride + i] = |x_i - v_c|^2 for "lanes" rows; x is a
 * (d, xstride) block, v is (k, d).
 * accumulate: sum[c * d + j] += sum_i w[c * wstride + i] x[j * xstride + i]
 * and weight[c] += sum_i w[c * wstride + i].
 * nearest: of the distances at[c * stride + i], the least and its first c.
 * potential: sum[c] = sum_i min(least[i], at[c * stride + i]) over "lanes" rows.
 * scale: out = (x - shift) * factor on a (d, stride) block.
 */
typedef struct FcBlockOps
{
	void		(*distance) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
							 const void *v, int32_t k, void *out, int32_t ostride);
	void		(*accumulate) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
							   const void *w, int32_t wstride, int32_t k,
							   double *sum, double *weight);
	void		(*nearest) (const void *at, int32_t stride, int32_t lanes, int32_t k,
							void *least, int32_t *nearest);
	void		(*potential) (const void *at, int32_t stride, int32_t lanes, int32_t k,
							  const void *least, double *sum);
	void		(*scale) (const void *x, int64_t stride, int32_t lanes, int32_t d,
						  const double *shift, const double *factor, void *out);
} FcBlockOps;

extern const FcBlockOps *fc_block_ops(int isa, FcPrecision precision);

/* What a pass over rows adds up: flat, so that two of them merge by addition */
typedef struct FcAccumulator
{
	size_t		length;			/* of the whole: 1 + k + k * d */
	double	   *objective;		/* (1); the others follow it in memory */
	double	   *weight;			/* (k) sum of weights */
	double	   *sum;			/* (k, d) weighted sum of rows */
} FcAccumulator;

extern void fc_accumulator_layout(FcArena *a, FcAccumulator *acc, int32_t k, int32_t d);
extern void fc_accumulator_clear(FcAccumulator *acc);
extern void fc_accumulator_merge(FcAccumulator *to, const FcAccumulator *from);

#endif

/*
 * loss.h - losses with their gradients, and computations on codes
 *
 * Losses return their value; gradients are multiplied by "weight".  Everything
 * is a mean over the n rows of a batch.
 */
#ifndef FC_LOSS_H
#define FC_LOSS_H

#include "nn/real.h"

/* ---- mse.c, softmax.c, l2norm.c ---- */

extern double fc_mse(const FcHooks *hooks, const FcReal *y, const FcReal *target, int64_t count, double weight,
					 FcReal *dy);
extern double fc_softmax_row(const FcReal *x, int32_t k, FcReal *q);
extern void fc_softmax(const FcReal *x, int64_t n, int32_t k, FcReal *q);
extern void fc_negative_log_softmax(const FcReal *x, int32_t k, double *at);
extern double fc_cross_entropy(const FcReal *x, const FcReal *p, int64_t n, int32_t k, double weight, FcReal *q,
							   FcReal *dx);
extern void fc_l2norm(const FcReal *u, int64_t rows, int64_t m, FcReal *z);
extern void fc_l2norm_gradient(const FcReal *u, const FcReal *dz, int64_t rows, int64_t m, FcReal *du);

/* ---- pair.c ---- */

extern double fc_pair_loss(const FcReal *x, const FcReal *t, const double *share, int32_t k, double beta, double weight,
						   double *term, FcReal *dx);

/* ---- codes.c ---- */

/* Codes, and the centers that they are compared with */
typedef struct FcCodes
{
	int64_t		n;
	int32_t		k;
	int32_t		m;
	const FcReal *z;			/* (n, m) */
	const FcReal *v;			/* (k, m) */
	const FcReal *w;			/* (k, m) weights of the dimensions, or NULL: all are 1 */
	double		scale;			/* of squared distances */
	const FcHooks *hooks;		/* or NULL */
	const FcReal *more;			/* what a method has learned besides the centers, or NULL */
} FcCodes;

extern void fc_codes_check(const FcCodes *c);
extern void fc_codes_distances(const FcCodes *c, FcReal *at);
extern void fc_codes_clear(const FcCodes *c, FcReal *dz, FcReal *dv);
extern void fc_codes_pull(const FcCodes *c, const FcReal *s, FcReal *dz, FcReal *dv);
extern void fc_add_code_sums(const FcCodes *c, const FcReal *weight, double *total, double *sum);
extern void fc_code_means(const double *total, const double *sum, int32_t k, int32_t m, FcReal *v);
extern void fc_step_unit_centers(FcReal *v, const FcReal *dv, int32_t k, int32_t m, double step);

/* ---- code_softmax.c ---- */

extern void fc_code_softmax(const FcCodes *c, double factor, FcReal *q);
extern double fc_code_cross_entropy(const FcCodes *c, double factor, const FcReal *p, double weight, FcReal *q,
									FcReal *s);

/* ---- target.c ---- */

extern void fc_normalize_rows(FcReal *q, int64_t n, int32_t k);
extern void fc_add_frequencies(const FcReal *q, int64_t n, int32_t k, double *f);
extern void fc_target(const FcReal *q, const double *f, int64_t n, int32_t k, FcReal *p);

/* ---- code_weights.c ---- */

extern void fc_code_spread(const FcCodes *c, const FcReal *q, double alpha, double *spread);
extern void fc_code_weights(const double *spread, int32_t k, int32_t m, FcReal *w);

/* ---- joint.c ---- */

extern void fc_neighbor_max(const FcHooks *hooks, const FcReal *neighbors, int64_t n, int32_t count, int32_t m,
							FcReal *z);
extern void fc_neighbor_max_gradient(const FcHooks *hooks, const FcReal *neighbors, const FcReal *dz, int64_t n,
									 int32_t count, int32_t m, FcReal *dneighbors);

#endif

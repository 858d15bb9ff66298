/*
 * symmetric.h - factors and eigenvalues of symmetric matrices
 */
#ifndef FC_SYMMETRIC_H
#define FC_SYMMETRIC_H

#include "core/variants.h"

#define FC_SYMMETRIC_WORK(d)	((size_t) (d) * (d) + 8 * (size_t) (d))

/* sum_j x_j y_j, indexed by FcIsa */
typedef double (*FcDot) (const double *x, const double *y, int32_t n);

extern const FcDot fc_dot[FC_ISAS];
extern bool fc_cholesky(double *a, int32_t d, int isa);
extern bool fc_symmetric_eigen(double *a, int32_t d, double *lambda, double *work, int isa, const FcHooks *hooks);
extern void fc_triangle(double *a, int32_t d, double *work, int isa, const FcHooks *hooks);

#endif

/*
 * eigen.h - the largest eigenvalues of a symmetric matrix
 */
#ifndef FC_SPECTRAL_EIGEN_H
#define FC_SPECTRAL_EIGEN_H

#include "core/fc.h"
#include "core/lapack.h"

/* For matrices up to an order n */
typedef struct FcEigen
{
	const FcHooks *hooks;
	const FcLapack *lapack;
	double	   *d;				/* (n) diagonal of the tridiagonal matrix */
	double	   *e;				/* (n) off-diagonal elements */
	double	   *tau;			/* (n) factors of the reflections */
	double	   *values;			/* (n) smallest first */
	double	   *work;			/* (FC_EIGEN_WORK n) */
	int		   *iwork;			/* (10 n) */
	int		   *support;		/* (2 n) support of the vectors, required by LAPACK but not used */
} FcEigen;

#define FC_EIGEN_WORK	64

extern void fc_eigen_layout(FcArena *a, FcEigen *s, int64_t n);
extern bool fc_eigen_largest(FcEigen *s, double *a, int n, int lda, int want,
							 double *values, double *vectors, int ldv);

#endif

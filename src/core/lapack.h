/*
 * lapack.h - functions of LAPACK and BLAS used by the core
 *
 * The caller fills the table, and decides whether and how the library is
 * loaded.  Fortran's conventions: all arguments by address, matrices
 * column-major, integers of 32 bits, and the lengths of strings last.
 */
#ifndef FC_LAPACK_H
#define FC_LAPACK_H

#include <stddef.h>

typedef struct FcLapack
{
	void		(*dlatrd) (const char *uplo, const int *n, const int *nb, double *a, const int *lda, double *e,
						   double *tau, double *w, const int *ldw, size_t);
	void		(*dormtr) (const char *side, const char *uplo, const char *trans, const int *m, const int *n,
						   const double *a, const int *lda, const double *tau, double *c, const int *ldc, double *work,
						   const int *lwork, int *info, size_t, size_t, size_t);
	void		(*dstemr) (const char *jobz, const char *range, const int *n, double *d, double *e, const double *vl,
						   const double *vu, const int *il, const int *iu, int *m, double *w, double *z,
						   const int *ldz, const int *nzc, int *isuppz, int *tryrac, double *work, const int *lwork,
						   int *iwork, const int *liwork, int *info, size_t, size_t);
	void		(*dsyr2k) (const char *uplo, const char *trans, const int *n, const int *k, const double *alpha,
						   const double *a, const int *lda, const double *b, const int *ldb, const double *beta,
						   double *c, const int *ldc, size_t, size_t);
	void		(*dsytrd) (const char *uplo, const int *n, double *a, const int *lda, double *d, double *e,
						   double *tau, double *work, const int *lwork, int *info, size_t);
} FcLapack;

#endif

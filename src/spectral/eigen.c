/*
 * eigen.c - the largest eigenvalues of a symmetric matrix
 *
 *	Q' A Q = T, tridiagonal									(eq. 1)
 *	T s = lambda s, for the largest lambda					(eq. 2)
 *	u = Q s													(eq. 3)
 *
 * This is LAPACK's dsyevr, taken apart: nothing can interrupt LAPACK, and nearly
 * all of the time goes into eq. 1, 4/3 n^3 operations.  So the loop of dsytrd is
 * written here, with narrower panels and a check before each; eq. 2 is
 * dstemr, whose time grows with n times the number of vectors (Dhillon and
 * Parlett, 2004), and eq. 3 is done for a few vectors at a time.
 *
 * A direct method takes the same time for every matrix.  Iterations (Lanczos)
 * were tried: they win where eigenvalues are well apart, but need five times
 * as long for long chains, a typical use of spectral clustering.
 *
 * Matrices are column-major, as LAPACK has them; of A the lower triangle is used.
 */
#include "spectral/eigen.h"

#include <string.h>

#define LAST			32		/* the order from which LAPACK does the rest */
#define PANEL			16		/* most columns between two checks */
#define PANEL_VALUES	8e7		/* of the matrix that they read */
#define PRODUCTS		1e8		/* between two checks of eq. 3 */

/* Memory for matrices up to order n */
void
fc_eigen_layout(FcArena *a, FcEigen *s, int64_t n)
{
	s->d = fc_take(a, n, sizeof(double));
	s->e = fc_take(a, n, sizeof(double));
	s->tau = fc_take(a, n, sizeof(double));
	s->values = fc_take(a, n, sizeof(double));
	s->work = fc_take(a, fc_times(FC_EIGEN_WORK, n), sizeof(double));
	s->iwork = fc_take(a, fc_times(10, n), sizeof(int));
	s->support = fc_take(a, fc_times(2, n), sizeof(int));
}

/* The first nb columns of a, of order n, from column "first" of the whole on */
static void
reduce_panel(FcEigen *s, double *a, int n, int lda, int nb, int first)
{
	double		one = 1;
	double		minus_one = -1;
	int			rest = n - nb;

	fc_check(s->hooks);
	s->lapack->dlatrd("L", &n, &nb, a, &lda, s->e + first, s->tau + first, s->work, &n, 1);
	fc_check(s->hooks);
	s->lapack->dsyr2k("L", "N", &rest, &nb, &minus_one, a + nb, &lda, s->work + nb, &n,
					  &one, a + nb + (int64_t) nb * lda, &lda, 1, 1);
	for (int j = 0; j < nb; j++)
	{
		a[j + 1 + (int64_t) j * lda] = s->e[first + j];
		s->d[first + j] = a[j + (int64_t) j * lda];
	}
}

/* Eq. 1; T in s->d and s->e, the reflections that make Q in a */
static bool
reduce(FcEigen *s, double *a, int n, int lda)
{
	int			first = 0;
	int			lwork = FC_EIGEN_WORK * n;
	int			info;

	while (n - first > LAST)
	{
		double		most = PANEL_VALUES / ((double) (n - first) * (n - first));
		int			nb = most < 1 ? 1 : most < PANEL ? (int) most : PANEL;

		reduce_panel(s, a + first + (int64_t) first * lda, n - first, lda, nb, first);
		first += nb;
	}
	n -= first;
	s->lapack->dsytrd("L", &n, a + first + (int64_t) first * lda, &lda, s->d + first, s->e + first, s->tau + first,
					  s->work, &lwork, &info, 1);
	return info == 0;
}

/* Eq. 3 for "want" columns of v */
static bool
apply(FcEigen *s, const double *a, int n, int lda, int want, double *v, int ldv)
{
	double		most = PRODUCTS / ((double) n * n);
	int			step = most < 1 ? 1 : most < want ? (int) most : want;
	int			lwork = FC_EIGEN_WORK * n;
	int			info = 0;

	for (int first = 0; first < want && info == 0; first += step)
	{
		int			columns = want - first < step ? want - first : step;

		fc_check(s->hooks);
		s->lapack->dormtr("L", "L", "N", &n, &columns, a, &lda, s->tau, v + (int64_t) first * ldv, &ldv,
						  s->work, &lwork, &info, 1, 1, 1);
	}
	return info == 0;
}

/* LAPACK has the smallest eigenvalue first */
static void
reverse(double *v, int n, int want, int ldv)
{
	for (int low = 0, high = want - 1; low < high; low++, high--)
		for (int i = 0; i < n; i++)
		{
			double		value = v[i + (int64_t) low * ldv];

			v[i + (int64_t) low * ldv] = v[i + (int64_t) high * ldv];
			v[i + (int64_t) high * ldv] = value;
		}
}

/*
 * The "want" largest eigenvalues of a, which is overwritten, largest first,
 * and their orthonormal vectors, the columns of (ldv, want).  False if LAPACK
 * fails.
 */
bool
fc_eigen_largest(FcEigen *s, double *a, int n, int lda, int want, double *values, double *vectors, int ldv)
{
	double		none = 0;
	int			from = n - want + 1;
	int			accurate = 1;
	int			lwork = FC_EIGEN_WORK * n;
	int			liwork = 10 * n;
	int			found;
	int			info;

	if (!reduce(s, a, n, lda))
		return false;
	fc_check(s->hooks);
	s->lapack->dstemr("V", "I", &n, s->d, s->e, &none, &none, &from, &n, &found, s->values, vectors, &ldv, &want,
					  s->support, &accurate, s->work, &lwork, s->iwork, &liwork, &info, 1, 1);
	if (info != 0 || found != want || !apply(s, a, n, lda, want, vectors, ldv))
		return false;
	for (int v = 0; v < want; v++)
		values[v] = s->values[want - 1 - v];
	reverse(vectors, n, want, ldv);
	return true;
}

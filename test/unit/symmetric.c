/*
 * symmetric.c - factors and eigenvalues, of every compiled variant
 *
 * Known decompositions, and residuals of matrices that are dense, graded, close
 * to singular, or fall apart, at sizes that fill registers and blocks badly.
 */
#include "train.h"

#include "core/symmetric.h"

#include <float.h>
#include <string.h>

static const int32_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100};

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

static int	checks;				/* calls of the hook */

static void
count_checks(void *arg)
{
	(void) arg;
	checks++;
}

static const FcHooks hooks = {.check = count_checks};

typedef double (*Entry) (int32_t i, int32_t j, int32_t d);

/* a[i][j] of a dense matrix of no structure */
static double
dense(int32_t i, int32_t j, int32_t d)
{
	return sin(1 + (i < j ? i * 31 + j : j * 31 + i) * 1.7) + (i == j ? d : 0);
}

static double
indefinite(int32_t i, int32_t j, int32_t d)
{
	(void) d;
	return cos((i < j ? i * 13 + j : j * 13 + i) * 2.3);
}

static double
hilbert(int32_t i, int32_t j, int32_t d)
{
	(void) d;
	return 1.0 / (i + j + 1);
}

/* Rows and columns that shrink, or grow, by four orders of magnitude each */
static double
shrinking(int32_t i, int32_t j, int32_t d)
{
	(void) d;
	return (i == j ? 2 : 1) * pow(10, -2.0 * (i + j) / (d > 15 ? d / 8 : 1));
}

static double
growing(int32_t i, int32_t j, int32_t d)
{
	return shrinking(d - 1 - i, d - 1 - j, d);
}

static double
zero(int32_t i, int32_t j, int32_t d)
{
	(void) i, (void) j, (void) d;
	return 0;
}

static double
identity(int32_t i, int32_t j, int32_t d)
{
	(void) d;
	return i == j;
}

/* Of rank one: all eigenvalues but one are zero */
static double
ones(int32_t i, int32_t j, int32_t d)
{
	(void) i, (void) j, (void) d;
	return 1;
}

static double
two_blocks(int32_t i, int32_t j, int32_t d)
{
	return (i < d / 2) == (j < d / 2) ? dense(i, j, d) : 0;
}

static double
second_difference(int32_t i, int32_t j, int32_t d)
{
	(void) d;
	return i == j ? 2 : abs(i - j) == 1 ? -1 : 0;
}

/* Of sums: its factor is the triangle of ones */
static double
least(int32_t i, int32_t j, int32_t d)
{
	(void) d;
	return 1 + (i < j ? i : j);
}

static const Entry entries[] = {dense, indefinite, hilbert, shrinking, growing, zero, identity, ones, two_blocks,
second_difference, least};

static double *
matrix(Entry entry, int32_t d)
{
	double	   *a = hostile_memory((size_t) d * d * sizeof(double));

	for (int32_t i = 0; i < d; i++)
		for (int32_t j = 0; j < d; j++)
			a[i * d + j] = entry(i, j, d);
	return a;
}

/* The largest difference of A and F' diag(f) F, or F F' with f == NULL */
static double
residual(Entry entry, int32_t d, const double *a, const double *f)
{
	double		worst = 0;

	for (int32_t i = 0; i < d; i++)
		for (int32_t j = 0; j <= i; j++)
		{
			double		sum = 0;

			for (int32_t e = 0; e < d; e++)
				sum += f ? a[e * d + i] * f[e] * a[e * d + j] : a[i * d + e] * a[j * d + e];
			worst = fmax(worst, fabs(sum - entry(i, j, d)));
		}
	return worst;
}

static double
largest(Entry entry, int32_t d)
{
	double		most = 0;

	for (int32_t i = 0; i < d; i++)
	{
		double		sum = 0;

		for (int32_t j = 0; j < d; j++)
			sum += fabs(entry(i, j, d));
		most = fmax(most, sum);
	}
	return most;
}

static void
check_triangle(const double *a, int32_t d)
{
	for (int32_t i = 0; i < d; i++)
		for (int32_t j = i; j < d; j++)
			if (i == j)
				CHECK(a[i * d + j] >= 0);
			else
				CHECK(a[i * d + j] == 0 && !signbit(a[i * d + j]));
}

static void
test_cholesky(int isa, int32_t d)
{
	static const Entry positive[] = {dense, identity, two_blocks, second_difference, least};
	double	   *a;

	for (int e = 0; e < COUNT(positive); e++)
	{
		a = matrix(positive[e], d);
		CHECK(fc_cholesky(a, d, isa));
		check_triangle(a, d);
		CHECK(residual(positive[e], d, a, NULL) <= 4 * DBL_EPSILON * d * largest(positive[e], d));
		free(a);
	}
	a = matrix(least, d);
	CHECK(fc_cholesky(a, d, isa));
	for (int32_t i = 0; i < d * d; i++)
		CHECK(a[i] == (i % d <= i / d));
	free(a);
	/* not positive definite: at the first, at the last pivot, in between, and NaN */
	for (int32_t at = 0; at < d; at += d > 1 ? d - 1 : 1)
	{
		static const double bad[] = {0, -1, NAN, INFINITY, -INFINITY};

		for (int b = 0; b < COUNT(bad); b++)
		{
			a = matrix(identity, d);
			a[at * d + at] = bad[b];
			CHECK(!fc_cholesky(a, d, isa));
			free(a);
		}
	}
	a = matrix(ones, d);
	CHECK(fc_cholesky(a, d, isa) == (d == 1));
	free(a);
}

/* Hilbert's matrix has a factor in closed form: Choi, "Tricks or treats with the Hilbert matrix", 1983 */
static void
test_hilbert(int isa)
{
	enum {D = 10};
	double	   *a = matrix(hilbert, D);

	CHECK(fc_cholesky(a, D, isa));
	for (int i = 0; i < D; i++)
		for (int j = 0; j <= i; j++)
		{
			/* sqrt(2j + 1) i!^2 / ((i - j)! (i + j + 1)!) */
			double		l = 0.5 * log(2 * j + 1) + 2 * lgamma(i + 1) - lgamma(i - j + 1) - lgamma(i + j + 2);

			/* the last pivots are differences of nearly equal numbers */
			CHECK(fabs(a[i * D + j] / exp(l) - 1) < 1e-16 * pow(40, j) + 1e-13);
		}
	free(a);
}

static void
test_eigen(int isa, int32_t d)
{
	for (int e = 0; e < COUNT(entries); e++)
	{
		double	   *a = matrix(entries[e], d);
		double	   *work = hostile_memory(FC_SYMMETRIC_WORK(d) * sizeof(double));
		double	   *lambda = hostile_memory(d * sizeof(double));
		double		scale = largest(entries[e], d);

		checks = 0;
		CHECK(fc_symmetric_eigen(a, d, lambda, work, isa, &hooks));
		CHECK(d < 3 || checks > 0 || entries[e] == zero || entries[e] == identity);
		CHECK(residual(entries[e], d, a, lambda) <= 4 * DBL_EPSILON * d * scale);
		for (int32_t i = 0; i + 1 < d; i++)
			CHECK(lambda[i] >= lambda[i + 1]);
		CHECK(residual(identity, d, a, NULL) <= 4 * DBL_EPSILON * d);
		for (int32_t i = 0; i < d && entries[e] == second_difference; i++)
			CHECK(fabs(lambda[i] - 2 - 2 * cos((i + 1) * M_PI / (d + 1))) <= 2 * DBL_EPSILON * d);
		for (int32_t i = 0; i < d && entries[e] == least; i++)
		{
			double		half = sin((i + 0.5) * M_PI / (2 * d + 1));

			CHECK(fabs(lambda[i] - 1 / (4 * half * half)) <= 4 * DBL_EPSILON * d * scale);
		}
		free(a);
		free(work);
		free(lambda);
	}
}

/* The same numbers, times what squares do not survive */
static void
test_units(int isa)
{
	enum {D = 9};
	static const double units[] = {1e-200, 1e200, 0x1p-1010};

	for (int u = 0; u < COUNT(units); u++)
	{
		double	   *a = matrix(dense, D);
		double	   *b = matrix(dense, D);
		double		work[FC_SYMMETRIC_WORK(D)];
		double		lambda[D];
		double		of_units[D];

		for (int i = 0; i < D * D; i++)
			b[i] *= units[u];
		CHECK(fc_symmetric_eigen(a, D, lambda, work, isa, &hooks));
		CHECK(fc_symmetric_eigen(b, D, of_units, work, isa, &hooks));
		for (int i = 0; i < D; i++)
			CHECK_NEAR(of_units[i] / units[u], lambda[i], 1e-13);
		free(a);
		free(b);
	}
}

static void
test_not_numbers(int isa)
{
	enum {D = 6};
	static const double bad[] = {NAN, INFINITY, -INFINITY};

	for (int b = 0; b < COUNT(bad); b++)
		for (int at = 0; at < D; at++)
		{
			double	   *a = matrix(dense, D);
			double		work[FC_SYMMETRIC_WORK(D)];
			double		lambda[D];

			a[at * D + D - 1] = a[(D - 1) * D + at] = bad[b];
			CHECK(!fc_symmetric_eigen(a, D, lambda, work, isa, &hooks));
			free(a);
		}
}

/* B' B of rows that differ by many orders of magnitude */
static void
test_triangle(int isa, int32_t d)
{
	static const Entry any[] = {dense, indefinite, identity, two_blocks, growing, shrinking};

	for (int e = 0; e < COUNT(any); e++)
	{
		double	   *b = matrix(any[e], d);
		double	   *l = matrix(any[e], d);
		double	   *work = hostile_memory(2 * d * sizeof(double));
		double		scale = largest(any[e], d);

		fc_triangle(l, d, work, isa, &hooks);
		check_triangle(l, d);
		for (int32_t i = 0; i < d; i++)
			for (int32_t j = 0; j <= i; j++)
			{
				double		sum = 0;
				double		own = 0;

				for (int32_t r = 0; r < d; r++)
				{
					sum += b[r * d + i] * b[r * d + j];
					own += l[i * d + r] * l[j * d + r];
				}
				CHECK(fabs(sum - own) <= 8 * DBL_EPSILON * d * scale * scale);
			}
		free(b);
		free(l);
		free(work);
	}
}

int
main(void)
{
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
	{
		for (int s = 0; s < COUNT(sizes); s++)
		{
			test_cholesky(isa, sizes[s]);
			test_eigen(isa, sizes[s]);
			test_triangle(isa, sizes[s]);
		}
		test_hilbert(isa);
		test_units(isa);
		test_not_numbers(isa);
	}
	return check_report("symmetric");
}

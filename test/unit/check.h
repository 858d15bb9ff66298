/*
 * check.h - assertions of the unit tests
 *
 * A check that fails prints where and what, is counted, and lets the program
 * go on.  main() ends with
 *
 *		return check_report("name");
 *
 * which prints "name: N passed, N failed" as the last line; script/test adds
 * these lines up.  A program in which nothing was checked has failed.
 *
 * Each macro is also an expression, true if the check passed, so that a test
 * can leave when going on makes no sense:
 *
 *		if (!CHECK(model != NULL))
 *			return;
 */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* failures shown; a check in a loop must not fill the log */
#define CHECK_SHOWN		50

#define CHECK(cond) \
	check_that((cond), #cond, __FILE__, __LINE__)

/* two integers; prints both when they differ */
#define CHECK_EQ(a, b) \
	check_equal((long long) (a), (long long) (b), #a, #b, __FILE__, __LINE__)

/* |a - b| <= tol * max(1, |a|, |b|): absolute for small numbers, else relative */
#define CHECK_NEAR(a, b, tol) \
	check_close((a), (b), (tol), #a, #b, __FILE__, __LINE__)

static int	check_passed;
static int	check_failed;

/* count one check; true if its failure is to be shown */
static inline bool
check_count(bool ok)
{
	if (ok)
	{
		check_passed++;
		return false;
	}
	check_failed++;
	if (check_failed == CHECK_SHOWN + 1)
		printf("further failures are only counted\n");
	return check_failed <= CHECK_SHOWN;
}

static inline bool
check_that(bool ok, const char *what, const char *file, int line)
{
	if (check_count(ok))
		printf("%s:%d: %s\n", file, line, what);
	fflush(stdout);				/* a sanitizer's abort loses buffered output */
	return ok;
}

static inline bool
check_equal(long long a, long long b, const char *sa, const char *sb,
			const char *file, int line)
{
	bool		ok = (a == b);

	if (check_count(ok))
		printf("%s:%d: %s = %lld, %s = %lld\n", file, line, sa, a, sb, b);
	fflush(stdout);
	return ok;
}

static inline bool
check_close(double a, double b, double tol, const char *sa, const char *sb,
			const char *file, int line)
{
	double		scale = fmax(1.0, fmax(fabs(a), fabs(b)));

	/* equal infinities are near; a NaN is near nothing, itself included */
	bool		ok = (a == b) || (isfinite(scale) && fabs(a - b) <= tol * scale);

	if (check_count(ok))
		printf("%s:%d: %s = %.17g, %s = %.17g, difference %.3g, tolerance %.3g\n",
			   file, line, sa, a, sb, b, fabs(a - b), tol);
	fflush(stdout);
	return ok;
}

/* print the totals; the exit status of main() */
static inline int
check_report(const char *name)
{
	printf("%s: %d passed, %d failed\n", name, check_passed, check_failed);
	return (check_failed > 0 || check_passed == 0) ? 1 : 0;
}

#endif

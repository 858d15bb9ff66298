/*
 * project_loops.h - hot loops of project.c, once for each precision and instruction set: see variants.h
 */

/* column[i] = x[i] - mean, and 0 where x is missing */
static void
FC_VARIANT(center) (const void *from, int32_t n, double mean, double *restrict column)
{
	const FC_REAL *restrict x = from;

	for (int32_t i = 0; i < n; i++)
	{
		double		away = x[i] - mean;

		column[i] = away == away ? away : 0;
	}
}

/* y[i] += v (x[i] - mean), likewise */
static void
FC_VARIANT(add) (const void *from, int32_t n, double mean, double v, double *restrict y)
{
	const FC_REAL *restrict x = from;

	for (int32_t i = 0; i < n; i++)
	{
		double		away = x[i] - mean;

		y[i] += away == away ? v * away : 0;
	}
}

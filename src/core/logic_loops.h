/*
 * logic_loops.h - hot loops of logic.c, once for each precision and instruction set: see variants.h
 */
#define LANES	((int32_t) (64 / sizeof(FC_REAL)))

/*
 * sum[i] += (u(x_i) - u(y_i))^2 for the logit.  With t = (high - low) /
 * (low (1 - high)) the difference is ln(1 + t): to full precision when x and y
 * are close, exactly 0 when they are equal, and the same when they are swapped.
 * What is lost in 1 + t is added again; beyond t = 1 it is below rounding.  A
 * value outside the unit interval makes the sum NaN.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_squares) (const FC_REAL *x, const FC_REAL *y, const int32_t count, FC_REAL *sum)
{
	for (int32_t i = 0; i < count; i++)
	{
		FC_REAL		low = x[i] < y[i] ? x[i] : y[i];
		FC_REAL		high = x[i] < y[i] ? y[i] : x[i];
		FC_REAL		ratio = (high - low) / (low * (1 - high));
		FC_REAL		apart = high > low ? ratio : 0; /* at 0 and 1 the ratio may be 0 / 0 */
		FC_REAL		within = high <= 1 ? apart : NAN;
		FC_REAL		t = low >= 0 ? within : NAN;
		FC_REAL		whole = 1 + t;
		FC_REAL		lost = t < 1 ? t - (whole - 1) : 0;
		FC_REAL		difference = FC_LOG(whole) + lost;

		sum[i] += difference * difference;
	}
}

static double
FC_VARIANT(logit_squares) (const void *xv, const void *yv, int32_t d)
{
	const FC_REAL *x = xv;
	const FC_REAL *y = yv;
	FC_REAL		sum[LANES] = {0};
	int32_t		rest = d % LANES;
	double		total = 0;

	for (int32_t j = rest; j < d; j += LANES)
		FC_VARIANT(add_squares) (x + j, y + j, LANES, sum);
	FC_VARIANT(add_squares) (x, y, rest, sum);
	for (int32_t i = 0; i < LANES; i++)
		total += sum[i];
	return total;
}

#undef LANES

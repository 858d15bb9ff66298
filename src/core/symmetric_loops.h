/*
 * symmetric_loops.h - hot loops of symmetric.c, once for each instruction set: see variants.h
 */

typedef double FC_VARIANT(Doubles) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(double)), may_alias));

#define DOUBLES	FC_VARIANT(Doubles)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(double)))
#define STRIP	(4 * WIDTH)		/* columns that are rotated together */

/* to[j] += sum of f[s] row_s[j] over "count" rows */
static inline void
FC_VARIANT(add_rows) (double *restrict to, const double *restrict row, int32_t stride, const double *f,
					  int32_t count, int32_t n)
{
	int32_t		s = 0;

	for (; s + 4 <= count; s += 4)
	{
		const double *r = row + (int64_t) s * stride;
		double		f0 = f[s];
		double		f1 = f[s + 1];
		double		f2 = f[s + 2];
		double		f3 = f[s + 3];

		for (int32_t j = 0; j < n; j++)
			to[j] += f0 * r[j] + f1 * r[stride + j] + f2 * r[2 * stride + j] + f3 * r[3 * stride + j];
	}
	for (int32_t left = count & 3; left > 0; left--, s++)
		for (int32_t j = 0; j < n; j++)
			to[j] += f[s] * row[(int64_t) s * stride + j];
}

static inline double
FC_VARIANT(dot) (const double *x, const double *y, int32_t n)
{
	double		part[STRIP] = {0};
	double		sum = 0;
	int32_t		j = 0;

	for (; j + STRIP <= n; j += STRIP)
		for (int l = 0; l < STRIP; l++)
			part[l] += x[j + l] * y[j + l];
	for (int l = 0; l < STRIP; l++)
		sum += part[l];
	for (; j < n; j++)
		sum += x[j] * y[j];
	return sum;
}

/* The upper triangle of a becomes that of L'; false if a pivot is not positive */
static bool
FC_VARIANT(eliminate) (double *a, int32_t d)
{
	for (int32_t first = 0; first < d; first += PIVOTS)
	{
		int32_t		end = first + PIVOTS < d ? first + PIVOTS : d;

		for (int32_t t = first; t < end; t++)
		{
			double	   *row = a + (int64_t) t * d;
			double		minus[PIVOTS];
			double		root;
			double		inverse;

			for (int32_t s = first; s < t; s++)
				minus[s - first] = -a[(int64_t) s * d + t];
			FC_VARIANT(add_rows) (row + t, a + (int64_t) first * d + t, d, minus, t - first, d - t);
			if (!(row[t] > 0) || !(row[t] <= DBL_MAX))
				return false;
			root = sqrt(row[t]);
			inverse = 1 / root;
			row[t] = root;
			for (int32_t j = t + 1; j < d; j++)
				row[j] *= inverse;
		}
		for (int32_t i = end; i < d; i++)
		{
			double		minus[PIVOTS];

			for (int s = 0; s < PIVOTS; s++)
				minus[s] = -a[(int64_t) (first + s) * d + i];
			FC_VARIANT(add_rows) (a + (int64_t) i * d + i, a + (int64_t) first * d + i, d, minus, PIVOTS, d - i);
		}
	}
	return true;
}

/*
 * Diagonal and subdiagonal of T.  Row i of a keeps the vector of reflection i,
 * from column i + 1 on, and beta[i] its factor.  work is (2, d).
 */
static void
FC_VARIANT(tridiagonalize) (double *a, int32_t d, double *diagonal, double *below, double *beta,
							double *work, const FcHooks *hooks)
{
	for (int32_t i = 0; i < d; i++)
	{
		int32_t		n = d - i - 1;
		double	   *v = a + (int64_t) i * d + i + 1;
		double	   *rest = a + (int64_t) (i + 1) * d + i + 1;
		double	   *p = work;
		double		half;

		diagonal[i] = a[(int64_t) i * d + i];
		beta[i] = 0;
		if (n > 0)
			below[i] = n > 1 ? reflection(v, n, &beta[i]) : v[0];
		if (beta[i] == 0)
			continue;
		fc_check(hooks);
		memset(p, 0, sizeof(double) * n);
		FC_VARIANT(add_rows) (p, rest, d, v, n, n);
		half = beta[i] * beta[i] / 2 * FC_VARIANT(dot) (p, v, n);
		for (int32_t j = 0; j < n; j++)
			p[j] = beta[i] * p[j] - half * v[j];
		for (int32_t r = 0; r < n; r++)
		{
			double	   *row = rest + (int64_t) r * d;
			double		vr = v[r];
			double		pr = p[r];

			for (int32_t j = 0; j < n; j++)
				row[j] -= vr * p[j] + pr * v[j];
		}
	}
}

/* q becomes Q', from what tridiagonalize() left in a */
static void
FC_VARIANT(gather) (const double *a, int32_t d, const double *beta, double *q, const FcHooks *hooks)
{
	memset(q, 0, sizeof(double) * d * d);
	for (int32_t i = 0; i < d; i++)
		q[(int64_t) i * d + i] = 1;
	for (int32_t i = d - 3; i >= 0; i--)
	{
		int32_t		n = d - i - 1;
		const double *v = a + (int64_t) i * d + i + 1;

		fc_check(hooks);
		for (int32_t r = i + 1; r < d && beta[i] != 0; r++)
		{
			double	   *row = q + (int64_t) r * d + i + 1;
			double		f = beta[i] * FC_VARIANT(dot) (row, v, n);

			for (int32_t j = 0; j < n; j++)
				row[j] -= f * v[j];
		}
	}
}

/* Rotates rows i and i + 1 of q by (c[i], s[i]), for i from last - 1 down to first */
static void
FC_VARIANT(rotate) (double *q, int32_t d, int32_t first, int32_t last, const double *c, const double *s)
{
	int32_t		j = 0;

	for (; j + STRIP <= d; j += STRIP)
	{
		DOUBLES		carry[4];

		for (int l = 0; l < 4; l++)
			carry[l] = ((const DOUBLES *) (q + (int64_t) last * d + j))[l];
		for (int32_t i = last - 1; i >= first; i--)
		{
			const DOUBLES *row = (const DOUBLES *) (q + (int64_t) i * d + j);
			DOUBLES    *next = (DOUBLES *) (q + (int64_t) (i + 1) * d + j);

#pragma GCC unroll 4
			for (int l = 0; l < 4; l++)
			{
				DOUBLES		x = row[l];

				next[l] = s[i] * x + c[i] * carry[l];
				carry[l] = c[i] * x - s[i] * carry[l];
			}
		}
		for (int l = 0; l < 4; l++)
			((DOUBLES *) (q + (int64_t) first * d + j))[l] = carry[l];
	}
	for (; j < d; j++)
		for (int32_t i = last - 1; i >= first; i--)
		{
			double	   *x = q + (int64_t) i * d + j;
			double		carry = x[d];

			x[d] = s[i] * x[0] + c[i] * carry;
			x[0] = c[i] * x[0] - s[i] * carry;
		}
}

/* The upper triangle of b becomes R, B = Q R.  work is (2, d) */
static void
FC_VARIANT(orthogonalize) (double *b, int32_t d, double *work, const FcHooks *hooks)
{
	double	   *v = work;
	double	   *t = work + d;

	for (int32_t i = 0; i < d - 1; i++)
	{
		int32_t		n = d - i;
		double	   *rest = b + (int64_t) i * d + i;
		double		beta;
		double		pivot;

		for (int32_t r = 0; r < n; r++)
			v[r] = rest[(int64_t) r * d];
		pivot = reflection(v, n, &beta);
		if (beta == 0)
			continue;
		fc_check(hooks);
		memset(t, 0, sizeof(double) * (uint32_t) n);
		FC_VARIANT(add_rows) (t, rest, d, v, n, n);
		for (int32_t r = 0; r < n; r++)
			for (int32_t j = 1; j < n; j++)
				rest[(int64_t) r * d + j] -= beta * v[r] * t[j];
		rest[0] = pivot;
	}
}

#undef DOUBLES
#undef WIDTH
#undef STRIP

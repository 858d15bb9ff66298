/*
 * gap_ops.c - operations on rows with missing numbers, against plain loops
 *
 * A row without gaps has the bits that it has among complete rows, and any row has the
 * same ones wherever it is, whoever its neighbours are and however many centers there are.
 */
#include "train.h"

#include "core/gaps.h"

#define STRIDE		(FC_TILE + 32)
#define FEW			9

/* What the operations work on */
typedef struct Case
{
	const FcGapOps *ops;
	const FcBlockOps *plain;
	FcPrecision precision;
	int32_t		lanes;
	int32_t		d;
	int32_t		k;
	void	   *x;				/* (d, STRIDE) with gaps */
	double	   *share;			/* (d) */
	void	   *v;				/* (k, d) */
	void	   *at;				/* (k, STRIDE) */
} Case;

/* In which rows is something missing?  Some groups of lanes have gaps, others have none; a few rows have nothing */
static bool
is_gap(int32_t i, int32_t j)
{
	if (i % 37 == 5)
		return true;
	return i / FC_LANES % 3 != 1 && (i * 7 + j * 5 + i * j) % 6 == 0;
}

static double
get(const Case *t, int32_t i, int32_t j)
{
	return fc_get(t->x, t->precision, (size_t) j * STRIDE + i);
}

static bool
is_complete(const Case *t, int32_t i)
{
	for (int32_t j = 0; j < t->d; j++)
		if (isnan(get(t, i, j)))
			return false;
	return true;
}

static Case
begin(int isa, FcPrecision precision, int32_t lanes, int32_t d, int32_t k)
{
	Case		t = {
		.ops = fc_gap_ops(isa, precision), .plain = fc_block_ops(isa, precision), .precision = precision,
		.lanes = lanes, .d = d, .k = k
	};

	t.x = make_numbers(precision, (size_t) d * STRIDE, 23, 1);
	t.v = make_numbers(precision, (size_t) k * d, 23, 2);
	t.share = hostile_memory(d * sizeof(double));
	t.at = hostile_memory((size_t) k * STRIDE * FC_SIZE(precision));
	for (int32_t j = 0; j < d; j++)
	{
		t.share[j] = j % 3 == 2 ? 1.0 / 3 : 1;
		for (int32_t i = 0; i < lanes; i++)
			if (is_gap(i, j))
				fc_set(t.x, precision, (size_t) j * STRIDE + i, NAN);
	}
	t.ops->distance(t.x, STRIDE, lanes, d, t.share, t.v, k, t.at, STRIDE);
	return t;
}

static void
end(Case *t)
{
	free(t->x);
	free(t->v);
	free(t->share);
	free(t->at);
}

/* Eq. 1 of gaps.c */
static double
partial_distance(const Case *t, int32_t i, int32_t c)
{
	double		all = 0;
	double		present = 0;
	double		sum = 0;

	for (int32_t j = 0; j < t->d; j++)
	{
		double		share = t->share[j];
		double		way = get(t, i, j) - fc_get(t->v, t->precision, (size_t) c * t->d + j);

		all += share;
		if (isnan(way))
			continue;
		present += share;
		sum += way * way;
	}
	return present > 0 ? all / present * sum : 0;
}

static void
test_distances(const Case *t)
{
	void	   *plain = hostile_memory((size_t) t->k * STRIDE * FC_SIZE(t->precision));
	double		close = FC_EPSILON(t->precision) * (t->d + 4);
	int			wrong = 0;
	int			other = 0;

	t->plain->distance(t->x, STRIDE, t->lanes, t->d, t->v, t->k, plain, STRIDE);
	for (int32_t c = 0; c < t->k; c++)
		for (int32_t i = 0; i < t->lanes; i++)
		{
			size_t		at = (size_t) c * STRIDE + i;
			double		expected = partial_distance(t, i, c);

			wrong += !(fabs(fc_get(t->at, t->precision, at) - expected) <= close * (1 + expected));
			other += is_complete(t, i) && fc_get(t->at, t->precision, at) != fc_get(plain, t->precision, at);
		}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(other, 0);
	free(plain);
}

/* Each row alone, in another lane, at one center */
static void
test_alone(const Case *t)
{
	void	   *row = hostile_memory((size_t) t->d * FC_LANES * FC_SIZE(t->precision));
	double		out[FC_LANES];
	int			wrong = 0;

	for (int32_t i = 0; i < t->lanes; i += 5)
	{
		int32_t		lane = i * 3 % FC_LANES;
		int32_t		c = i % t->k;

		for (int32_t j = 0; j < t->d; j++)
			for (int32_t l = 0; l < FC_LANES; l++)
				fc_set(row, t->precision, j * FC_LANES + l, l == lane ? get(t, i, j) : 1e10);
		t->ops->distance(row, FC_LANES, FC_LANES, t->d, t->share, (char *) t->v + (size_t) c * t->d * FC_SIZE(t->precision), 1,
						 out, FC_LANES);
		wrong += fc_get(out, t->precision, lane) != fc_get(t->at, t->precision, (size_t) c * STRIDE + i);
	}
	CHECK_EQ(wrong, 0);
	free(row);
}

/* Centers in two parts: what distance() and nearest() give, to the bit */
static void
test_assign(const Case *t)
{
	void	   *expected = hostile_memory(t->lanes * FC_SIZE(t->precision));
	void	   *least = hostile_memory(t->lanes * FC_SIZE(t->precision));
	int32_t    *expected_nearest = hostile_memory(t->lanes * sizeof(int32_t));
	int32_t    *nearest = hostile_memory(t->lanes * sizeof(int32_t));

	t->plain->nearest(t->at, STRIDE, t->lanes, t->k, expected, expected_nearest);
	for (int32_t part = 1; part <= t->k; part += 1 + t->k / 3)
	{
		t->ops->assign(t->x, STRIDE, t->lanes, t->d, t->share, t->v, 0, part, least, nearest);
		if (part < t->k)
			t->ops->assign(t->x, STRIDE, t->lanes, t->d, t->share, t->v, part, t->k, least, nearest);
		CHECK(memcmp(least, expected, t->lanes * FC_SIZE(t->precision)) == 0);
		CHECK(memcmp(nearest, expected_nearest, t->lanes * sizeof(int32_t)) == 0);
	}
	free(expected);
	free(least);
	free(expected_nearest);
	free(nearest);
}

/* split() and fill() write what they should, in lanes that there are */
static void
test_copies(const Case *t)
{
	size_t		size = (size_t) t->d * STRIDE * FC_SIZE(t->precision);
	void	   *y = hostile_memory(size);
	void	   *z = hostile_memory(size);
	void	   *filled = hostile_memory(size);
	double	   *value = malloc(t->d * sizeof(double));
	bool		any = false;
	int			wrong = 0;

	for (int32_t j = 0; j < t->d; j++)
		value[j] = j + 0.5;
	t->ops->split(t->x, STRIDE, t->lanes, t->d, y, z, STRIDE);
	t->ops->fill(t->x, STRIDE, t->lanes, t->d, value, filled, STRIDE);
	for (int32_t j = 0; j < t->d; j++)
		for (int32_t i = 0; i < STRIDE; i++)
		{
			size_t		at = (size_t) j * STRIDE + i;
			double		x = get(t, i, j);
			bool		gap = isnan(x);

			if (i >= t->lanes)
			{
				wrong += !isnan(fc_get(y, t->precision, at)) || !isnan(fc_get(z, t->precision, at)) ||
					!isnan(fc_get(filled, t->precision, at));
				continue;
			}
			any = any || gap;
			wrong += fc_get(y, t->precision, at) != (gap ? 0 : x) || fc_get(z, t->precision, at) != !gap ||
				fc_get(filled, t->precision, at) != (gap ? value[j] : x);
		}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(t->ops->has_gaps(t->x, STRIDE, t->lanes, t->d), any);
	CHECK(!t->ops->has_gaps(filled, STRIDE, t->lanes, t->d));
	free(y);
	free(z);
	free(filled);
	free(value);
}

static void
test_case(int isa, FcPrecision precision, int32_t lanes, int32_t d, int32_t k)
{
	Case		t = begin(isa, precision, lanes, d, k);

	test_distances(&t);
	test_alone(&t);
	test_assign(&t);
	test_copies(&t);
	end(&t);
}

/* ---- one row ---- */

/* A model of k centers (k, d), with a scale; scores rows with gaps */
static void
test_scorer(const FcAlgorithm *algo, int32_t k, int32_t d, bool scaled)
{
	FcModel		m;
	FcScorer	s;
	FcPrecision precision = FC_F64;
	double	   *centers = make_numbers(precision, (size_t) k * d, 5, 1);
	double	   *x = make_numbers(precision, d, 5, 2);
	double	   *shift = make_numbers(precision, d, 5, 3);
	double	   *factor = make_numbers(precision, d, 5, 4);
	double		state[] = {2, 0.5};
	double	   *eta = make_numbers(precision, k, 5, 5);
	void	   *memory;

	fc_model_begin(&m, algo, k, d);
	m.centers = centers;
	m.common[FC_SCALE] = scaled ? FC_SCALE_ZSCORE : FC_SCALE_NONE;
	m.shift = scaled ? shift : NULL;
	m.factor = scaled ? factor : NULL;
	for (int32_t c = 0; c < k; c++)
		eta[c] = 1;
	m.own.extra[0] = is_possibilistic(algo) ? eta : state;
	if (own_option(&m, "temperature"))
		*own_option(&m, "temperature") = 0.5;
	memory = scorer_begin(&s, &m);
	for (int gaps = 0; gaps <= d; gaps++)
	{
		int			wrong = 0;

		if (gaps > 0)
			x[gaps - 1] = NAN;
		fc_score_row(&s, x);
		for (int32_t c = 0; c < s.padded; c++)
		{
			double		sum = 0;
			int			present = 0;

			for (int32_t j = 0; c < k && j < d; j++)
			{
				double		way = (scaled ? (x[j] - shift[j]) * factor[j] : x[j]) - centers[c * d + j];

				if (isnan(way))
					continue;
				present++;
				sum += way * way;
			}
			if (c >= k)
				wrong += s.distance[c] != INFINITY;
			else if (present == 0)
				wrong += s.distance[c] != 0;
			else
				wrong += !(fabs(s.distance[c] - sum * d / present) <= 1e-14 * (1 + sum * d));
		}
		CHECK_EQ(wrong, 0);
		CHECK(memberships_hold(&s));
	}
	free(memory);
	free(eta);
	free(centers);
	free(x);
	free(shift);
	free(factor);
}

int
main(int argc, char **argv)
{
	static const int32_t lanes[] = {16, 48, FC_TILE};

	FOR_EACH_VARIANT(isa, precision)
	{
		for (int32_t d = 1; d <= FEW; d++)
			for (int32_t k = 1; k <= FEW + 1; k++)
				test_case(isa, precision, 48, d, k);
		for (size_t i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++)
			test_case(isa, precision, lanes[i], 70, 33);
	}
	FOR_EACH_ALGORITHM(algo)
		if ((algo->traits & FC_TAKES_GAPS) && is_wanted(algo, argc, argv))
			for (int32_t k = 1; k <= 150; k = 2 * k + 1)
				for (int scaled = 0; scaled < 2; scaled++)
				{
					test_scorer(algo, k, 1, scaled);
					test_scorer(algo, k, 7, scaled);
				}
	return check_report("gap_ops");
}

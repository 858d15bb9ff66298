/*
 * block.c - block operations at every remainder of their tiles
 *
 * A row has the same bits wherever it is, whoever its neighbours are and however many
 * centers there are; sums of rows at their nearest centers are those of plain C.
 */
#include "train.h"

#include "core/kernel.h"

#define LANES		48
#define STRIDE		80
#define FEW			7
#define MOST		70			/* more than any tile has features or centers */

/* More than a strip; the last one by one feature */
static const int32_t wide[] = {127, 128, 129, 200, 513};

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* What the operations work on */
typedef struct Case
{
	const FcBlockOps *ops;
	FcPrecision precision;
	int32_t		d;
	int32_t		k;
	void	   *x;				/* (d, STRIDE) */
	void	   *v;				/* (k, d) */
	void	   *at;				/* (k, STRIDE) */
	void	   *least;			/* (LANES) */
	int32_t    *nearest;		/* (LANES) */
} Case;

static void *
noise(FcPrecision precision, size_t n, uint64_t stream)
{
	return make_numbers(precision, n, 23, stream);
}

static Case
begin(int isa, FcPrecision precision, int32_t d, int32_t k)
{
	Case		t = {.ops = fc_block_ops(isa, precision), .precision = precision, .d = d, .k = k};

	t.x = noise(precision, (size_t) d * STRIDE, 1);
	t.v = noise(precision, (size_t) k * d, 2);
	t.at = hostile_memory((size_t) k * STRIDE * FC_SIZE(precision));
	t.least = hostile_memory(LANES * FC_SIZE(precision));
	t.nearest = hostile_memory(LANES * sizeof(int32_t));
	t.ops->distance(t.x, STRIDE, LANES, d, t.v, k, t.at, STRIDE);
	t.ops->nearest(t.at, STRIDE, LANES, k, t.least, t.nearest);
	return t;
}

static void
end(Case *t)
{
	free(t->x);
	free(t->v);
	free(t->at);
	free(t->least);
	free(t->nearest);
}

/* Each row alone, in another lane, at one center */
static void
test_alone(const Case *t)
{
	void	   *row = hostile_memory((size_t) t->d * FC_LANES * FC_SIZE(t->precision));
	double		out[FC_LANES];
	int			wrong = 0;

	for (int32_t i = 0; i < LANES; i += 5)
	{
		int32_t		lane = i * 3 % FC_LANES;

		for (int32_t j = 0; j < t->d; j++)
			for (int32_t l = 0; l < FC_LANES; l++)
				fc_set(row, t->precision, j * FC_LANES + l,
					   l == lane ? fc_get(t->x, t->precision, (size_t) j * STRIDE + i) : 1e30);
		for (int32_t c = 0; c < t->k; c++)
		{
			t->ops->distance(row, FC_LANES, FC_LANES, t->d, (char *) t->v + (size_t) c * t->d * FC_SIZE(t->precision), 1,
							 out, FC_LANES);
			wrong += fc_get(out, t->precision, lane) != fc_get(t->at, t->precision, (size_t) c * STRIDE + i);
		}
	}
	CHECK_EQ(wrong, 0);
	free(row);
}

/* Centers in two parts: the distances and centers that distance() and nearest() give, to the bit */
static void
test_assign(const Case *t)
{
	void	   *least = hostile_memory(LANES * FC_SIZE(t->precision));
	int32_t    *nearest = hostile_memory(LANES * sizeof(int32_t));

	for (int32_t part = 1; part <= t->k; part += 1 + t->k / 3)
	{
		t->ops->assign(t->x, STRIDE, LANES, t->d, t->v, 0, part, least, nearest);
		if (part < t->k)
			t->ops->assign(t->x, STRIDE, LANES, t->d, t->v, part, t->k, least, nearest);
		CHECK(memcmp(least, t->least, LANES * FC_SIZE(t->precision)) == 0);
		CHECK(memcmp(nearest, t->nearest, LANES * sizeof(int32_t)) == 0);
	}
	free(least);
	free(nearest);
}

/* Plain sums, to rounding, and in the order of rows to the bit where there are many centers; what is beyond is as it was */
static void
test_add_rows(const Case *t, int32_t rows)
{
	size_t		sums = (size_t) t->k * t->d;
	double	   *sum = noise(FC_F64, sums + 1, 3);
	double	   *expected = noise(FC_F64, sums + 1, 3);
	double	   *weight = noise(FC_F64, t->k + 1, 4);
	double	   *expected_weight = noise(FC_F64, t->k + 1, 4);
	double		close = rows < 2 * t->k ? 0 : FC_EPSILON(t->precision) * rows;
	int			wrong = 0;

	t->ops->add_rows(t->x, STRIDE, rows, t->d, t->nearest, t->k, sum, t->d, weight);
	for (int32_t i = 0; i < rows; i++)
	{
		for (int32_t j = 0; j < t->d; j++)
			expected[(size_t) t->nearest[i] * t->d + j] += fc_get(t->x, t->precision, (size_t) j * STRIDE + i);
		expected_weight[t->nearest[i]]++;
	}
	for (size_t i = 0; i < sums; i++)
		wrong += !(fabs(sum[i] - expected[i]) <= close);
	CHECK_EQ(wrong, 0);
	CHECK(sum[sums] == expected[sums]);
	CHECK(memcmp(weight, expected_weight, (t->k + 1) * sizeof(double)) == 0);
	free(sum);
	free(expected);
	free(weight);
	free(expected_weight);
}

/* The same as sums with weights of 0 and 1, to rounding */
static void
test_accumulate(const Case *t)
{
	size_t		sums = (size_t) t->k * t->d;
	double		epsilon = FC_EPSILON(t->precision) * LANES;
	double	   *sum = calloc(2 * (sums + t->k), sizeof(double));
	double	   *weight = sum + 2 * sums;
	int			wrong = 0;

	for (int32_t c = 0; c < t->k; c++)
		for (int32_t i = 0; i < LANES; i++)
			fc_set(t->at, t->precision, (size_t) c * STRIDE + i, t->nearest[i] == c);
	t->ops->accumulate(t->x, STRIDE, LANES, t->d, t->at, STRIDE, t->k, sum, weight);
	t->ops->add_rows(t->x, STRIDE, LANES, t->d, t->nearest, t->k, sum + sums, t->d, weight + t->k);
	for (size_t i = 0; i < sums; i++)
		wrong += !(fabs(sum[i] - sum[sums + i]) <= epsilon);
	CHECK_EQ(wrong, 0);
	CHECK(memcmp(weight, weight + t->k, t->k * sizeof(double)) == 0);
	free(sum);
}

static void
test_shape(int32_t d, int32_t k)
{
	FOR_EACH_VARIANT(isa, precision)
	{
		Case		t = begin(isa, precision, d, k);

		test_alone(&t);
		test_assign(&t);
		test_add_rows(&t, LANES);
		test_add_rows(&t, LANES - 1 - d % FC_LANES);
		test_accumulate(&t);
		end(&t);
	}
}

int
main(void)
{
	for (int32_t i = 1; i <= MOST; i++)
	{
		test_shape(i, FEW);
		test_shape(i, FEW + FC_LANES);
		test_shape(FEW, i);
		test_shape(FEW + FC_LANES, i);
	}
	for (int i = 0; i < COUNT(wide); i++)
		test_shape(wide[i], 2 * FC_LANES);
	return check_report("block");
}

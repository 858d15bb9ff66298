/*
 * product.c - products of matrices: their values, and the independence of rows
 */
#include "train.h"

#include "core/product.h"
#include "core/variants.h"

static const FcHooks no_hooks;

static void *
numbers(FcPrecision precision, int64_t count, uint64_t seed)
{
	void	   *x = hostile_memory(FC_SIZE(precision) * count);
	FcRng		rng;

	fc_rng_start(&rng, seed, 0);
	for (int64_t i = 0; i < count; i++)
		fc_set(x, precision, i, 2 * fc_rng_uniform(&rng) - 1);
	return x;
}

/* A matrix (rows, columns) by itself, or the transpose of one */
static FcMatrix
matrix(const void *data, int64_t rows, int64_t columns, bool turned)
{
	return turned ? (FcMatrix) {data, 1, rows} : (FcMatrix) {data, columns, 1};
}

/* A and B of every order, C with a gap of "gap" columns, which stays as it is */
typedef struct Case
{
	int			isa;
	FcPrecision precision;
	int64_t		m;
	int64_t		n;
	int64_t		k;
	int64_t		gap;
	bool		turned_a;
	bool		turned_b;
	void	   *a;
	void	   *b;
	void	   *start;			/* (m, n + gap) C before */
	size_t		size;			/* of that */
} Case;

static Case
case_of(int isa, FcPrecision precision, int64_t m, int64_t n, int64_t k, int variant)
{
	Case		c = {
		.isa = isa, .precision = precision, .m = m, .n = n, .k = k, .gap = variant & 4 ? 5 : 0, .turned_a = variant & 1,
		.turned_b = (variant & 2) != 0, .a = numbers(precision, m * k, 1), .b = numbers(precision, k * n, 2)
	};

	c.size = FC_SIZE(precision) * m * (n + c.gap);
	c.start = numbers(precision, m * (n + c.gap), 3);
	return c;
}

static void
case_end(Case *c)
{
	free(c->a);
	free(c->b);
	free(c->start);
}

static FcProduct
product_of(const Case *c, bool add, void *to)
{
	memcpy(to, c->start, c->size);
	return (FcProduct) {
		.isa = c->isa, .precision = c->precision, .m = c->m, .n = c->n, .k = c->k, .a = matrix(c->a, c->m, c->k, c->turned_a),
		.b = matrix(c->b, c->k, c->n, c->turned_b), .add = add, .c = to, .stride = c->n + c->gap
	};
}

static double
element(const FcMatrix *x, FcPrecision precision, int64_t i, int64_t j)
{
	return fc_get(x->data, precision, i * x->row + j * x->column);
}

/* The largest difference from sums in double, and whether gaps are as they were */
static void
check_values(const Case *c, const FcProduct *p)
{
	double		most = 0;
	int			changed = 0;

	for (int64_t i = 0; i < c->m; i++)
		for (int64_t j = 0; j < p->stride; j++)
		{
			double		before = fc_get(c->start, c->precision, i * p->stride + j);
			double		after = fc_get(p->c, c->precision, i * p->stride + j);
			double		sum = p->add ? before : 0;

			if (j >= c->n)
			{
				changed += after != before;
				continue;
			}
			for (int64_t l = 0; l < c->k; l++)
				sum += element(&p->a, c->precision, i, l) * element(&p->b, c->precision, l, j);
			most = fmax(most, isfinite(after) ? fabs(after - sum) : INFINITY);
		}
	CHECK_EQ(changed, 0);
	CHECK_NEAR(most / (c->k + 1), 0, c->precision == FC_F32 ? 1e-7 : 1e-15);
}

/* Rows one by one and in strips, and B packed: the same bits */
static void
check_bits(const Case *c, const FcProduct *whole)
{
	char	   *found = hostile_memory(c->size);
	FcProduct	p = product_of(c, whole->add, found);
	size_t		size = FC_SIZE(c->precision);
	void	   *panels = hostile_memory(size * fc_pack_size(c->n, c->k));

	for (int64_t i = 0, strip = 1; i < c->m; i += strip, strip = strip % 7 + 1)
	{
		FcProduct	part = p;

		part.m = strip = i + strip < c->m ? strip : c->m - i;
		part.a.data = (const char *) p.a.data + size * i * p.a.row;
		part.c = found + size * i * p.stride;
		fc_multiply(&part, &no_hooks);
	}
	CHECK(memcmp(found, whole->c, c->size) == 0);
	p = product_of(c, whole->add, found);
	fc_pack(c->precision, c->n, c->k, p.b, panels, &no_hooks);
	p.panels = panels;
	fc_multiply(&p, &no_hooks);
	CHECK(memcmp(found, whole->c, c->size) == 0);
	free(panels);
	free(found);
}

static void
check_product(int isa, FcPrecision precision, int64_t m, int64_t n, int64_t k, int variant)
{
	Case		c = case_of(isa, precision, m, n, k, variant);
	void	   *to = hostile_memory(c.size);
	FcProduct	p = product_of(&c, (variant & 8) != 0, to);

	fc_multiply(&p, &no_hooks);
	check_values(&c, &p);
	check_bits(&c, &p);
	free(to);
	case_end(&c);
}

/* Every order, gap or none, added or not, for sizes around those of tiles and panels */
static void
test_values(void)
{
	static const int64_t sizes[][3] = {
		{1, 1, 1}, {1, 16, 3}, {1, 31, 300}, {2, 33, 5}, {5, 15, 17}, {7, 48, 8}, {11, 32, 257}, {12, 64, 16},
		{13, 17, 260}, {23, 10, 129}, {25, 9, 515}, {63, 40, 9}, {65, 70, 33}, {32, 25, 600}, {128, 32, 130},
		{129, 31, 130}, {513, 20, 3}
	};

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (int variant = 0; variant < 16; variant++)
			FOR_EACH_VARIANT(isa, precision)
				check_product(isa, precision, sizes[s][0], sizes[s][1], sizes[s][2], variant);
}

/* ---- interruption ---- */

static void
count_call(void *arg)
{
	++*(int *) arg;
}

/* Between two checks are at most 2^23 multiplications, and as many numbers copied */
static void
test_checks(void)
{
	static const int64_t sizes[][3] = {{3000, 64, 400}, {2, 70000, 30}, {40, 40, 100000}};

	for (int s = 0; s < 3; s++)
	{
		Case		c = case_of(fc_best_isa(), FC_F32, sizes[s][0], sizes[s][1], sizes[s][2], 0);
		void	   *to = hostile_memory(c.size);
		int			calls = 0;
		FcHooks		hooks = {.check = count_call, .arg = &calls};
		FcProduct	p = product_of(&c, false, to);
		void	   *panels = hostile_memory(FC_SIZE(FC_F32) * fc_pack_size(c.n, c.k));

		fc_multiply(&p, &hooks);
		CHECK(calls > (c.m * c.n * c.k) >> 23);
		calls = 0;
		fc_pack(FC_F32, c.n, c.k, p.b, panels, &hooks);
		CHECK(calls > (c.n * c.k) >> 23);
		free(panels);
		free(to);
		case_end(&c);
	}
}

int
main(void)
{
	test_values();
	test_checks();
	return check_report("product");
}

/*
 * product.c - products of matrices, row by row
 *
 *	c_ij = a_i1 b_1j + a_i2 b_2j + ... + a_ik b_kj				(eq. 1)
 *
 * added in this order, independent of the other rows and their number.  So a
 * network's outputs for a row have the same bits wherever the row is, alone or
 * among others; a BLAS does not guarantee that, and each one adds in its own
 * order.  Nor is there a library to load, or one that starts threads.
 *
 * B is copied into panels of 16 columns, (n / 16, k, 16), a part that fits the
 * cache at a time, and columns beyond the last are 0.  A tile of C, several rows by
 * one panel or two, stays in registers while the sum grows (Goto and van de Geijn,
 * 2008).  A matrix that is multiplied again and again is packed once by fc_pack().
 */
#include "core/product.h"

#include <string.h>

#define PANEL		16			/* columns */
#define MOST_PANELS 2			/* at once */
#define DEPTH		256			/* of the part of them that stays in the cache */
#define ROWS_AT_ONCE 512		/* likewise of A */
#define FEW_ROWS	64
#define LONG		128			/* sums, beside which it takes no time to turn a small C */
#define MOST_TURNED_COLUMNS 32
#define MOST_TURNED_ROWS 128
#define ROWS_PACKED	(1 << 16)	/* between two checks */

#if defined(__x86_64__) || defined(__i386__) || defined(__arm__)
#define FEW_REGISTERS	1
#else
#define FEW_REGISTERS	0
#endif

#define FC_VARIANTS_OF "core/product_loops.h"
#include "core/variants.h"

typedef void (*Tiles) (const FcProduct *p, int64_t first, int64_t last, int64_t j, int64_t l, int64_t k, const void *b,
					   int64_t panel, int64_t step);
typedef void (*Pack) (const FcMatrix *m, int64_t l, int64_t k, int64_t j, int64_t width, void *panel);

static const Tiles tiles[FC_ISAS][2] = FC_TABLE(tiles);
static const Pack packs[FC_ISAS][2] = FC_TABLE(pack);

/* To copy, the least instruction set is best: the others gather, which takes longer */
#define PACK(precision)	packs[FC_ISA_BASE][precision]

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Panels (MOST_PANELS, k, PANEL) of b from row l and column j on, as far as there are columns */
static void
pack_part(const FcProduct *p, int64_t l, int64_t k, int64_t j, char *part)
{
	size_t		size = FC_SIZE(p->precision) * k * PANEL;

	for (int q = 0; q < MOST_PANELS && j < p->n; q++, j += PANEL)
		PACK(p->precision) (&p->b, l, k, j, p->n - j, part + q * size);
}

/* Few rows are not worth a copy, if B lies as a panel does */
static bool
lies_well(const FcProduct *p, int64_t rows, int64_t j)
{
	return rows <= FEW_ROWS && p->b.column == 1 && j + MOST_PANELS * PANEL <= p->n;
}

/* Rows of C from "first" to before "last", and its columns j of MOST_PANELS panels */
static void
multiply_columns(const FcProduct *p, const FcHooks *hooks, int64_t first, int64_t last, int64_t j)
{
	_Alignas(64) double part[MOST_PANELS * PANEL * DEPTH];
	Tiles		make = tiles[p->isa][p->precision];
	size_t		size = FC_SIZE(p->precision);

	for (int64_t l = 0; l < p->k; l += DEPTH)
	{
		int64_t		k = least(DEPTH, p->k - l);

		fc_check(hooks);
		if (p->panels)
			make(p, first, last, j, l, k, (const char *) p->panels + (j * p->k + l * PANEL) * size, p->k * PANEL, PANEL);
		else if (lies_well(p, last - first, j))
			make(p, first, last, j, l, k, (const char *) p->b.data + (l * p->b.row + j) * size, PANEL, p->b.row);
		else
		{
			pack_part(p, l, k, j, (char *) part);
			make(p, first, last, j, l, k, part, k * PANEL, PANEL);
		}
	}
}

static void
multiply(const FcProduct *p, const FcHooks *hooks)
{
	for (int64_t i = 0; i < p->m; i += ROWS_AT_ONCE)
		for (int64_t j = 0; j < p->n; j += MOST_PANELS * PANEL)
			multiply_columns(p, hooks, i, least(i + ROWS_AT_ONCE, p->m), j);
}

/* Columns of C that its last panel lacks, as a share of those that it has */
static double
waste(int64_t columns)
{
	return (double) (FC_ROUND_UP(columns, PANEL) - columns) / columns;
}

/* Does C' fill its panels, but C not; and are the sums so long that it pays to turn it? */
static bool
fits_better_turned(const FcProduct *p)
{
	return p->panels == NULL && p->k >= LONG && p->n <= MOST_TURNED_COLUMNS && p->m <= MOST_TURNED_ROWS &&
		waste(p->m) < waste(p->n);
}

/* C (m, n) into turned (n, m), or back */
static void
copy_turned(const FcProduct *p, void *turned, bool back)
{
	for (int64_t i = 0; i < p->m; i++)
		for (int64_t j = 0; j < p->n; j++)
			if (back)
				fc_set(p->c, p->precision, i * p->stride + j, fc_get(turned, p->precision, j * p->m + i));
			else
				fc_set(turned, p->precision, j * p->m + i, fc_get(p->c, p->precision, i * p->stride + j));
}

/* C' = B' A', the same sums to the bit */
static void
multiply_turned(const FcProduct *p, const FcHooks *hooks)
{
	_Alignas(64) double turned[MOST_TURNED_COLUMNS * MOST_TURNED_ROWS];
	FcProduct	q = {
		.isa = p->isa, .precision = p->precision, .m = p->n, .n = p->m, .k = p->k, .a = {p->b.data, p->b.column, p->b.row},
		.b = {p->a.data, p->a.column, p->a.row}, .add = p->add, .c = turned, .stride = p->m
	};

	if (p->add)
		copy_turned(p, turned, false);
	multiply(&q, hooks);
	copy_turned(p, turned, true);
}

/* The caller may be interrupted; k is not 0 */
void
fc_multiply(const FcProduct *p, const FcHooks *hooks)
{
	if (fits_better_turned(p))
		multiply_turned(p, hooks);
	else
		multiply(p, hooks);
}

/* Numbers in the panels of a matrix (k, n) */
size_t
fc_pack_size(int64_t n, int64_t k)
{
	return (size_t) FC_ROUND_UP(n, PANEL) * k;
}

/* The caller may be interrupted */
void
fc_pack(FcPrecision precision, int64_t n, int64_t k, FcMatrix b, void *panels, const FcHooks *hooks)
{
	size_t		size = FC_SIZE(precision);

	for (int64_t j = 0; j < n; j += PANEL)
		for (int64_t l = 0; l < k; l += ROWS_PACKED)
		{
			fc_check(hooks);
			PACK(precision) (&b, l, least(ROWS_PACKED, k - l), j, n - j,
								   (char *) panels + size * (j * k + l * PANEL));
		}
}

/*
 * product.c - products of matrices, row by row
 *
 *	c_ij = a_i1 b_1j + a_i2 b_2j + ... + a_ik b_kj				(eq. 1)
 *
 * added in this order, whatever the other rows are and however many.  So what a
 * network makes of a row has the same bits wherever the row is, alone or among
 * others; the kernels of a BLAS do not promise that, and each adds in its own way.
 * And nothing has to be loaded, nor starts threads.
 *
 * B is copied into panels of 16 columns, (n / 16, k, 16), a part that fits the
 * cache at a time, and columns beyond the last are 0.  A tile of C, several rows by
 * one panel or two, stays in registers while the sum grows (Goto and van de Geijn,
 * 2008).  A matrix that is multiplied again and again is packed once by fc_pack().
 */
#ifdef FC_REAL

typedef FC_REAL FC_VARIANT(Vector) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_REAL)), may_alias));

#define VECTOR		FC_VARIANT(Vector)
#define LANES		((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))
#define VECTORS		((int) (PANEL * sizeof(FC_REAL) / FC_VECTOR_BYTES))	/* of a panel */

/* Three quarters of the registers hold sums */
#define REGISTERS	(FC_VECTOR_BYTES == 64 || !FEW_REGISTERS ? 32 : 16)
#define PANELS		(FC_VECTOR_BYTES == 64 && VECTORS == 1 ? 2 : 1)
#define ROWS		(VECTORS * PANELS * 4 >= REGISTERS * 3 ? 1 : REGISTERS * 3 / 4 / (VECTORS * PANELS))

/* Eq. 1 for a tile of C, from a (rows, k) and b (panels, k, PANEL), "panel" and "step" are from one to the next */
static inline __attribute__((always_inline)) void
FC_VARIANT(tile) (const FC_REAL *a, int64_t row, int64_t column, const FC_REAL *b, int64_t panel, int64_t step, int64_t k,
				  bool add, FC_REAL *c, int64_t stride, const int rows, const int panels)
{
	VECTOR		sum[ROWS][PANELS * VECTORS];
	const FC_REAL *from[(ROWS + 3) / 4];	/* every fourth row: few registers hold where all of them are */

#pragma GCC unroll 16
	for (int i = 0; i < rows; i += 4)
		from[i / 4] = a + i * row;
#pragma GCC unroll 16
	for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
		for (int v = 0; v < panels * VECTORS; v++)
			sum[i][v] = add ? *(const VECTOR *) (c + i * stride + v * LANES) : (VECTOR) {0};
	for (int64_t l = 0; l < k; l++, b += step)
	{
#pragma GCC unroll 16
		for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
			for (int v = 0; v < panels * VECTORS; v++)
				sum[i][v] += from[i / 4][i % 4 * row] * *(const VECTOR *) (b + v / VECTORS * panel + v % VECTORS * LANES);
#pragma GCC unroll 16
		for (int i = 0; i < rows; i += 4)
			from[i / 4] += column;
	}
#pragma GCC unroll 16
	for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
		for (int v = 0; v < panels * VECTORS; v++)
			*(VECTOR *) (c + i * stride + v * LANES) = sum[i][v];
}

/* The tile of so many rows, which are ROWS, or 8, 4, 2 or 1 */
static inline __attribute__((always_inline)) void
FC_VARIANT(tile_of) (const FC_REAL *a, int64_t row, int64_t column, const FC_REAL *b, int64_t panel, int64_t step, int64_t k,
					 bool add, FC_REAL *c, int64_t stride, int rows, const int panels)
{
#define TILE_OF(n)	FC_VARIANT(tile) (a, row, column, b, panel, step, k, add, c, stride, (n) < ROWS ? (n) : ROWS, panels)
	switch (rows)
	{
		case 1:
			TILE_OF(1);
			break;
		case 2:
			TILE_OF(2);
			break;
		case 4:
			TILE_OF(4);
			break;
		case 8:
			TILE_OF(8);
			break;
		default:
			TILE_OF(ROWS);
	}
#undef TILE_OF
}

static inline int
FC_VARIANT(rows_of_tile) (int64_t left)
{
	return left >= ROWS ? ROWS : left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/*
 * Rows of C from "first" to before "last" of the columns j that have a tile, and
 * the part of the sums from l to before l + k.  Where C has fewer columns than
 * panels have, the tile is made elsewhere.
 */
static void
FC_VARIANT(column_of_tiles) (const FcProduct *p, int64_t first, int64_t last, int64_t j, int64_t l, int64_t k,
							 const FC_REAL *b, int64_t panel, int64_t step)
{
	FC_REAL		whole[ROWS * PANELS * PANEL];
	int64_t		width = p->n - j;
	bool		wide = PANELS > 1 && width > PANEL;
	bool		at_edge = width < (wide ? PANELS * PANEL : PANEL);
	bool		add = p->add || l > 0;

	for (int64_t i = first, rows; i < last; i += rows)
	{
		const FC_REAL *a = (const FC_REAL *) p->a.data + i * p->a.row + l * p->a.column;
		FC_REAL    *c = (FC_REAL *) p->c + i * p->stride + j;
		FC_REAL    *to = at_edge ? whole : c;
		int64_t		stride = at_edge ? PANELS * PANEL : p->stride;

		rows = FC_VARIANT(rows_of_tile) (last - i);
		for (int64_t r = 0; at_edge && add && r < rows; r++)
			memcpy(whole + r * stride, c + r * p->stride, sizeof(FC_REAL) * width);
		if (wide)
			FC_VARIANT(tile_of) (a, p->a.row, p->a.column, b, panel, step, k, add, to, stride, (int) rows, PANELS);
		else
			FC_VARIANT(tile_of) (a, p->a.row, p->a.column, b, panel, step, k, add, to, stride, (int) rows, 1);
		for (int64_t r = 0; at_edge && r < rows; r++)
			memcpy(c + r * p->stride, whole + r * stride, sizeof(FC_REAL) * width);
	}
}

/* The same for all columns of which b (panels, k, PANEL) has panels */
static void
FC_VARIANT(tiles) (const FcProduct *p, int64_t first, int64_t last, int64_t j, int64_t l, int64_t k, const void *bv,
				   int64_t panel, int64_t step)
{
	const FC_REAL *b = bv;

	for (int q = 0; q < MOST_PANELS && j + q * PANEL < p->n; q += PANELS)
		FC_VARIANT(column_of_tiles) (p, first, last, j + q * PANEL, l, k, b + q * panel, panel, step);
}

/* One panel (k, PANEL) from the columns of b (k, width) */
static void
FC_VARIANT(pack) (const FcMatrix *m, int64_t l, int64_t k, int64_t j, int64_t width, void *panel)
{
	const FC_REAL *restrict b = (const FC_REAL *) m->data + l * m->row + j * m->column;
	FC_REAL    *restrict to = panel;
	int64_t		row = m->row;
	int64_t		column = m->column;

	if (width >= PANEL && column == 1)
		for (int64_t i = 0; i < k; i++)
			memcpy(to + i * PANEL, b + i * row, sizeof(FC_REAL) * PANEL);
	else if (width >= PANEL && row == 1)
		for (int64_t i = 0; i < k; i++)
			for (int t = 0; t < PANEL; t++)
				to[i * PANEL + t] = b[i + t * column];
	else
		for (int64_t i = 0; i < k; i++)
			for (int t = 0; t < PANEL; t++)
				to[i * PANEL + t] = t < width ? b[i * row + t * column] : 0;
}

#undef VECTOR
#undef LANES
#undef VECTORS
#undef REGISTERS
#undef PANELS
#undef ROWS

#else

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

#define FC_VARIANTS_OF "core/product.c"
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

/* Whoever calls may be interrupted; k is not 0 */
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

/* Whoever calls may be interrupted */
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

#endif

/*
 * product_loops.h - hot loops of product.c, once for each precision and instruction set: see variants.h
 */

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

/* The tile with the given number of rows: ROWS, 8, 4, 2 or 1 */
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

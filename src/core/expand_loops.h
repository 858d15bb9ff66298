/*
 * expand_loops.h - hot loops of expand.c, once for each precision and instruction set: see variants.h
 */

/* Few values: each code is compared with all of them */
static void
FC_VARIANT(compare_codes) (const FC_REAL *codes, int32_t lanes, const int32_t *place, int32_t levels, FC_REAL one,
						   FC_REAL *to, int64_t stride)
{
	for (int32_t code = 0; code < levels; code++)
	{
		FC_REAL    *indicator = to + place[code] * stride;
		FC_REAL		wanted = (FC_REAL) code;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		x = codes[i];

			indicator[i] = x != x ? x : x == wanted ? one : 0;
		}
	}
}

/* Many values: indicators are cleared, and those of the codes set */
static void
FC_VARIANT(scatter_codes) (const FC_REAL *codes, int32_t lanes, const int32_t *place, int32_t levels, FC_REAL one,
						   FC_REAL *to, int64_t stride)
{
	for (int32_t j = 0; j < levels; j++)
		memset(to + j * stride, 0, lanes * sizeof(FC_REAL));
	for (int32_t i = 0; i < lanes; i++)
		if (codes[i] == codes[i])
			to[place[(int32_t) codes[i]] * stride + i] = one;
		else
			for (int32_t j = 0; j < levels; j++)
				to[j * stride + i] = codes[i];
}

/* Of "lanes" codes, of which the first "rows" count: "one" at the place of each, NaN at all where it is missing */
static void
FC_VARIANT(set_indicators) (const void *codes, int32_t lanes, int32_t rows, const int32_t *place, int32_t levels, double one,
							void *to, int64_t stride)
{
	if (levels <= FEW_VALUES)
		FC_VARIANT(compare_codes) (codes, lanes, place, levels, (FC_REAL) one, to, stride);
	else
		FC_VARIANT(scatter_codes) (codes, lanes, place, levels, (FC_REAL) one, to, stride);
	for (int32_t j = 0; j < levels && rows < lanes; j++)
		memset((FC_REAL *) to + j * stride + rows, 0, (lanes - rows) * sizeof(FC_REAL));
}

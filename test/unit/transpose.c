/*
 * transpose.c - rows into the columns of a block
 */
#include "check.h"

#include "core/transpose.h"

#include <stdlib.h>

/* Every number in its place, and none beside them, in memory that ends with the block */
static void
test_widths(FcPrecision precision)
{
	int			wrong = 0;

	for (int32_t d = 1; d <= 70; d++)
		for (int64_t stride = FC_LANES; stride <= 3 * FC_LANES; stride += FC_LANES)
		{
			size_t		size = FC_SIZE(precision);
			char	   *rows = malloc(size * FC_LANES * d);
			char	   *block = calloc(stride * d, size);
			int64_t		first = stride - FC_LANES;

			for (int64_t i = 0; i < FC_LANES * d; i++)
				fc_set(rows, precision, i, (double) i + 1);
			fc_transpose(rows, d, precision, block + first * size, stride);
			for (int64_t at = 0; at < stride * d; at++)
			{
				int64_t		j = at / stride;
				int64_t		i = at % stride - first;

				wrong += fc_get(block, precision, at) != (i < 0 ? 0 : (double) (i * d + j + 1));
			}
			free(rows);
			free(block);
		}
	CHECK_EQ(wrong, 0);
}

int
main(void)
{
	test_widths(FC_F32);
	test_widths(FC_F64);
	return check_report("transpose");
}

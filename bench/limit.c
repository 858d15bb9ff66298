/*
 * limit.c - prints the maximum speed of one core of this machine
 *
 * One line a figure: instruction set, type, what, value, separated by tabs.
 */
#include "peak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY	((size_t) 256 << 20)	/* far more than any cache of one core */
#define CACHE	((size_t) 256 << 10)	/* of the second level */

static const char *const isa_names[FC_ISAS] = {"base", "avx2", "avx512"};
static const char *const type_names[2] = {"real[]", "float8[]"};
static const char *const mix_names[MIXES] = {"fma", "sub+fma", "sub+2fma"};

int
main(void)
{
	int			best = fc_best_isa();
	void	   *buffer = aligned_alloc(64, MEMORY);

	if (buffer == NULL)
		return 1;
	memset(buffer, 0, MEMORY);
	printf("%s\t%s\t%s\t%.4g\n", isa_names[best], "any", "memory GB/s", read_rate(best, buffer, MEMORY));
	printf("%s\t%s\t%s\t%.4g\n", isa_names[best], "any", "cache GB/s", read_rate(best, buffer, CACHE));
	free(buffer);

	for (int isa = 0; isa <= best; isa++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int mix = 0; mix < MIXES; mix++)
				printf("%s\t%s\t%s\t%.4g\n", isa_names[isa], type_names[precision], mix_names[mix],
					   peak_rate(isa, precision, mix));
	return 0;
}

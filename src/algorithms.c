/*
 * algorithms.c - the registry of algorithms
 */
#include "core/fc.h"

#include <string.h>

#define FC_ALGORITHM(name) extern const FcAlgorithm fc_##name;
#include "algorithms.h"
#undef FC_ALGORITHM

const FcAlgorithm *const fc_algorithms[] = {
#define FC_ALGORITHM(name) &fc_##name,
#include "algorithms.h"
#undef FC_ALGORITHM
	NULL
};

const FcAlgorithm *
fc_find_algorithm(const char *name)
{
	for (const FcAlgorithm *const *a = fc_algorithms; *a != NULL; a++)
		if (strcmp((*a)->name, name) == 0)
			return *a;
	return NULL;
}

/*
 * distinct.h - whether there are as many distinct rows as clusters
 */
#ifndef FC_DISTINCT_H
#define FC_DISTINCT_H

#include "core/fc.h"

typedef struct FcDistinct
{
	int64_t		most;			/* rows that are counted */
	uint64_t	mask;			/* slots - 1, a power of two less 1 */
	uint64_t   *slot;			/* (mask + 1) hashes; 0: free */
	uint64_t   *hash;			/* (stride) of the rows of a block */
} FcDistinct;

extern void fc_distinct_layout(FcArena *a, FcDistinct *s, const FcRows *rows, int64_t most);
extern int64_t fc_count_distinct(FcDistinct *s, const FcRows *rows, const FcHooks *hooks);

#endif

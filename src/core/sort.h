/*
 * sort.h - sorting in place, by functions that compare and exchange elements
 */
#ifndef FC_SORT_H
#define FC_SORT_H

#include "core/fc.h"

typedef struct FcOrdering
{
	bool		(*before) (const void *table, int64_t a, int64_t b);
	void		(*exchange) (void *table, int64_t a, int64_t b);
	void		(*check) (void *arg);	/* called now and then; may longjmp.  NULL: none */
	void	   *arg;
} FcOrdering;

extern void fc_sort(void *table, int64_t n, const FcOrdering *o);
extern void fc_sort_numbers(double *values, int32_t n, const FcHooks *hooks);

#endif

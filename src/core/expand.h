/*
 * expand.h - rows of numbers and categories as rows of features
 */
#ifndef FC_EXPAND_H
#define FC_EXPAND_H

#include "core/categories.h"
#include "core/kernel.h"

/* Indicators of a category, see expand_loops.h: of a variant */
typedef void (*FcSetIndicators) (const void *codes, int32_t lanes, int32_t rows, const int32_t *place, int32_t levels,
								 double one, void *to, int64_t stride);

/* Reads from rows whose blocks are (columns, stride): numbers, and codes of categories */
typedef struct FcExpandedRows
{
	FcRows		from;
	int32_t		stride;			/* of a block of features */
	const FcCategories *categories;
	const int32_t *place;		/* of each code among the sorted values of its column, see fc_sort_categories() */
	const FcBlockOps *ops;
	FcSetIndicators set_indicators;
	void	   *block;			/* (d, stride) the last block read */
	double	   *weight;			/* (stride) likewise; NULL: each row counts once */
} FcExpandedRows;

extern void fc_expanded_rows_layout(FcArena *a, FcExpandedRows *e, const FcRows *from, const FcCategories *c);
extern FcRows fc_expanded_rows(FcExpandedRows *e, const FcRows *from, const FcCategories *c, const int32_t *place, int isa);

#endif

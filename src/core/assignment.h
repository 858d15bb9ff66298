/*
 * assignment.h - the cheapest one-to-one matching of rows with columns
 */
#ifndef FC_ASSIGNMENT_H
#define FC_ASSIGNMENT_H

#include "core/fc.h"

/*
 * A table of costs, read one row or one column at a time, so that a sparse
 * table need not be expanded.  Only the shorter side is ever requested: row()
 * when rows <= columns, column() otherwise; the other may be NULL.
 *
 * A pair whose cost is NaN or +infinity is never matched.  To maximise a
 * profit, give its negative.
 */
typedef struct FcCosts
{
	int32_t		rows;
	int32_t		columns;
	const void *table;			/* what row() and column() read */
	void		(*row) (const struct FcCosts *costs, int32_t i, double *cost);	/* (columns) */
	void		(*column) (const struct FcCosts *costs, int32_t j, double *cost);	/* (rows) */
} FcCosts;

/* The costs of a (rows, columns) matrix, row-major, which is not copied */
extern FcCosts fc_dense_costs(const double *cost, int32_t rows, int32_t columns);

/* Work memory of fc_assign; NULL while the arena only counts */
extern void *fc_assign_layout(FcArena *a, int32_t rows, int32_t columns);

/*
 * Match min(rows, columns) pairs so that the sum of their costs is smallest.
 * match: (rows) the column of each row, -1 for a row left over.  The same costs
 * always give the same matching, and equal costs match row i with column i.
 *
 * False if no such matching has a finite sum; match is then not to be used.
 *
 * check, unless NULL, is called before each pair is added; it may longjmp.
 */
extern bool fc_assign(const FcCosts *costs, int32_t *match, double *total, void *work,
					  void (*check) (void *arg), void *arg);

#endif

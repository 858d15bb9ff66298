/*
 * graph.h - nearest neighbours of codes, and the graph of them
 */
#ifndef FC_GRAPH_H
#define FC_GRAPH_H

#include "core/column.h"
#include "nn/loss.h"

/* ---- neighbors.c ---- */

#define FC_SEARCH_ROWS	1024	/* of a base that are compared at once */

/* Work space of a search */
typedef struct FcSearch
{
	int32_t		m;
	int32_t		count;			/* neighbours of a row */
	double	   *sum;			/* (m) */
	FcReal	   *mean;			/* (m) of the base */
	FcReal	   *own;			/* (QUERIES, m) the queries at hand */
	FcReal	   *queries;		/* (QUERIES, m + 1) */
	FcReal	   *base;			/* (BASE, m + 1) */
	FcReal	   *product;		/* (QUERIES, BASE) */
	FcReal	   *square;			/* (QUERIES) |query|^2 */
	double	   *distance;		/* (QUERIES, count) of the neighbours so far, sorted */
} FcSearch;

extern void fc_search_layout(FcArena *a, FcSearch *s, int32_t m, int32_t count);
extern void fc_search(FcSearch *s, const FcHooks *hooks, FcSlice base, FcSlice queries, int64_t self, int32_t *nearest);
extern void fc_search_one(const FcHooks *hooks, const FcReal *base, int64_t n, int32_t stride, const FcReal *query,
						  int32_t m, int32_t count, double *distance, int32_t *nearest);

/* ---- graph.c ---- */

extern void fc_smooth_rows(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t columns,
						   int rounds, FcReal *x, FcReal *work);
extern void fc_center_rows(const FcHooks *hooks, FcReal *x, int64_t n, int32_t columns);
extern void fc_merge_groups(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t groups,
							int32_t k, double *edges, int32_t *label);

#endif

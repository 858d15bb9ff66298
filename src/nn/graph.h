/*
 * graph.h - nearest neighbours of codes, and the graph of them
 */
#ifndef FC_GRAPH_H
#define FC_GRAPH_H

#include "core/column.h"
#include "nn/loss.h"

/* ---- neighbors.c ---- */

#define FC_SEARCH_ROWS	1024	/* of a base that are compared at once, and queries at hand */

/* What is searched for */
typedef struct FcSought
{
	FcSlice		base;
	FcSlice		queries;
	int64_t		self;			/* query i is row self + i of base, which does not count; -1: it is none */
	int32_t		m;				/* numbers that are compared */
	int32_t		count;			/* neighbours of a row */
} FcSought;

/* What a portion is about */
typedef struct FcSearchTurn
{
	int32_t		m;
	int32_t		count;
	int64_t		queries;		/* at hand */
	int64_t		self;			/* of the first of them */
	int64_t		first;			/* of the window, in base */
	int64_t		rows;			/* of the window */
} FcSearchTurn;

/* Work space of searches, one at a time; the first six can be seen by all members of a team */
typedef struct FcSearch
{
	FcSearchTurn *turn;
	FcReal	   *mean;			/* (m) of the base */
	FcReal	   *window;			/* (rows, m) of the base */
	FcReal	   *own;			/* (FC_SEARCH_ROWS, m) the queries at hand */
	double	   *distance;		/* (FC_SEARCH_ROWS, count) of their neighbours so far, sorted */
	int32_t    *nearest;		/* (FC_SEARCH_ROWS, count) */
	int64_t		room;			/* numbers in the window */
	double	   *sum;			/* (m) */
	FcReal	   *queries;		/* (QUERIES, m + 1) of a portion */
	FcReal	   *base;			/* (BASE, m + 1) */
	FcReal	   *product;		/* (QUERIES, BASE) */
	FcReal	   *square;			/* (QUERIES) |query|^2 */
	void		(*share) (void *arg, int64_t portions); /* has all of them searched; or NULL */
	void	   *arg;
} FcSearch;

extern void fc_search_layout(FcArena *a, FcSearch *s, int32_t m, int32_t count, int64_t n);
extern void fc_search_portion(FcSearch *s, const FcHooks *hooks, int64_t portion);
extern void fc_search(FcSearch *s, const FcHooks *hooks, const FcSought *sought, int32_t *nearest);
extern void fc_search_one(const FcHooks *hooks, const FcReal *base, int64_t n, int32_t stride, const FcReal *query,
						  int32_t m, int32_t count, double *distance, int32_t *nearest);

/* ---- graph.c ---- */

extern void fc_smooth_rows(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t columns,
						   int rounds, FcReal *x, FcReal *work);
extern void fc_center_rows(const FcHooks *hooks, FcReal *x, int64_t n, int32_t columns);
extern void fc_merge_groups(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t groups,
							int32_t k, double *edges, int32_t *label);
extern double fc_mean_conductance(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t groups,
								  const int32_t *label, int64_t *edges);

#endif

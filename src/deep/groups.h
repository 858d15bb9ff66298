/*
 * groups.h - clusters of codes: by k-means, and by the graph of their neighbours
 */
#ifndef FC_DEEP_GROUPS_H
#define FC_DEEP_GROUPS_H

#include "core/column.h"
#include "core/score.h"
#include "nn/graph.h"

/* ---- means.c ---- */

/* k-means on codes, by the engine of the core */
typedef struct FcMeans
{
	int64_t		n;
	int32_t		latent;
	int			restarts;
	const double *common;		/* options of k-means, of which init and tolerance count; or NULL */
	const double *start;		/* (k, latent) first centers, or NULL */
	FcFit		fit;
	FcModel		model;			/* centers and all, after a run */
	FcScorer	scorer;
	FcColumn	blocks;			/* the codes in the engine's form, a row for each of its blocks */
	void	   *memory;			/* of the engine */
	double	   *row;			/* (latent) */
} FcMeans;

extern void fc_means_layout(FcArena *a, FcMeans *s, FcColumnSpace *space, int64_t n, int32_t latent, int32_t most, int restarts);
extern FcStatus fc_means(FcMeans *s, const FcHooks *hooks, FcColumn *z, int32_t k, uint64_t seed, FcColumn *label);

/* ---- groups.c ---- */

typedef struct FcGraphStart
{
	int64_t		n;				/* the first eight are set by the caller */
	int32_t		latent;
	int32_t		k;
	int32_t		neighbors;
	int32_t		rounds;			/* of smoothing */
	int32_t		over;			/* number of groups for each cluster */
	int32_t		restarts;
	uint64_t	seed;

	int64_t		distinct;		/* with FC_TOO_FEW_ROWS */
	int32_t		groups;			/* that are merged, at most */
	FcSearch   *search;			/* laid out by the caller */
	FcMeans		means;
	int32_t    *nearest;		/* (n, neighbors) */
	FcReal	   *smooth;			/* (n, latent) */
	FcReal	   *work;			/* (n, latent) */
	double	   *edges;			/* (groups, groups) */
	double	   *sum;			/* (k, latent + 1) codes of each cluster, and how many */
} FcGraphStart;

extern FcGraphStart fc_graph_start_defaults(int64_t n, int32_t latent, int32_t k, uint64_t seed);
extern void fc_graph_start_layout(FcArena *a, FcGraphStart *s);
extern FcStatus fc_graph_start(FcGraphStart *s, const FcHooks *hooks, const FcReal *z, int32_t *label,
							   FcReal *centers);

#endif

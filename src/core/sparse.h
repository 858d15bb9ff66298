/*
 * sparse.h - sums of rows of which each has weight in few clusters only
 */
#ifndef FC_SPARSE_H
#define FC_SPARSE_H

#include "core/kernel.h"

#define FC_SPARSE_MOST	4		/* clusters in which a row has weight, at most */

/* The weights of a tile that count; zeros where it never is sparse */
typedef struct FcSparse
{
	int32_t		tile;			/* rows of a tile, at most */
	double	   *least;			/* (tile) that counts, of each row */
	int32_t    *clusters;		/* (tile) in how many a row has weight; -1: too many */
	int32_t    *cluster;		/* (FC_SPARSE_MOST, tile) these */
	double	   *weight;			/* (FC_SPARSE_MOST, tile) its weight there */
	int32_t    *which;			/* (tile) rows that are gathered */
	double	   *numbers;		/* (k) of rows, which nobody reads */
	int32_t		room;			/* for rows with weight in more ... */
	int32_t		others;			/* ... how many there are ... */
	int32_t    *other;			/* (room) ... which ... */
	void	   *w;				/* (k, room) ... and their weights */
} FcSparse;

extern void fc_sparse_layout(FcArena *a, FcSparse *s, const FcModel *m, FcPrecision precision, int32_t tile);
extern bool fc_sparse_add(FcSparse *s, const FcMetric *t, const void *x, int64_t xstride, int32_t lanes,
						  const void *w, void *wx, double *sum);

#endif

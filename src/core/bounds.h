/*
 * bounds.h - what a pass knows of distances from the pass before: see bounds.c
 */
#ifndef FC_BOUNDS_H
#define FC_BOUNDS_H

#include "core/kernel.h"

/* Lanes are those of all blocks of rows; features and distances have the rows' precision */
typedef struct FcBounds
{
	int64_t		lanes;			/* 0: nothing is kept */
	void	   *least;			/* (lanes) distance to the nearest center */
	void	   *second;			/* (lanes) no other center was nearer than that */
	int32_t    *nearest;		/* (lanes) the nearest center */
	void	   *v;				/* (k, d) the centers then */
	void	   *moved;			/* (moves, d) those which are elsewhere now ... */
	int32_t    *number;			/* (moves) ... in this order ... */
	uint8_t    *has_moved;		/* (k) ... of all */
	int32_t    *moves;			/* (1) how many; k: all, or nothing is known */
	FcRows		rows;			/* the leader: of which rows it is known; n = 0: of none */
	int64_t		tried;			/* groups of FC_LANES rows in this portion that were compared with moved centers ... */
	int64_t		failed;			/* ... and with all after that */
} FcBounds;

extern void fc_bounds_layout(FcArena *a, FcBounds *b, const FcRows *rows, int32_t k);
extern void fc_bounds_begin(FcBounds *b);
extern void fc_bounds_prepare(FcBounds *b, const FcMetric *t, const FcRows *rows);
extern void fc_bounds_begin_portion(FcBounds *b);
extern void fc_bounds_find(FcBounds *b, const FcMetric *t, const FcHooks *hooks, const void *x, int64_t stride,
						   int64_t first, int32_t lanes, int32_t step);

#endif

/*
 * conductance.h - how badly clusters of a sample are cut off from each other: see conductance.c
 */
#ifndef FC_CONDUCTANCE_H
#define FC_CONDUCTANCE_H

#include "core/fc.h"

#define FC_GRAPH_NEIGHBOURS	10

typedef struct FcConductance
{
	int32_t		n;				/* rows */
	int32_t		neighbours;		/* of a row: as many as there are, at most FC_GRAPH_NEIGHBOURS */
	int32_t    *near;			/* (n, neighbours) */
	double	   *distance;		/* (n) of one row, squared */
	int64_t    *rows;			/* (clusters) of a cluster ... */
	int64_t    *inside;			/* (clusters) ... and of their neighbours, those that are in it */
} FcConductance;

extern void fc_conductance_layout(FcArena *a, FcConductance *s, int32_t n, int32_t clusters);
extern void fc_conductance_begin(FcConductance *s, const double *x, int32_t d, const FcHooks *hooks);
extern double fc_conductance(FcConductance *s, const int32_t *label, int32_t k);

#endif

/*
 * spanning_tree.h - the widest gap between two parts of rows: see spanning_tree.c
 */
#ifndef FC_SPANNING_TREE_H
#define FC_SPANNING_TREE_H

#include "core/fc.h"

typedef struct FcSpanningTree
{
	int32_t		n;				/* rows */
	double	   *near;			/* (n) distance to a near neighbour */
	double	   *edge;			/* (n) of a row to the tree; then to its parent */
	int32_t    *parent;			/* (n) the other end of that edge */
	int32_t    *order;			/* (n) in which rows joined the tree, then those that have not */
	int32_t    *size;			/* (n) rows in the part of the tree behind an edge */
} FcSpanningTree;

extern void fc_spanning_tree_layout(FcArena *a, FcSpanningTree *s, int32_t n);
extern double fc_widest_gap(FcSpanningTree *s, const double *distance, const FcHooks *hooks);

#endif

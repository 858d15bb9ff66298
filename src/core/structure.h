/*
 * structure.h - whether rows have clusters at all: see structure.c
 */
#ifndef FC_STRUCTURE_H
#define FC_STRUCTURE_H

#include "core/fc.h"

#define FC_STRUCTURE_ROWS	400		/* most that are compared with each other */
#define FC_STRUCTURE_AXES	30		/* principal components that are kept */
#define FC_STRUCTURE_MOST	30		/* clusters */

/* Distributions without clusters, drawn along the principal components of the rows */
typedef enum FcNull
{
	FC_NULL_GAUSSIAN,			/* of the same covariance */
	FC_NULL_BOX,				/* uniform in the box of the components */
	FC_NULL_RADIAL,				/* with the lengths of the rows in units of their covariance, in any direction */
	FC_NULLS
} FcNull;

/* What speaks for clusters, of rows or of a draw */
typedef struct FcStructureSigns
{
	double		silhouette;		/* the largest of all numbers of clusters ... */
	int32_t		clusters;		/* ... the number with which it is found ... */
	double		gap;			/* ... and the longest edge, in units of its surroundings, between two parts of the rows */
} FcStructureSigns;

typedef struct FcStructure
{
	/* from the caller, before the layout */
	int32_t		n;				/* rows, at most FC_STRUCTURE_ROWS */
	int32_t		d;
	int32_t		most;			/* clusters: 2 .. most are tried */
	uint64_t	seed;
	int			isa;
	const FcHooks *hooks;

	double	   *x;				/* (n, d) from the caller, before fc_structure_test() */
	int32_t		width;			/* axes */
	double	   *z;				/* (n, width) rows along the principal components */
	double	   *reach;			/* (3, width) deviation, least and largest of each component */
	double	   *length;			/* (n) of the rows, each component in units of its deviation */
	double	   *y;				/* (n, width) a draw */
	double	   *distance;		/* (n, n) */
	double	   *matrix;			/* (n, n) inner products ... */
	double	   *values;			/* (n) ... and their eigenvalues */
	double	   *work;			/* of these */
	struct FcFewMeans *means;
	struct FcSpanningTree *tree;

	/* findings */
	FcStructureSigns signs;		/* of the rows ... */
	FcStructureSigns null[FC_NULLS];	/* ... and the largest of the draws that were needed */
	bool		by_gap;			/* does it exceed all draws of each null ... */
	bool		by_silhouette;	/* ... or else the silhouette? */
} FcStructure;

extern void fc_structure_layout(FcArena *a, FcStructure *s);
extern bool fc_structure_test(FcStructure *s);

#endif

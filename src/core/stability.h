/*
 * stability.h - whether parts of the rows lead to the same clusters as all of them: see stability.c
 */
#ifndef FC_STABILITY_H
#define FC_STABILITY_H

#include "core/agreement.h"

#define FC_STABILITY_PARTS	5	/* models of parts, unless the caller wants others */
#define FC_STABILITY_SHARE	0.8 /* of the rows in a part */

/* Some of the rows, drawn one after the other in the order of all rows */
typedef struct FcSubsample
{
	FcRng		rng;
	int64_t		left;			/* rows that are still to come ... */
	int64_t		wanted;			/* ... and how many of these will be taken */
} FcSubsample;

extern int64_t fc_part_rows(int64_t n);
extern void fc_subsample_begin(FcSubsample *p, uint64_t seed, int32_t number, int64_t n, int64_t wanted);
extern bool fc_subsample_takes_next(FcSubsample *p);

/* A row's two labels as one number */
typedef struct FcLabelPair
{
	uint64_t	labels;
	double		weight;
} FcLabelPair;

typedef struct FcStability
{
	int64_t		n;
	int32_t		groups;
	int32_t    *label;			/* (n) from the caller: 0 .. groups - 1, by the model of all rows ... */
	int32_t    *again;			/* (n) ... and by the model of a part; then fc_stability_add() */
	double	   *weight;			/* (n) from the caller: of the rows; NULL: each counts once */
	FcLabelPair *pair;			/* (n) */
	FcContingency table;
	double		sum;			/* of the indices of the parts so far ... */
	int32_t		parts;			/* ... and their number */
} FcStability;

extern void fc_stability_layout(FcArena *a, FcStability *s, int64_t n, int32_t groups, bool weighted);
extern double fc_stability_add(FcStability *s, const FcHooks *hooks);
extern double fc_stability(const FcStability *s);

#endif

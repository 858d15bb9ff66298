/*
 * sample_start.h - starts that are tried on a sample of the rows
 */
#ifndef FC_SAMPLE_START_H
#define FC_SAMPLE_START_H

#include "core/kernel.h"
#include "core/rival.h"

/* The rows that starts are tried on, and what they stand in for meanwhile */
typedef struct FcTrial
{
	FcSample	sample;			/* n == 0: starts are tried on all rows */
	FcRival		rival;			/* a start that they do not tell from the best one */
	bool		running;		/* passes read the sample */
	FcRows		all;			/* FcFit.rows, ... */
	FcSample	all_sample;		/* ... FcFit.sample ... */
	const struct FcTeam *team;	/* ... FcFit.team, for one process can do it alone ... */
	double		common[FC_NCOMMON];	/* ... and the model's options, which all come back */
	double	   *nearest;		/* (2, rows of a sample) distances to their nearest centers, and weights, where noise is sought: see noise_share.c */
} FcTrial;

extern int64_t fc_trial_rows(const FcFit *f);
extern int32_t fc_restarts(const FcFit *f);
extern bool fc_accelerates(const FcFit *f);
extern void fc_trial_layout(FcArena *a, FcTrial *t, const FcFit *f);
extern void fc_trial_prepare(FcTrial *t, const FcFit *f);
extern bool fc_shorten_starts(FcFit *f);
extern void fc_trial_begin(FcTrial *t, FcFit *f);
extern void fc_trial_end(FcTrial *t, FcFit *f);

#endif

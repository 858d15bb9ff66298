/*
 * rival.h - a start that a sample does not tell from the best one
 */
#ifndef FC_RIVAL_H
#define FC_RIVAL_H

#include "core/anderson.h"

struct FcEngine;

/* The second of two descents that go on side by side; the first is where one descent is, in FcFit.model and FcEngine */
typedef struct FcRival
{
	bool		is_possible;	/* there is memory for it */
	bool		exists;
	FcModel		model;
	FcMixing	mixing;
	double	   *origin;			/* (k, d) centers of the best start on the sample */
} FcRival;

extern void fc_rival_layout(FcArena *a, FcRival *r, const FcFit *f);
extern void fc_rival_begin(struct FcEngine *e);
extern void fc_rival_consider(struct FcEngine *e);
extern bool fc_rivals_differ(double best, double second);
extern bool fc_rival_is_close(const struct FcEngine *e);
extern FcStatus fc_rival_descend(struct FcEngine *e);

#endif

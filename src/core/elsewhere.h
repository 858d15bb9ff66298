/*
 * elsewhere.h - passes over rows that are not here
 *
 * Where rows stay in tables, or on other servers, a training has a sample of them,
 * which FcFit.rows gives with weights, and which starts are tried on.  A pass over
 * all rows sends the centers there, as a step model, and gets statistics back.
 */
#ifndef FC_ELSEWHERE_H
#define FC_ELSEWHERE_H

#include "core/fc.h"

struct FcStatistics;
struct FcSurvey;

struct FcEngine;

typedef struct FcElsewhere
{
	/* from the caller */
	int64_t		rows;			/* all of them ... */
	double		total;			/* ... and their weight ... */
	double		largest;		/* ... and the largest of one */
	const struct FcSurvey *survey;	/* of them, with the sample */
	void		(*pass) (void *arg, const void *step, size_t length, struct FcStatistics *s);	/* opens statistics of this step; may longjmp */
	void	   *arg;
	void		(*layout) (FcArena *a, const FcFit *f);	/* fc_elsewhere_layout(), which passes themselves know as little as ... */
	void		(*run) (struct FcEngine *e, bool sizes);	/* ... fc_elsewhere_pass() */

	/* from the layout of a training */
	void	   *step;			/* bytes of a step model */
	int32_t    *exponent;		/* (d) of its grid */
} FcElsewhere;

extern void fc_elsewhere_layout(FcArena *a, const FcFit *f);
extern void fc_elsewhere_pass(struct FcEngine *e, bool sizes);

#endif

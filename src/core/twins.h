/*
 * twins.h - centers that an iteration has led to the same place
 */
#ifndef FC_TWINS_H
#define FC_TWINS_H

#include "core/fc.h"

#define FC_DIFFERENCES	3

/* A test of such centers: do plain steps lead them apart? */
typedef struct FcTwins
{
	int32_t		left;			/* steps until the test is over; 0: there is none */
	int32_t		tests;			/* how many there may still be */
	double		radius;			/* usual distance of a row to its center */
	int32_t    *other;			/* (k) the first center as good as equal, of those before c; -1: none */
	double	   *begun;			/* (k) squared distance to it when the test began */
	double	   *from;			/* (k, d) the centers before the test */
	double	   *delta[FC_DIFFERENCES];	/* (k, d) differences to the twins after the last steps, newest first */
} FcTwins;

extern void fc_twins_layout(FcArena *a, FcTwins *t, int32_t k, int32_t d);
extern void fc_twins_begin(FcTwins *t);
extern bool fc_twins_test(FcTwins *t, const FcFit *f, int32_t left);
extern void fc_twins_step(FcTwins *t, const FcFit *f);

#endif

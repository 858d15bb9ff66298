/*
 * anderson.h - extrapolation of a fixed-point iteration
 */
#ifndef FC_ANDERSON_H
#define FC_ANDERSON_H

#include "core/fc.h"

#define FC_MIXED_STEPS	10

/* The last points v of an iteration v = G(v), and what came of them */
typedef struct FcMixing
{
	size_t		length;			/* of a point */
	int32_t		window;			/* most differences that are kept; 0: there is no memory, and nothing to call */
	int32_t		count;			/* how many there are */
	int32_t		newest;			/* the place of the last one */
	bool		has_last;		/* is there a point before the next one? */
	bool		is_mixed;		/* is the next point a mixture, and not G of the last one? */
	double		objective;		/* at the last point */
	double		recent[2];		/* objectives of the last two passes, newest first; the caller's */
	double		size;			/* squared length of its residual */
	double		leap;			/* the l of eq. 4; 0: the next point is not of that kind */
	double		share;			/* of the way from the plain step to a mixture, 1 unless mixtures were too bad */
	double	   *from;			/* (length) the point of this pass */
	double	   *image;			/* (length) G(v) of the last point: the plain step */
	double	   *residual;		/* (length) G(v) - v of it */
	double	   *images;			/* (window, length) differences of G(v) between successive points */
	double	   *residuals;		/* (window, length) differences of G(v) - v */
	double	   *basis;			/* (window, length) orthonormal, of the residuals */
} FcMixing;

extern void fc_mixing_layout(FcArena *a, FcMixing *x, uint64_t length);
extern void fc_mixing_begin(FcMixing *x);
extern bool fc_mixing_rejects(const FcMixing *x, double objective, FcPrecision precision);
extern void fc_mixing_take_back(FcMixing *x, double *v);
extern void fc_mixing_from(FcMixing *x, const double *v);
extern void fc_mixing_next(FcMixing *x, double *v, double objective);

#endif

/*
 * qfit.h - growth of q at a fixed temperature that is equivalent to cooling
 */
#ifndef FC_QFIT_H
#define FC_QFIT_H

#include "core/fc.h"

/* The distances at which two kernels are compared */
typedef struct FcFitGrid
{
	double		farthest;
	int			points;			/* at least 2 */
	bool		graded;			/* dense near 0; else equally spaced */
} FcFitGrid;

extern void fc_fit_q(double q0, double t_high, FcFitGrid grid, const FcHooks *hooks, double *a, double *b);

#endif

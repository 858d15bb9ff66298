/*
 * qfit.h - how q must grow for a fixed temperature to do what cooling does
 */
#ifndef FC_QFIT_H
#define FC_QFIT_H

#include "core/fc.h"

extern void fc_fit_q(double q0, double t_high, double farthest, int distances, const FcHooks *hooks,
					 double *a, double *b);

#endif

/*
 * coincide.h - are two centers one?
 */
#ifndef FC_COINCIDE_H
#define FC_COINCIDE_H

#include "core/fc.h"

#define FC_COINCIDENT	1e-3	/* of the larger radius: two centers are one */

extern bool fc_centers_coincide(const FcFit *f);

#endif

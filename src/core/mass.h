/*
 * mass.h - the weights that the centers of a model are means of
 *
 * Only a model has them that was updated with statistics of rows.  They say how
 * much the past counts beside new rows.
 */
#ifndef FC_MASS_H
#define FC_MASS_H

#include "core/fc.h"

/* (k) sums of weights; NULL: not kept */
#define FC_CENTER_MASS(m)	((m)->extra[FC_MAX_EXTRA])

/* The array that is the last one of such a model */
extern FcArray fc_center_mass_array(FcModel *m);

#endif

/*
 * sums.h - sums of the rows of a tile
 */
#ifndef FC_SUMS_H
#define FC_SUMS_H

#include "core/pass.h"

extern void fc_sums_layout(FcArena *a, FcEngine *e, const FcFit *f);
extern void fc_sums_add(FcEngine *e, const void *x, int32_t lanes);
extern void fc_sums_add_rows(FcEngine *e, const void *x, int32_t lanes, int32_t rows, bool sums);
extern void fc_sums_end_portion(FcEngine *e);

#endif

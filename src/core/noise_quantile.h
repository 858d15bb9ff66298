/*
 * noise_quantile.h - the distance of noise for given centers
 */
#ifndef FC_NOISE_QUANTILE_H
#define FC_NOISE_QUANTILE_H

#include "core/pass.h"

extern void fc_noise_layout(FcArena *a, FcTrial *t, const FcFit *f);
extern double fc_noise_quantile(FcEngine *e, bool own);

/* Before a pass of FC_TRIMMED_STAGE: the distance of noise is that for the centers at hand */
extern void fc_noise_trim(FcEngine *e);

#endif

/*
 * noise_share.h - centers and the distance of noise that a share of the rows asks for
 */
#ifndef FC_NOISE_SHARE_H
#define FC_NOISE_SHARE_H

#include "core/engine.h"

/* From "restarts" starts or the one that is given, on the rows that passes read at the moment */
extern FcStatus fc_noise_find(FcEngine *e, int32_t restarts);

#endif

/*
 * engine.h - alternating optimization: the fit of every algorithm that has a kernel
 */
#ifndef FC_ENGINE_H
#define FC_ENGINE_H

#include "core/kernel.h"

extern void *fc_engine_layout(FcArena *a, const FcFit *f);
extern FcStatus fc_engine_fit(FcFit *f, void *work);

#endif

/*
 * update.h - the next model from statistics: see update.c
 */
#ifndef FC_UPDATE_H
#define FC_UPDATE_H

#include "core/step.h"

extern void *fc_update_layout(FcArena *a, const FcStep *s);
extern FcStatus fc_update(FcModel *m, const FcStep *s, const FcStatistics *of, double forgetting, const FcHooks *hooks, void *work);

#endif

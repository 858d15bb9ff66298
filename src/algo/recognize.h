/*
 * recognize.h - which of many centers are clusters: see recognize.c
 */
#ifndef FC_RECOGNIZE_H
#define FC_RECOGNIZE_H

#include "core/engine.h"

extern void *fc_recognition_layout(FcArena *a, const FcFit *f);
extern void fc_recognize(FcEngine *e, double *raw, double merge_distance, double min_points);

#endif

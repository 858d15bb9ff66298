/*
 * pass.h - one pass over the rows
 */
#ifndef FC_PASS_H
#define FC_PASS_H

#include "core/engine.h"

extern void fc_pass_accumulate(FcEngine *e);
extern void fc_pass_measure(FcEngine *e);
extern void fc_pass_find_far(FcEngine *e, int32_t count);

#endif

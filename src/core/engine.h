/*
 * engine.h - alternating optimization: the fit of all algorithms without their
 * own
 */
#ifndef FC_ENGINE_H
#define FC_ENGINE_H

#include "core/pass.h"

extern void *fc_engine_layout(FcArena *a, const FcFit *f);
extern void fc_engine_begin(FcEngine *e, FcFit *f);
extern FcStatus fc_engine_fit(FcFit *f, void *work);
extern const FcTeamHooks fc_engine_team;

/* For optimize() of a kernel */
extern FcStatus fc_engine_iterate(FcEngine *e, double tolerated, int32_t most);
extern FcStatus fc_engine_descend(FcEngine *e);
extern void fc_engine_set_parameters(FcEngine *e);

/* For descents that go on side by side */
extern void fc_engine_exchange(FcEngine *e, FcModel *other);
extern void fc_engine_begin_descent(FcEngine *e);
extern FcStatus fc_engine_go_on(FcEngine *e, int32_t pause, double other);
extern FcStatus fc_engine_test_twins(FcEngine *e);

#endif

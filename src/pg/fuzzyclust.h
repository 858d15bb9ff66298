/*
 * fuzzyclust.h - declarations shared by the whole PostgreSQL side
 *
 * Each folder has a header, and uses only folders to its left: value < step <
 * train < score < registry, and value < plot; report is above all.
 */
#ifndef FUZZYCLUST_H
#define FUZZYCLUST_H

#include "postgres.h"

#include "fmgr.h"
#include "storage/dsm.h"

#include "pg/compat.h"
#include "core/fc.h"

/* ---- fuzzyclust.c ---- */

extern void fc_check_interrupts(void *arg);
extern void fc_arena_allocate(FcArena *a);
extern const char *fc_library(void);

/* ---- shared.c ---- */

extern bool fc_attempt_here(void (*action) (void *arg), void *arg, const char *failure);
extern bool fc_attempt(void (*action) (void *arg), void *arg, const char *failure);
extern dsm_segment *fc_create_segment(Size size, const char *purpose);

/*
 * Allocates memory in the current context for what "layout" takes from the
 * arena; evaluates it twice, to count and to place, and returns its result
 */
#define FC_LAY_OUT(arena, layout) \
	(*(arena) = (FcArena) {0}, (void) (layout), fc_arena_allocate(arena), (layout))

/*
 * The SQL function <algorithm>_<suffix>, as work(fcinfo, algorithm); for the list
 * in algorithms.h
 */
#define FC_ALGORITHM_FUNCTION(name, suffix, work) \
	extern const FcAlgorithm fc_##name; \
	PG_FUNCTION_INFO_V1(name##_##suffix); \
	Datum name##_##suffix(PG_FUNCTION_ARGS) { return work(fcinfo, &fc_##name); }

/* ---- lapack.c ---- */

extern const struct FcLapack *fc_lapack(void);

#endif

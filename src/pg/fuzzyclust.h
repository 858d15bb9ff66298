/*
 * fuzzyclust.h - what all of the PostgreSQL side shares
 *
 * Each folder has a header, and uses only what stands to its left:
 * value < train < score < registry, and value < plot.
 */
#ifndef FUZZYCLUST_H
#define FUZZYCLUST_H

#include "postgres.h"

#include "fmgr.h"

#include "pg/compat.h"
#include "core/fc.h"

/* ---- fuzzyclust.c ---- */

extern void fc_check_interrupts(void *arg);
extern void fc_arena_allocate(FcArena *a);

/* ---- lapack.c ---- */

extern const struct FcLapack *fc_lapack(void);

#endif

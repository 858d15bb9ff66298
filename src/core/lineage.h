/*
 * lineage.h - what became of the clusters of a model in another one
 */
#ifndef FC_LINEAGE_H
#define FC_LINEAGE_H

#include "core/match.h"

typedef enum FcEvent
{
	FC_KEPT,					/* it continues in one cluster, which continues no other */
	FC_SPLIT,					/* it continues in several clusters */
	FC_MERGED,					/* with others it continues in one cluster */
	FC_MIXED,					/* both */
	FC_APPEARED,				/* a new cluster that continues none */
	FC_FADED,					/* an old cluster that continues in none */
	FC_EVENTS					/* their number */
} FcEvent;

typedef struct FcLineage
{
	const FcMatching *matching;
	double	   *mass;			/* (old k, new k) that two clusters share: the matching's table */
	double	   *of_old;			/* (old k) their sums, likewise */
	double	   *of_new;			/* (new k) */
	int32_t    *heirs;			/* (old k) clusters that continue this one */
	int32_t    *origins;		/* (new k) clusters that this one continues */
} FcLineage;

/* An old cluster and a new one that continues it */
typedef struct FcDescent
{
	double		share;			/* of the new cluster's mass; NaN where it has none */
	double		old_share;		/* of the old cluster's mass; NaN likewise */
	FcEvent		event;
} FcDescent;

extern const char *fc_event_name(FcEvent event);
extern void fc_lineage_layout(FcArena *a, FcLineage *l, const FcMatching *matching);

/* Of a matching that is finished, whose counts are then gone; of the clusters of a row, -1 is noise */
extern void fc_lineage_begin(FcLineage *l);
extern void fc_lineage_add(FcLineage *l, int32_t old, int32_t new, double mass, bool old_outlier,
						   bool new_outlier);
extern void fc_lineage_finish(FcLineage *l, void (*check) (void *arg), void *arg);

/* false: the new cluster does not continue the old one */
extern bool fc_lineage_descent(const FcLineage *l, int32_t old, int32_t new, FcDescent *descent);

#endif

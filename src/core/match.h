/*
 * match.h - matching the clusters of two models
 */
#ifndef FC_MATCH_H
#define FC_MATCH_H

#include "core/fc.h"

/* Of two models of the same columns, with categories perhaps of other values; rows that both have scored are counted */
typedef struct FcMatching
{
	const FcModel *old;
	const FcModel *new;
	double	   *table;			/* (old k, new k) rows in both clusters, or their weight; then costs */
	double	   *of_old;			/* (old k) rows in each cluster, likewise */
	double	   *of_new;			/* (new k) */
	int32_t    *map;			/* (old d) the new model's feature, or -1 */
	double	   *center;			/* (new d) work space */
	double	   *centers;		/* (new k, old d) in the scaled units of the old model */
	void	   *assign;			/* work memory of fc_assign */
	int32_t    *match;			/* (old k) the new cluster that it has become, or -1 */
	int32_t    *place;			/* (new k) the number that each new cluster is to have */
	int32_t    *taken;			/* (new k) by which new cluster each number is taken */
} FcMatching;

extern void fc_match_layout(FcArena *a, FcMatching *s, const FcModel *old, const FcModel *new);
extern void fc_match_begin(FcMatching *s);
extern void fc_match_translate(const FcMatching *s, const double *v, double *out);
extern void fc_match_add(FcMatching *s, int32_t old, int32_t new, double weight);
extern void fc_match_finish(FcMatching *s, void (*check) (void *arg), void *arg);

#endif

/*
 * agreement.h - agreement of two partitions of the same rows
 */
#ifndef FC_AGREEMENT_H
#define FC_AGREEMENT_H

#include "core/amount.h"
#include "core/fc.h"

/*
 * A sparse table of counts: cell e says that count[e] rows have label label[e]
 * and are in cluster cluster[e].  Pairs are distinct, and counts above 0: numbers
 * of rows, or their weights.
 */
typedef struct FcContingency
{
	int32_t		labels;			/* how many different ones */
	int32_t		clusters;
	FcAmount	n;				/* rows counted */
	double		unit;			/* what counts as one row: see fc_row_unit() */
	int64_t		cells;
	int32_t    *label;			/* (cells) */
	int32_t    *cluster;		/* (cells) */
	FcAmount   *count;			/* (cells) */
	FcAmount   *of_label;		/* (labels) rows of each label */
	FcAmount   *of_cluster;		/* (clusters) rows in each cluster */
	int32_t    *place;			/* (the greater of labels and clusters) for sorting */
} FcContingency;

/* Up to here every number of rows is exact as a double */
#define FC_MOST_COUNTED	(INT64_C(1) << 53)

/*
 * Memory for "cells" cells; fc_contingency_clear before cells are added, and then
 * fc_contingency_sort, which calls check now and then.  The caller may set the unit.
 */
extern void fc_contingency_layout(FcArena *a, FcContingency *t, int32_t labels, int32_t clusters,
								  int64_t cells);
extern void fc_contingency_clear(FcContingency *t);
extern void fc_contingency_add(FcContingency *t, int32_t label, int32_t cluster, FcAmount count);
extern void fc_contingency_sort(FcContingency *t, void (*check) (void *arg), void *arg);

/*
 * All measures need at least one row.
 *
 * fc_accuracy needs work memory, O(labels + clusters + cells), and calls check
 * as fc_assign does.
 */
extern void *fc_accuracy_layout(FcArena *a, const FcContingency *t);
extern double fc_accuracy(const FcContingency *t, void *work, void (*check) (void *arg), void *arg);
extern double fc_nmi(const FcContingency *t);
extern double fc_ari(const FcContingency *t);

#endif

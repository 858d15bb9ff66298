/*
 * step_indices.h - validity indices from the statistics of a step
 */
#ifndef FC_STEP_INDICES_H
#define FC_STEP_INDICES_H

#include "core/indices.h"
#include "core/step.h"

/* What is known of the rows: see step_indices.c.  s fits the statistics */
extern void fc_step_index_sums(const FcStep *s, const FcStatistics *of, FcIndexSums *to);

#endif

/*
 * score.h - validity of models, for functions that train several
 */
#ifndef FUZZYCLUST_SCORE_H
#define FUZZYCLUST_SCORE_H

#include "pg/train/train.h"

#include "core/validity.h"

/* ---- indices.c ---- */

extern void fc_begin_validity(FcValidity *sums, const FcModel *m);
extern void fc_finish_validity(const FcValidity *sums, FcScorer *s, double *index);
extern void fc_validity_of_rows(bytea *model, RowStore *store, double *index);
extern char *fc_validity_text(const double *index);

#endif

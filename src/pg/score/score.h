/*
 * score.h - how good a model is: for those who train several
 */
#ifndef FUZZYCLUST_SCORE_H
#define FUZZYCLUST_SCORE_H

#include "pg/train/train.h"

/* ---- validity.c ---- */

extern char *fc_validity_text(const double *index);
extern void fc_validity_of_rows(bytea *model, RowStore *store, double *index);

#endif

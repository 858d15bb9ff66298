/*
 * step.h - what is gathered from rows as SQL values that can be merged
 */
#ifndef FUZZYCLUST_STEP_H
#define FUZZYCLUST_STEP_H

#include "pg/value/value.h"

#include "core/survey.h"

/* ---- attached.c ---- */

extern void *fc_attached(MemoryContext context, const char *kind, Size size);
extern uint64 fc_owner_number(void);

/* ---- survey.c ---- */

extern void fc_survey_from_datum(FcSurvey *s, Datum datum);
extern bytea *fc_merge_surveys(Datum a, Datum b);

#endif

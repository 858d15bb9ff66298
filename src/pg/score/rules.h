/*
 * rules.h - what the files of cluster_rules share
 */
#ifndef FUZZYCLUST_RULES_H
#define FUZZYCLUST_RULES_H

#include "pg/score/score.h"

#include "core/rules.h"

/* ---- row_sample.c ---- */

typedef struct RowSample
{
	RowStore	rows;
	int32	   *place;			/* (rows) of each, in an order that does not depend on that of all rows */
} RowSample;

extern bool fc_read_sampled_row(const RowCursor *c, ModelSlot *slot, double *x);
extern void fc_sample_rows(RowStore *rows, ModelSlot *slot, RowSample *s);

/* ---- rule_text.c ---- */

/* What the columns of rules are called */
typedef struct RuleNames
{
	const FcField *field;		/* (columns of the model) */
	const int32 *column;		/* which of these each column of rules is */
	const QueryColumns *query;	/* from which rows came */
} RuleNames;

extern char *fc_rule_words(const FcRules *r, const FcRule *rule, const RuleNames *n);
extern char *fc_rule_condition(const FcRules *r, const FcRule *rule, const RuleNames *n);

#endif

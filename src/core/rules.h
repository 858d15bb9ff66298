/*
 * rules.h - boxes of a few conditions that describe a cluster: see rules.c
 */
#ifndef FC_RULES_H
#define FC_RULES_H

#include "core/fc.h"

#define FC_RULE_CONDITIONS	3	/* of a rule, each on another column */
#define FC_CLUSTER_RULES	2	/* of a cluster */
#define FC_RULE_CUTS		95	/* of a column of numbers; with one more, a multiple of 3: thirds are among them */
#define FC_RULE_VALUES		5	/* of a category, in a condition */
#define FC_NO_BIN			UINT16_MAX	/* of a row that lacks a column, or has an unknown value */

/* What conditions on a column can be like */
typedef struct FcRuleColumn
{
	bool		category;
	int32_t		bins;			/* values of a category; of numbers, cuts + 1: 1 if they do not differ */
	double	   *cut;			/* (FC_RULE_CUTS) ascending: bin b has the numbers above cut b - 1, and up to cut b */
	double	   *below;			/* (FC_RULE_CUTS) the share of the rows up to each cut */
	int32_t		third[2];		/* the cuts nearest to one and two thirds of the rows */
} FcRuleColumn;

typedef struct FcRuleCondition
{
	int32_t		column;
	int32_t		first;			/* bin of numbers ... */
	int32_t		last;			/* ... up to this one */
	int32_t		values;			/* how many values of a category ... */
	uint16_t	value[FC_RULE_VALUES];	/* (values) ascending */
} FcRuleCondition;

/* Rows that satisfy all conditions */
typedef struct FcRule
{
	int32_t		conditions;
	FcRuleCondition condition[FC_RULE_CONDITIONS];	/* as they were found */
	double		coverage;
	double		purity;
	int64_t		rows;
} FcRule;

/* Rows as conditions see them */
typedef struct FcRules
{
	int32_t		n;
	int32_t		columns;
	int32_t		most_bins;		/* of a column */
	FcRuleColumn *column;		/* (columns) */
	uint16_t   *bin;			/* (columns, n) */
	double	   *weight;			/* (n) of each row */
	double	   *total;			/* (n) its mass in all clusters */
	double	   *sorted;			/* (2, n) numbers, and their weights */
	double	   *mass;			/* (most_bins + 1) in a cluster, of each bin, or of those before it ... */
	double	   *all;			/* ... and in all clusters */
	int32_t    *outside;		/* (n) rows that are in no box yet ... */
	int32_t    *inside;			/* ... and those of them in the one at hand */
} FcRules;

/* n, columns and most_bins are known, the latter for categories: their values */
extern void fc_rules_layout(FcArena *a, FcRules *r);

/* Once the weights are there: a column of numbers, x (n), NaN where there is none; or of values of a category from 0, NaN likewise */
extern void fc_rules_numbers(FcRules *r, int32_t column, const double *x, const FcHooks *hooks);
extern void fc_rules_values(FcRules *r, int32_t column, const double *x, int32_t values);

/*
 * The rules of a cluster in which rows have these masses (n), by conditions on some of the
 * columns, (count); returns how many there are
 */
extern int	fc_rules_find(FcRules *r, const double *mass, const int32_t *columns, int32_t count,
						  const FcHooks *hooks, FcRule rule[FC_CLUSTER_RULES]);

/* Of a condition on numbers: they are above *low, and at most *high; either may be infinite */
extern void fc_rule_limits(const FcRules *r, const FcRuleCondition *c, double *low, double *high);

#endif

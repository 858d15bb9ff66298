/*
 * fuzzy_agreement.h - agreement of two fuzzy partitions of the same rows: see fuzzy_agreement.c
 */
#ifndef FC_FUZZY_AGREEMENT_H
#define FC_FUZZY_AGREEMENT_H

#include "core/fixed.h"

#define FC_MOST_AGREEMENTS	(1 << 20)	/* pairs of a cluster of one partition and one of the other: see fc_memberships_fit() */

/* Sums over rows: flat words, which merge by addition and do not depend on the order of the rows */
typedef struct FcFuzzyAgreement
{
	int32_t		k[2];			/* clusters of each partition, and noise */
	size_t		length;
	uint64_t   *words;			/* (length): all of the following */
	uint64_t   *rows;			/* (1) */
	FcFixed		sums;			/* (k[0], k[1]) of products of memberships, and others: see fuzzy_agreement.c */
	double	   *u[2];			/* (k) memberships of one row in each partition */
	double	   *term;			/* of one row, as many as are added at once */
} FcFuzzyAgreement;

typedef struct FcRand
{
	double		plain;			/* the share of the pairs of rows on which both partitions agree */
	double		adjusted;		/* for chance */
} FcRand;

/* Are there not too many for sums of all pairs of these numbers of clusters, without noise? */
extern bool fc_memberships_fit(int32_t first, int32_t second);

/* Of partitions with these numbers of clusters, which fit, without noise */
extern void fc_fuzzy_agreement_layout(FcArena *a, FcFuzzyAgreement *f, int32_t first, int32_t second);
extern void fc_fuzzy_agreement_begin(FcFuzzyAgreement *f, const FcHooks *hooks);

/* Makes *f a view of words, to which no rows can be added; there are fc_fuzzy_agreement_words() */
extern size_t fc_fuzzy_agreement_words(int32_t first, int32_t second);
extern void fc_fuzzy_agreement_view(FcFuzzyAgreement *f, int32_t first, int32_t second, uint64_t *words);

/* A row with memberships u and v, each in [0, 1], and a weight above 0 */
extern void fc_fuzzy_agreement_add(FcFuzzyAgreement *f, const double *u, const double *v, double weight, int isa);

/* Of the same numbers of clusters; "from" is settled, too */
extern void fc_fuzzy_agreement_merge(FcFuzzyAgreement *to, FcFuzzyAgreement *from);

/* What the indices need besides the sums */
typedef struct FcAgreementTable
{
	double	   *both;			/* (k[0], k[1]) the sums of products */
	double	   *total[2];		/* (k) memberships in the clusters of each partition */
} FcAgreementTable;

extern void fc_agreement_table_layout(FcArena *a, FcAgreementTable *t, const FcFuzzyAgreement *f);

/* Of at least one row */
extern FcRand fc_fuzzy_rand(const FcFuzzyAgreement *f, FcAgreementTable *t, const FcHooks *hooks);

#endif

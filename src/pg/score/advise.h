/*
 * advise.h - what the files of cluster_advise share
 */
#ifndef FUZZYCLUST_ADVISE_H
#define FUZZYCLUST_ADVISE_H

#include "pg/score/score.h"

#include "core/conductance.h"
#include "core/skew.h"
#include "core/structure.h"

#define FC_ADVISED		5		/* algorithms that are compared */
#define FC_ADVISE_MOST	100		/* clusters */

/* What is known of a feature, from the sample */
typedef struct AdvisedColumn
{
	const char *name;			/* NULL: it has none */
	bool		indicator;		/* of a value of a category */
	double		mean;
	double		deviation;
	double		range;
	double		skewness;
	FcPower		power;			/* of the scale on which it is least skewed */
} AdvisedColumn;

/* A sample of the rows */
typedef struct AdvisedRows
{
	int64		all;			/* rows of the query */
	RowStore	store;			/* of the sample, as it was read */
	int32		n;
	int32		d;				/* features */
	double	   *x;				/* (n, d) as an algorithm sees them: scaled, and without gaps */
	AdvisedColumn *column;		/* (d) */
	bool		gaps;
	bool		cosine;			/* rows have length 1 */
	bool		scaled;			/* columns have different units */
	int32		twins[2];		/* two columns that say the same; -1: there are none */
	double		correlation;	/* of these */
} AdvisedRows;

/* An algorithm with a number of clusters */
typedef struct Candidate
{
	const FcAlgorithm *algo;
	int32		k;
	int			cost;			/* the place of the algorithm among all, the fastest first */
	int32	   *label;			/* (n) clusters of the rows of the sample */
	double		separation;		/* NaN: there is no model, or a cluster without rows */
	double		stability;		/* NaN: not known */
	bool		judged;			/* has stability been asked for? */
} Candidate;

typedef struct Advice
{
	char	   *query;
	int32		k_min;
	int32		k_max;
	uint64		seed;
	const char *weight;			/* column, or NULL */
	AdvisedRows rows;
	FcConductance conductance;
	Candidate  *candidate;		/* (candidates) */
	int			candidates;
	int32		k;				/* that is advised; 0: none */
	bool		comparable;		/* rows could be compared with random ones; then: */
	bool		has_clusters;
	bool		only_tails;		/* ... but not on a scale on which columns are less skewed */
	FcStructureSigns signs;
} Advice;

/* ---- advise_rows.c ---- */

extern void fc_advise_read(Advice *a);
extern void fc_advise_compare(Advice *a);

/* ---- advise_models.c ---- */

extern void fc_advise_judge(Advice *a);
extern double fc_advise_score(const Candidate *c);
extern double fc_advise_seconds(const Advice *a, const Candidate *c);

/* ---- advise_words.c ---- */

extern char *fc_advise_options(const Advice *a, const FcAlgorithm *algo);
extern char *fc_advise_statement(const Advice *a, const Candidate *c, Oid function);
extern char *fc_advise_no_clusters(const Advice *a);
extern char *fc_advise_reason(const Advice *a, const Candidate *c, int rank);

#endif

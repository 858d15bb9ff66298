/*
 * validity.h - sums of rows for validity indices, in one pass
 */
#ifndef FC_VALIDITY_H
#define FC_VALIDITY_H

#include "core/fixed.h"
#include "core/indices.h"

/*
 * Sums over rows: flat words, which merge by addition and do not depend on the order
 * of the rows.  Lengths and squares have units that follow from the model.
 */
typedef struct FcValidity
{
	int32_t		k;
	int32_t		d;
	bool		noise;			/* of a model with noise: see noise.h */
	int32_t		exponent;		/* lengths are of about 2^exponent; their squares of its square */
	double		unit;			/* 2^-exponent ... */
	double		term_unit;		/* ... and what makes terms of lengths; both, one after the other, of their squares */
	size_t		length;
	uint64_t   *words;			/* (length): all of the following */
	uint64_t   *rows;			/* (1) */
	uint64_t   *count;			/* (k, or k + 2 with noise) rows in the cluster with the weight 1 ... */
	FcFixed		sums;			/* ... those of others, and more: see validity.c */
	double	   *term;			/* (3 + 3 k or 2 + d, and a pad) terms of one row, and then those for its cluster */
} FcValidity;

extern void fc_validity_layout(FcArena *a, FcValidity *v, int32_t k, int32_t d, bool noise);

extern size_t fc_validity_words(int32_t k, int32_t d, bool noise);
extern void fc_validity_view(FcValidity *v, int32_t k, int32_t d, bool noise, uint64_t *words);

/* No rows yet, of a model with these k and d, and noise or none */
extern void fc_validity_begin(FcValidity *v, const FcModel *m);
extern void fc_validity_use_units(FcValidity *v, const FcModel *m);
extern void fc_validity_add(FcValidity *v, FcScorer *s, const double *x, double weight);
extern void fc_validity_add_code(FcValidity *v, FcScorer *s, const double *x, FcScorer *codes, const double *z, double weight);

/* words as those of "to", which are settled, too */
extern void fc_validity_merge(FcValidity *to, uint64_t *words);
extern void fc_validity_sums(const FcValidity *v, const double *centers, FcIndexSums *to);

/* ---- the sums as bytes: validity_bytes.c ---- */

/* Do the bytes begin as such sums do? */
extern bool fc_validity_are(const void *bytes, size_t length);
extern size_t fc_validity_size(const FcValidity *v);

/* "model" tells models apart; the sums become canonical */
extern void fc_validity_write(FcValidity *v, uint64_t model, void *bytes);

/*
 * *v becomes a view of bytes aligned to 8, in which it can be merged; fc_validity_close()
 * makes bytes of it again.  Trusts nothing: FC_NOT_STATISTICS, FC_NEWER_STATISTICS or
 * FC_DAMAGED_STATISTICS.
 */
extern FcStatus fc_validity_open(FcValidity *v, uint64_t *model, void *bytes, size_t length);
extern void fc_validity_close(FcValidity *v);

#endif

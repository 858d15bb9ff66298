/*
 * step.h - one step of a training where the rows are: from the bytes of a model and rows to statistics
 *
 *		FcStep		step;
 *
 *		status = fc_step_open(&step, bytes, length);		-- aligned to 8; they stay where they are
 *		if (precision is to be another one) step.precision = ...
 *		fc_step_layout(&arena, &step);						-- twice: to count, and to place
 *		fc_step_begin(&step, fc_best_isa(), &hooks);		-- once it is placed
 *		fc_step_statistics(&step, &s, memory, capacity);	-- or fc_statistics_open(), and fc_step_fits()
 *		while (rows are left)
 *			status = fc_step_add(&step, &s, x, stride, rows, weight, &done);
 *		length = fc_statistics_finish(&s);
 *
 * The same rows give the same bytes whatever calls they came in, and in whatever order.
 */
#ifndef FC_STEP_H
#define FC_STEP_H

#include "core/statistics.h"

typedef struct FcStep
{
	/* from fc_step_open(); the caller may change the precision, and what is gathered, before the layout */
	FcModel		model;			/* as read; from fc_step_begin() on, centers are those of x' */
	FcPrecision precision;		/* of the rows, and of distances and weights */
	int			gather;			/* FC_GATHER_... */
	bool		is_plain;		/* the bytes are those of a model */
	int32_t		stage;			/* of the kernel: see FcKernel.stages */
	uint64_t	hash;			/* of the bytes */
	const char *header;			/* of a step model, or NULL: see step_bytes.c */

	/* from fc_step_layout() and fc_step_begin() */
	const FcKernel *kernel;
	FcMetric	metric;
	FcWeighing	weighing;
	FcHooks		hooks;
	const double *shift;		/* (d) x' = (x - shift) * factor, rounded to the precision; or NULL: x */
	const double *factor;		/* (d) or NULL: 1 */
	double	   *origin;			/* (d) shift of a model that is not scaled */
	double	   *centers;		/* (k, d) of x' */
	int32_t    *exponents;		/* (FC_EXPONENTS + d): see statistics.h */
	int32_t		term_exponent;	/* of rows' parts of the objective as the kernel measures it, which may be in other units */
	int32_t		tile;			/* rows at once */
	struct FcStepWork *work;	/* see step.c */
} FcStep;

/*
 * Makes *s a view of the bytes of a step model or of a model, which are those of the
 * memory: trusts nothing.  Errors are those of fc_model_read(), and FC_NO_STEP: models of
 * this algorithm have no steps.  Of a model, everything is gathered; gaps, where features of its rows may be missing.
 */
extern FcStatus fc_step_open(FcStep *s, void *bytes, size_t length);
extern bool fc_step_is(const void *bytes, size_t length);
extern bool fc_step_supports(const FcAlgorithm *algo);
extern bool fc_step_has_gaps(const FcModel *m);
extern uint64_t fc_step_hash(const void *bytes, size_t length);
extern void fc_step_layout(FcArena *a, FcStep *s);
extern void fc_step_begin(FcStep *s, int isa, const FcHooks *hooks);

/* New statistics in memory of at least fc_step_statistics_size() bytes; and are these of this step? */
extern size_t fc_step_statistics_size(const FcStep *s);
extern void fc_step_statistics(const FcStep *s, FcStatistics *to, void *memory, size_t capacity);
extern bool fc_step_fits(const FcStep *s, const FcStatistics *of);

/*
 * Adds rows of a block: x (d, stride) in the step's precision, as read, but of length 1 where the distance is 1 - cos, and NaN where a
 * feature is missing, of a step that gathers FC_GATHER_GAPS, but not all of a row; weight (rows) of each, finite and not negative, or NULL: all 1.
 * *done rows were added.  FC_TOO_LITTLE_ROOM: enlarge the memory to to->needed and call again
 * with the other rows.  FC_TOO_MANY_ROWS: they cannot be counted.  FC_DIVERGED: row *done has no
 * finite weights.
 */
extern FcStatus fc_step_add(FcStep *s, FcStatistics *to, const void *x, int64_t stride, int32_t rows,
							const double *weight, int32_t *done);

/* ---- making a step model ---- */

/* What a step model has besides the model */
typedef struct FcStepPlan
{
	FcPrecision precision;		/* of the rows */
	int			gather;			/* FC_GATHER_SUMS, or FC_GATHER_SIZES, or both; and FC_GATHER_GAPS, or not */
	int32_t		stage;			/* of the kernel, FcFit.stage */
	const double *offset;		/* (k) FcWeighing.offset, or NULL: all 0 */
	const double *shift;		/* (d) FcFit.offset: what is subtracted from rows of a model that is not scaled; or NULL */
	const int32_t *exponent;	/* (d) |x'_j| < 2^exponent[j] for most rows; NULL: from the model */
	int32_t		weight_exponent;	/* of the largest weight of a row: weights of its update are below 2^(1 + this) */
} FcStepPlan;

/*
 * The model's history, names and lists are left out; all its other arrays must have been set.  plan NULL: what fc_step_open() finds for a
 * model, whose centers become relative.  buf is aligned to 8; hooks may longjmp.
 */
extern size_t fc_step_size(const FcModel *m, const FcStepPlan *plan);
extern void fc_step_write(const FcModel *m, const FcStepPlan *plan, const FcHooks *hooks, void *buf);

/* Of numbers low to high, which may be -0 or infinite: exponent e with |x| < 2^e, within the limits of a grid */
extern int32_t fc_step_exponent(double low, double high);

#endif

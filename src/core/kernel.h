/*
 * kernel.h - the interface between engine and kernels, and the block
 * operations
 *
 * Tables marked [isa][precision] contain variants (see variants.h), indexed by
 * FcIsa and FcPrecision; void pointers are to features of that precision.
 */
#ifndef FC_KERNEL_H
#define FC_KERNEL_H

#include "core/fc.h"
#include "core/variants.h"

#define FC_PRODUCTS		(1 << 27)	/* of features: a few milliseconds between checks */

/*
 * distance: out[c * ostride + i] = |x_i - v_c|^2 for "lanes" rows; x is a
 * (d, xstride) block, v is (k, d).
 * accumulate: sum[c * d + j] += sum_i w[c * wstride + i] x[j * xstride + i]
 * and weight[c] += sum_i w[c * wstride + i].
 * add_rows: sum[nearest[i] * sstride + j] += x[j * xstride + i] and weight[nearest[i]] += 1, for
 * "rows" rows, in their order or in parts of that; x has FC_LANES rows, or a multiple of that.
 * nearest: of the distances at[c * stride + i], the least and its first c.
 * assign: the same of |x_i - v_c|^2 as distance gives it, for centers first .. last - 1 of v;
 * from 1 on, "least" and "nearest" are of those before.  At most FC_TILE lanes.
 * compare: the same for centers whose numbers are number[c], or c if it is NULL, and rows that have a
 * nearest center before the first of them; second[i] becomes the least distance to another one.
 * relative: y[j * stride + i] = x[j * xstride + i] - v[j], and wy = w[i] times
 * that; without w, y only.
 * scale: out[j * ostride + i] = (x[j * xstride + i] - shift[j]) * factor[j]; without factor, x - shift.
 * weigh: out[j * ostride + i] = x[j * xstride + i] * weight[i], which may be in place.
 */
typedef struct FcBlockOps
{
	void		(*distance) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
							 const void *v, int32_t k, void *out, int32_t ostride);
	void		(*accumulate) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
							   const void *w, int32_t wstride, int32_t k,
							   double *sum, double *weight);
	void		(*add_rows) (const void *x, int64_t xstride, int32_t rows, int32_t d,
							 const int32_t *nearest, int32_t k, double *sum, int32_t sstride, double *weight);
	void		(*nearest) (const void *at, int32_t stride, int32_t lanes, int32_t k,
							void *least, int32_t *nearest);
	void		(*assign) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
						   const void *v, int32_t first, int32_t last, void *least, int32_t *nearest);
	void		(*compare) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
							const void *v, const int32_t *number, int32_t first, int32_t last,
							void *least, int32_t *nearest, void *second);
	void		(*relative) (const void *x, int64_t xstride, int32_t lanes, int32_t d, const void *v,
							 const void *w, void *y, void *wy, int32_t stride);
	void		(*scale) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
						  const double *shift, const double *factor, void *out, int64_t ostride);
	void		(*weigh) (const void *x, int64_t xstride, int32_t lanes, int32_t d, const double *weight,
						  void *out, int64_t ostride);
} FcBlockOps;

extern const FcBlockOps *fc_block_ops(int isa, FcPrecision precision);

/* ---- metric.c: distances as a kernel measures them ---- */

typedef struct FcMetric
{
	const FcModel *model;
	const FcBlockOps *ops;
	int			isa;
	FcPrecision precision;
	int32_t		k;
	int32_t		groups;			/* k, and one more if the model has noise: see noise.h */
	double		noise;			/* its squared distance to every row, in their precision; NaN: there is none */
	int32_t		d;
	int32_t		tile;			/* rows at once, a multiple of FC_LANES */
	void	   *v;				/* (k, d) centers, as the metric needs them */
	void	   *y;				/* (d, tile) rows relative to a center, or transformed */
	const double *share;		/* (d) see FcColumns.share: distances are partial ones; or NULL */
	void	   *private_data;	/* what private_layout() of the kernel made */
	FcHooks		hooks;			/* for distances that take long */
	bool		one_row;		/* only the first lane counts: see score.c */
} FcMetric;

extern void fc_metric_layout(FcArena *a, FcMetric *t, const FcModel *m, FcPrecision precision, int32_t tile);
extern void fc_metric_load(FcMetric *t);
extern void fc_metric_euclidean(const FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride);
extern int32_t fc_clusters_at_once(const FcMetric *t, int32_t lanes);
extern void fc_metric_distances(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride);
extern void fc_metric_assign(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *least, int32_t *nearest);

/* ---- kernels ---- */

/* What weights depend on besides distances */
typedef struct FcWeighing
{
	double		parameters[FC_MAX_PARAMETERS];
	const FcModel *model;		/* whose clusters these are, for what a kernel has learned of each */
	double	   *offset;			/* (k) logarithms of what weights are divided by; not with noise */
	double	   *mass;			/* (k) sums of memberships, where weights() adds them; likewise */
	double	   *terms;			/* (rows) parts of the objective, one a row, for who wants them; or NULL */
	const double *row_weight;	/* (lanes) how often a row counts in mass and objective; NULL: once */
} FcWeighing;

/*
 * Turns the distances of "rows" rows to k centers, at[c * stride + i], the last of which
 * may be noise, into weights or memberships in place, and returns the rows' part of the
 * objective.  Works on "lanes" rows, a multiple of FC_LANES, so that its loops
 * fill whole registers; the contents of the lanes beyond "rows" are ignored.
 */
typedef double (*FcWeigh) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k);
typedef const FcWeigh (*FcWeighTable)[2];	/* [isa][precision] */

/*
 * Memberships u (k) of one row in double precision, from its distances, whose
 * least one is finite: the same as those of an FcWeigh to the bit.  Both have
 * whole lanes, where distances beyond k are infinite.
 */
typedef void (*FcWeighRow) (const double *distance, double least, int32_t k, double *u);

/* Distances of "lanes" rows to all centers, at[c * stride + i]; not to noise */
typedef void (*FcDistances) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride);

/* Of distances that are not squared Euclidean; all may be NULL */
typedef struct FcMetricHooks
{
	void	   *(*private_layout) (FcArena *a, const FcModel *m);	/* of FcMetric.private_data */
	void		(*load_centers) (FcMetric *t);	/* into the metric; else as they are */

	/*
	 * Of the distance of a scaled row to center c, in double precision, the part of each feature (d);
	 * what is returned belongs to none.  work is (d).  NULL: distances are no such sum.
	 */
	double		(*parts) (const FcModel *m, const double *x, int32_t c, double *part, double *work);
	double		(*of_squared) (const FcModel *m, int32_t c, double squared);	/* the distance to center c of a row with this squared Euclidean distance; NULL: the same, or unknown */
	double		(*typicality) (const FcModel *m, double distance);	/* between 0 and 1, of a row at this distance, whatever its other distances are; NULL: unknown */
} FcMetricHooks;

struct FcEngine;

/* Several starts.  See fc_restarts() */
typedef struct FcRestarts
{
	int32_t		on_sample;		/* how many where they are tried on a sample; 0: one ... */
	int32_t		on_few_rows;	/* ... or on all rows, which are few */
	bool		early;			/* they are compared before they have converged, since iterations are dear and many */
	bool		(*compare) (const FcModel *m);	/* does this model tell which start is better?  Else there is one; NULL: yes */
	bool		(*is_better) (struct FcEngine *e);	/* is the start that ended last better than FcEngine.best, of which FcFit.doubts are?  NULL: its objective is lower */
} FcRestarts;

/* Of options that were found from the data; all may be NULL */
typedef struct FcFoundHooks
{
	void		(*follow_noise) (struct FcEngine *e);	/* those that are found from the distance of noise, which has been found or is another one now */
	bool		(*sharpen) (struct FcEngine *e);	/* centers coincide: makes memberships crisper, for the next training; false: it does not */
} FcFoundHooks;

/* Besides weights and memberships all may be NULL or false */
struct FcKernel
{
	const FcWeigh (*weights)[2];	/* [isa][precision]; for the update of the centers */
	const FcWeigh (*memberships)[2];	/* [isa][precision]; adding up to 1 */
	void		(*set_parameters) (const FcModel *m, double *parameters);	/* of both, from the model */
	FcWeighTable (*scoring_memberships) (const FcModel *m);	/* of this model, when it scores rows; or NULL: as above */

	const FcWeighRow *(*row_memberships) (const FcModel *m);	/* [isa]; where one row has a faster way, or NULL */

	/* distances, if they are not squared Euclidean */
	const FcDistances (*distances)[2];	/* [isa][precision] */
	FcMetricHooks metric;
	double		(*length) (const FcModel *m, int32_t c, double distance);	/* for people; else the root */

	/* training */
	const FcKernel *const *stages;	/* kernels in place of this one for a while, with its distances: FcFit.stage counts them from 1; ends with NULL */
	bool		is_crisp;		/* weights and memberships are 1 for the nearest center, else 0; distances are Euclidean */
	bool		sums_distances;	/* the objective is the sum of weights times distances */
	bool		reseeds_empty;	/* an empty cluster moves to the farthest row */
	bool		accelerates;	/* passes take place at mixtures of the last centers (anderson.c): a step must never raise the objective */
	bool		tries_on_sample;	/* starts begin on a sample (sample_start.c): there is no schedule */
	FcRestarts	restarts;		/* where the option is not given */
	bool		has_means;		/* centers are means of the clusters, set when all is done */
	bool		has_shapes;		/* clusters have a covariance: sums of squares are gathered */
	void	   *(*scratch_layout) (FcArena *a, const FcFit *f);	/* of FcEngine.scratch */
	FcStatus	(*resolve_options) (struct FcEngine *e);	/* those that are found from the data */
	FcFoundHooks found;
	FcStatus	(*first_centers) (struct FcEngine *e, int32_t restart);	/* else fc_first_centers() */
	FcStatus	(*optimize) (struct FcEngine *e);	/* from the first centers to the last; else fc_engine_descend() */
	FcStatus	(*go_on) (struct FcEngine *e);	/* likewise on all rows, from the best start on a sample; else fc_engine_descend() */
	FcStatus	(*after_pass) (struct FcEngine *e);	/* before the centers move */
	void		(*diagnose) (struct FcEngine *e);	/* doubts about the best start, into the FcFit */
};

/* From here on weights are those of this model; and whenever it has changed */
static inline void
fc_weighing_load(FcWeighing *g, const FcModel *m)
{
	g->model = m;
	if (m->algo->kernel->set_parameters)
		m->algo->kernel->set_parameters(m, g->parameters);
}

#endif

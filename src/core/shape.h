/*
 * shape.h - covariance matrices of clusters
 */
#ifndef FC_SHAPE_H
#define FC_SHAPE_H

#include "core/pass.h"

/*
 * The arrays that such a model has; volume is the factor or summand that an
 * algorithm combines with the Mahalanobis distance
 */
#define FC_FACTOR(m)	((m)->own.extra[0]) /* (k, d, d) lower L, row-major: covariance F = L L' */
#define FC_VOLUME(m)	((m)->own.extra[1]) /* (k) */
#define FC_SHAPE_ARRAYS	2

/* An option of algorithms with such clusters */
#define FC_REGULARIZATION { \
		.name = "regularization", .type = FC_NUMBER, .initial = 0, .min = 0, .max = 1, \
		.help = "share of a sphere in every covariance matrix; a value above 0 helps with few or collinear rows" \
	}

/* The scratch of a training of such clusters: FcEngine.scratch */
typedef struct FcShapes
{
	double	   *work;			/* (FC_SYMMETRIC_WORK(d)) a factor, or what eigenvalues take ... */
	double	   *lambda;			/* (d) ... and these */
	double	   *unit;			/* (d) standard deviations of the features */
	double		sphere;			/* variance of the sphere that regularizes covariances */
	int32_t		singular;		/* covariances of the last update whose eigenvalues were raised */
} FcShapes;

extern int	fc_shape_arrays(FcModel *m, FcArray *extra);
extern bool fc_shape_check(const FcModel *m);
extern void *fc_shape_layout(FcArena *a, const FcFit *f);
extern void fc_shape_spherical(FcModel *m, double volume);
extern void fc_shape_begin(FcEngine *e, double regularization);
extern int32_t fc_shape_extent(FcEngine *e);
extern void fc_shape_measure(FcEngine *e, double regularization, double *work);
extern bool fc_shape_start(FcEngine *e);
extern void fc_shape_update(FcEngine *e, double regularization, void (*set_volume) (FcModel *m, int32_t c));
extern int32_t fc_shape_thin(const FcEngine *e);
extern void fc_shape_diagnose(FcEngine *e);
extern double fc_shape_log_determinant(const FcModel *m, int32_t c);
extern bool fc_shapes_coincide(const FcModel *m, int32_t a, int32_t b, double share, double *work);
extern void fc_shape_covariance(const FcModel *m, int32_t c, double *out);

/* Squared Mahalanobis distances |L^-1 (x - v)|^2 times a cluster's volume, and half of them plus the volume */
extern const FcDistances fc_distances_times_volume[FC_ISAS][2];
extern const FcDistances fc_distances_plus_volume[FC_ISAS][2];

/* Their parts: see FcMetricHooks.parts */
extern double fc_parts_times_volume(const FcModel *m, const double *x, int32_t c, double *part, double *work);
extern double fc_parts_plus_volume(const FcModel *m, const double *x, int32_t c, double *part, double *work);

#endif

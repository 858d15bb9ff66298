/*
 * method.h - a method of deep clustering
 *
 * An autoencoder learns codes of the rows; the other methods continue from
 * there and train codes and centers together.  A method is a file with a table
 * of options, an FcDeepMethod and an FcAlgorithm, which begins with
 * FC_DEEP_ALGORITHM, and whose kernel begins with FC_DEEP_KERNEL.  All else is
 * shared:
 *
 *	network.c	the networks specified by the options of a model
 *	model.c		arrays of a model, their sizes, is it whole?
 *	distance.c	distances of a code to the clusters of a model
 *	use.c		a model and a row: code, distances, reconstruction
 *	advice.c	errors and notices of a training
 *
 *	step.c		batches that members of a team share
 *	rows.c		rows in any order for training, and in their own order for a refresh
 *	epochs.c	epochs: steps, the optimizer, the course of it; the first phase
 *	joint.c		codes of rows and of their neighbours, by two encoders
 *	targets.c	labels and targets of all rows
 *	means.c		k-means on codes
 *	groups.c	clusters of codes by the graph of their neighbours
 *	choice.c	which of the two is better
 *	start.c		the first clusters of codes
 *	variational.c	codes and clusters that are distributions
 *	cluster.c	the second phase: codes and centers learn together
 *	refine.c	the third phase: a classifier learns the clusters
 *	state.c		a training as bytes, to resume from
 *	fit.c		a training from the first phase to the result; what other members of a team do
 *
 * Each calls only those above it.  The first five know a model and nothing of
 * training, whose work space is in training.h.
 */
#ifndef FC_DEEP_METHOD_H
#define FC_DEEP_METHOD_H

#include "core/kernel.h"
#include "deep/options.h"
#include "nn/loss.h"

/* A step on a batch, for the loss of a method */
typedef struct FcDeepLoss
{
	const FcModel *model;
	FcCodes		codes;			/* of the batch */
	const FcReal *p;			/* (n, k) targets of its rows */
	double		weight;			/* of the loss beside the decoder's */
	FcReal	   *q;				/* (n, k) work space */
	FcReal	   *s;				/* (n, k) work space; pull() makes gradients of it */
	FcReal	   *dz;				/* (n, latent) to be found */
	FcReal	   *dv;				/* (k, latent) to be found, or NULL */
	double		progress;		/* share of the phase's epochs that are over */
	const FcReal *logs;			/* (n, latent) logarithms of the variances of codes, or NULL */
	FcReal	   *dlogs;			/* (n, latent) to be found, or NULL */
} FcDeepLoss;

/* After a step on a batch, for a method whose centers learn in a way of its own */
typedef struct FcDeepMove
{
	const FcModel *model;
	FcCodes		codes;			/* of the whole batch, before the step, among v */
	const FcReal *q;			/* (n, k) memberships, and ... */
	const FcReal *s;			/* (n, k) ... forces that the loss left */
	FcReal	   *dv;				/* (k, latent) work space */
	FcReal	   *kept;			/* (k, latent) of the method: 0 when the phase begins, and never touched by others */
	FcReal	   *v;				/* (k, latent) to be moved */
} FcDeepMove;

/*
 * Of a method whose clusters and codes are normal distributions: FcCodes.more are "count"
 * numbers, first (k, 1 + latent) logarithms of weights and variances of the clusters,
 * last the logarithm of the decoder's variance; in between is what else it learns
 */
typedef struct FcDeepVariational
{
	int64_t		(*count) (int32_t k, int32_t latent);
	void		(*spread) (const FcCodes *c, FcReal *logs);	/* (n, latent) logarithms of the variances of codes */
	void		(*chain) (const FcCodes *c, const FcReal *dlogs, FcReal *dz);	/* adds to the gradient of codes what that of the logarithms adds */
	void		(*learn) (const FcCodes *c, const FcReal *s, const FcReal *logs, const FcReal *dlogs, FcReal *dv, FcReal *dmore);	/* gradients of centers and all else, by what the loss left */
	void		(*distances) (const FcModel *m, const FcReal *z, double *at);	/* (k) of a code, for scoring */
	double		(*density) (const FcModel *m, const FcReal *z, double squares);	/* its logarithm, of a row with this code, whose squared distance to its reconstruction is given */
	void		(*draw) (const FcModel *m, int32_t c, FcRng *rng, FcReal *z);	/* z (latent) of cluster c */
} FcDeepVariational;

typedef struct FcDeepMethod
{
	bool		decodes;		/* the decoder is still trained in the second phase */
	bool		sharpens;		/* targets are fc_target() of memberships, else these themselves */
	bool		starts_crisp;	/* the first targets are the first clusters, not memberships */
	bool		unit_centers;	/* centers have unit length */
	bool		has_weights;	/* dimensions have weights: FC_DEEP_WEIGHTS */

	/* Positions of options; 0: the method does not have them */
	int			neighbors;		/* rows whose codes are joined with the row's own */
	int			loss_weight;	/* relative to the loss of the decoder, which has 1; else 1, too */
	int			distance_scale; /* of squared distances within the loss; else 1 */
	int			random_centers; /* if not 0: the first centers are random directions */
	int			alternates;		/* if not 0: codes and centers learn by its loss in turns, an epoch each, codes first */

	/* Without a loss there is no second phase */
	double		(*loss) (const FcDeepLoss *l);
	void		(*pull) (const FcCodes *c, const FcReal *s, FcReal *dz, FcReal *dv);	/* the gradients, by the s that it left; either may be NULL */
	void		(*memberships) (const FcModel *m, const FcCodes *c, FcReal *q);	/* adding up to 1 */
	void		(*similarities) (const FcModel *m, const FcCodes *c, FcReal *q);	/* from which targets and weights are made; NULL: memberships */
	double		(*weight_exponent) (const FcModel *m);	/* of memberships in the weights of dimensions; 0: these stay equal */
	void		(*center_weights) (const FcModel *m, const FcCodes *c, const FcReal *p, FcReal *weight);	/* of codes in centers, which are means of refreshes; or NULL: centers learn in each step */
	void		(*move_centers) (const FcDeepMove *move);	/* or NULL: the optimizer does, by pull() */
	const FcDeepVariational *variational;	/* or NULL: codes are points */
	double		(*head_loss) (const FcDeepLoss *l);	/* of a classifier with the method's own head; or NULL: as above */
} FcDeepMethod;

static inline const FcDeepMethod *
fc_deep_method(const FcModel *m)
{
	return m->algo->method;
}

/* The value of an option that a method may have, see FcDeepMethod */
static inline double
fc_deep_option(const FcModel *m, int position, double otherwise)
{
	return position > 0 ? m->option[position] : otherwise;
}

struct FcNet;
struct FcBatch;

/* ---- shared by all methods ---- */

/* model.c */
extern int	fc_deep_arrays(FcModel *m, FcArray *extra);
extern bool fc_deep_check(const FcModel *m);
extern const double *fc_deep_feature_weights(const FcModel *m, int32_t *width);
extern void fc_deep_permute_outputs(const struct FcNet *net, int32_t k, float *parameters, const int32_t *place, int32_t *work);
extern void fc_deep_permute(FcModel *m, const int32_t *place, int32_t *work);
extern FcStatus fc_deep_begin(FcFit *f);

/* advice.c */
extern const FcAdviceHooks fc_deep_advice;

/* fit.c */
extern void *fc_deep_layout(FcArena *a, const FcFit *f);
extern FcStatus fc_deep_fit(FcFit *f, void *work);
extern const FcEpochHooks fc_deep_epoch_hooks;
extern const struct FcTeamHooks fc_deep_team;

/* use.c */
extern void fc_deep_pack_from_second_row(struct FcBatch *b, int *rows);
extern void *fc_deep_use_layout(FcArena *a, const FcModel *m);
extern void fc_deep_load(FcMetric *t);
extern const FcDistances fc_deep_distances[FC_ISAS][2];
extern const FcWeigh fc_deep_exponentials[FC_ISAS][2];
extern FcWeighTable fc_deep_scoring_memberships(const FcModel *m);
extern const FcNetworkHooks fc_deep_network_hooks;

#define FC_DEEP_TRAITS	(FC_EMBEDS | FC_NEEDS_OPTIONS | FC_SHUFFLES | FC_SPILLS | FC_CONTINUES)

#define FC_DEEP_ALGORITHM \
	.history = FC_DEEP_HISTORY, FC_DEEP_COMMON, .arrays = fc_deep_arrays, .check = fc_deep_check, .permute = fc_deep_permute, \
	.begin = fc_deep_begin, .layout = fc_deep_layout, .fit = fc_deep_fit, .team = &fc_deep_team, \
	.epochs = &fc_deep_epoch_hooks, .network = &fc_deep_network_hooks, .advice = &fc_deep_advice
#define FC_DEEP_KERNEL \
	.distances = fc_deep_distances, .metric.private_layout = fc_deep_use_layout, .metric.load_centers = fc_deep_load, \
	.scoring_memberships = fc_deep_scoring_memberships

#endif

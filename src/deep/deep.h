/*
 * deep.h - what the methods that train a network have in common
 *
 * An autoencoder learns codes of the rows; the other methods go on from there
 * and learn codes and centers together.  A method is a file with a table of
 * options and an FcDeepMethod; everything else is in
 *
 *	fit.c			the net that options ask for, the arrays of a model, memory, fit
 *	rows.c		rows in any order for training, and in their own for a look at all
 *	epochs.c	epochs: steps, the optimizer, the course of it
 *	start.c	the first clusters of codes
 *	cluster.c	the second phase: targets, refresh, guard, when to stop
 *	joint.c	codes of rows and of their neighbours, by two encoders
 *	classifier.c	the net that learns the clusters in the third phase
 *	refine.c	the third phase: a classifier that learns the clusters
 *	state.c	a training as bytes, to go on from another day
 *	use.c		a model and a row: code, distances, reconstruction
 *
 * Letters besides those of fc.h: m latent numbers of a code, z codes.
 */
#ifndef FC_DEEP_H
#define FC_DEEP_H

#include "core/column.h"
#include "core/distinct.h"
#include "core/kernel.h"
#include "nn/affine.h"
#include "nn/graph.h"
#include "nn/net.h"
#include "nn/optimizer.h"

/* ---- options ---- */

/* Of all methods, in this order ... */
enum
{
	FC_DEEP_HIDDEN,
	FC_DEEP_LATENT,
	FC_DEEP_NETWORK,
	FC_DEEP_SHAPE,
	FC_DEEP_NORMALIZE,
	FC_DEEP_DROPOUT,
	FC_DEEP_PRETRAIN_EPOCHS,
	FC_DEEP_BATCH_SIZE,
	FC_DEEP_LEARNING_RATE,
	FC_DEEP_OPTIMIZER,
	FC_DEEP_SHIFT,
	FC_DEEP_ROTATION,
	FC_DEEP_ZOOM,
	FC_DEEP_START,
	FC_DEEP_OWN,				/* ... an autoencoder has no more */

	/* of those that cluster */
	FC_DEEP_EPOCHS = FC_DEEP_OWN,
	FC_DEEP_CLUSTER_RATE,
	FC_DEEP_REFRESH,
	FC_DEEP_LABEL_TOLERANCE,
	FC_DEEP_SMOOTHING,
	FC_DEEP_REFINE,
	FC_DEEP_REFINE_HEAD,
	FC_DEEP_REFINE_EPOCHS,
	FC_DEEP_REFINE_BATCH_SIZE,
	FC_DEEP_REFINE_RATE,
	FC_DEEP_REFINE_DROPOUT,
	FC_DEEP_REFINE_AUGMENT,
	FC_DEEP_CLUSTER_OWN
};

enum
{
	FC_DENSE,
	FC_CONV
};

enum
{
	FC_L2,
	FC_NO_NORM
};

enum
{
	FC_ADAM,
	FC_SGD
};

enum
{
	FC_START_GRAPH,
	FC_START_KMEANS
};

enum
{
	FC_REFINE_NONE,
	FC_SELFLABEL
};

enum
{
	FC_HEAD_SOFTMAX,
	FC_HEAD_OWN
};

extern const char *const fc_deep_networks[];
extern const char *const fc_deep_norms[];
extern const char *const fc_deep_optimizers[];
extern const char *const fc_deep_starts[];
extern const char *const fc_deep_refinements[];
extern const char *const fc_deep_heads[];
extern const FcOption fc_deep_max_iterations;

/* The first rows of a table; start is where the codes' first clusters come from, norms how codes may be scaled */
#define FC_DEEP_OPTIONS(first_start, norms, last_norm) \
	[FC_DEEP_HIDDEN] = { \
		.name = "hidden", .type = FC_LIST, .min = 1, .max = FC_MAX_COLUMNS, \
		.help = "widths of the encoder's hidden layers (the decoder has them in reverse order); default: 256, 256, 512" \
	}, \
	[FC_DEEP_LATENT] = { \
		.name = "latent", .type = FC_INTEGER, .initial = NAN, .min = 1, .max = 1024, \
		.help = "length of a code; default: 10, but at most the number of features" \
	}, \
	[FC_DEEP_NETWORK] = { \
		.name = "network", .type = FC_CHOICE, .initial = FC_DENSE, .min = FC_DENSE, .max = FC_CONV, \
		.choices = fc_deep_networks, \
		.help = "type of layers: dense, or conv (convolutional; requires shape, with sides that are multiples of 4)" \
	}, \
	[FC_DEEP_SHAPE] = { \
		.name = "shape", .type = FC_LIST, .min = 1, .max = FC_MAX_COLUMNS, \
		.help = "channels, height and width, if rows are images; default: not images" \
	}, \
	[FC_DEEP_NORMALIZE] = { \
		.name = "norm", .type = FC_CHOICE, .initial = FC_L2, .min = FC_L2, .max = (last_norm), \
		.choices = (norms), \
		.help = "l2: codes are normalized to unit length" \
	}, \
	[FC_DEEP_DROPOUT] = { \
		.name = "dropout", .type = FC_NUMBER, .initial = 0, .min = 0, .max = 0.9, \
		.help = "fraction of the features dropped at random while a dense network is trained" \
	}, \
	[FC_DEEP_PRETRAIN_EPOCHS] = { \
		.name = "pretrain_epochs", .type = FC_INTEGER, .initial = 150, .min = 0, .max = 100000, \
		.help = "number of passes over the rows for training the autoencoder" \
	}, \
	[FC_DEEP_BATCH_SIZE] = { \
		.name = "batch_size", .type = FC_INTEGER, .initial = 256, .min = 1, .max = 65536, \
		.help = "rows per optimizer step (at most the number of rows)" \
	}, \
	[FC_DEEP_LEARNING_RATE] = { \
		.name = "learning_rate", .type = FC_NUMBER, .initial = 1e-3, .min = 0, .max = 1e6, \
		.help = "learning rate while the autoencoder is trained" \
	}, \
	[FC_DEEP_OPTIMIZER] = { \
		.name = "optimizer", .type = FC_CHOICE, .initial = FC_ADAM, .min = FC_ADAM, .max = FC_SGD, \
		.choices = fc_deep_optimizers, \
		.help = "adam, or sgd with momentum 0.9" \
	}, \
	[FC_DEEP_SHIFT] = { \
		.name = "shift", .type = FC_NUMBER, .initial = 0.1, .min = 0, .max = 1, \
		.help = "during training, images are shifted by up to this fraction of their sides" \
	}, \
	[FC_DEEP_ROTATION] = { \
		.name = "rotation", .type = FC_NUMBER, .initial = 10, .min = 0, .max = 180, \
		.help = "during training, images are rotated by up to this many degrees" \
	}, \
	[FC_DEEP_ZOOM] = { \
		.name = "zoom", .type = FC_NUMBER, .initial = 0, .min = 0, .max = 0.9, \
		.help = "during training, images are enlarged or shrunk by up to this fraction" \
	}, \
	[FC_DEEP_START] = { \
		.name = "start", .type = FC_CHOICE, .initial = (first_start), .min = FC_START_GRAPH, .max = FC_START_KMEANS, \
		.choices = fc_deep_starts, \
		.help = "how the codes are first clustered: graph (from the graph of nearest neighbours), or kmeans" \
	}

/* The rows that follow in the table of a method that clusters */
#define FC_DEEP_CLUSTER_OPTIONS(epochs, rate, rounds) \
	[FC_DEEP_EPOCHS] = { \
		.name = "epochs", .type = FC_INTEGER, .initial = (epochs), .min = 0, .max = 100000, \
		.help = "maximum number of passes over the rows in which codes and centers are trained together" \
	}, \
	[FC_DEEP_CLUSTER_RATE] = { \
		.name = "cluster_rate", .type = FC_NUMBER, .initial = (rate), .min = 0, .max = 1e6, \
		.help = "learning rate while codes and centers are trained together" \
	}, \
	[FC_DEEP_REFRESH] = { \
		.name = "refresh", .type = FC_INTEGER, .initial = 1, .min = 1, .max = 100000, \
		.help = "number of epochs between refreshes, which recompute the targets in a full pass over all rows" \
	}, \
	[FC_DEEP_LABEL_TOLERANCE] = { \
		.name = "label_tolerance", .type = FC_NUMBER, .initial = 0.001, .min = 0, .max = 1, \
		.help = "stop when at most this fraction of the rows changes cluster between two refreshes" \
	}, \
	[FC_DEEP_SMOOTHING] = { \
		.name = "smoothing", .type = FC_INTEGER, .initial = (rounds), .min = 0, .max = 1000, \
		.help = "number of rounds in which targets are averaged with those of the 10 nearest neighbours" \
	}, \
	[FC_DEEP_REFINE] = { \
		.name = "refine", .type = FC_CHOICE, .initial = FC_REFINE_NONE, .min = FC_REFINE_NONE, .max = FC_SELFLABEL, \
		.choices = fc_deep_refinements, \
		.help = "none, or selflabel: a classifier is trained on the clusters, then on its own labels, and scores the rows" \
	}, \
	[FC_DEEP_REFINE_HEAD] = { \
		.name = "refine_head", .type = FC_CHOICE, .initial = FC_HEAD_SOFTMAX, .min = FC_HEAD_SOFTMAX, .max = FC_HEAD_OWN, \
		.choices = fc_deep_heads, \
		.help = "output of the classifier: softmax, or own (the method's memberships around centers)" \
	}, \
	[FC_DEEP_REFINE_EPOCHS] = { \
		.name = "refine_epochs", .type = FC_INTEGER, .initial = NAN, .min = 1, .max = 100000, \
		.help = "number of passes over the rows for training the classifier; default: enough for 4700 steps, between 5 and 200" \
	}, \
	[FC_DEEP_REFINE_BATCH_SIZE] = { \
		.name = "refine_batch_size", .type = FC_INTEGER, .initial = 64, .min = 1, .max = 65536, \
		.help = "rows per optimizer step of the classifier, at most batch_size" \
	}, \
	[FC_DEEP_REFINE_RATE] = { \
		.name = "refine_rate", .type = FC_NUMBER, .initial = 1e-3, .min = 0, .max = 1e6, \
		.help = "initial learning rate of the classifier; it falls to a twentieth" \
	}, \
	[FC_DEEP_REFINE_DROPOUT] = { \
		.name = "refine_dropout", .type = FC_NUMBER, .initial = 0.5, .min = 0, .max = 0.9, \
		.help = "fraction of the classifier's last hidden layer dropped at random during training" \
	}, \
	[FC_DEEP_REFINE_AUGMENT] = { \
		.name = "refine_augment", .type = FC_NUMBER, .initial = 1, .min = 0, .max = 6, \
		.help = "strength of image augmentation for the classifier: 1 is shifts up to 0.1, rotations up to 15 degrees, zoom up to 0.15 and shear up to 0.2" \
	}

#define FC_DEEP_COMMON	.common[FC_MAX_ITERATIONS] = &fc_deep_max_iterations
#define FC_DEEP_HISTORY ((1 << FC_HISTORY_PHASE) | (1 << FC_HISTORY_RECONSTRUCTION) | (1 << FC_HISTORY_CLUSTERING))

/* Phases in the history */
enum
{
	FC_PRETRAINING,
	FC_CLUSTERING,
	FC_REFINING,
	FC_DEEP_PHASES
};

extern const char *const fc_deep_phases[];

/* Random numbers */
enum
{
	FC_DEEP_STREAM_WEIGHTS = 1,
	FC_DEEP_STREAM_SAMPLE,
	FC_DEEP_STREAM_ROWS,		/* two for each phase */
	FC_DEEP_STREAM_CLASSIFIER = FC_DEEP_STREAM_ROWS + 2 * FC_DEEP_PHASES
};

/* ---- arrays of a model ---- */

#define FC_DEEP_CENTERS(m)	((m)->extra[0]) /* (k, latent) */
#define FC_DEEP_WEIGHTS(m)	((m)->extra[1]) /* (k, latent) of dimensions, where the method has them */
#define FC_DEEP_HEAD(m)		((m)->extra[2]) /* (k, outputs) centers of what a classifier makes, if it has some */

/* ---- methods ---- */

/* A step on a batch, for the loss of a method */
typedef struct FcDeepLoss
{
	const FcModel *model;
	FcCodes		codes;			/* of the batch */
	const FcReal *p;			/* (n, k) targets of its rows */
	double		weight;			/* of the loss beside the decoder's */
	FcReal	   *q;				/* (n, k) work space */
	FcReal	   *s;				/* (n, k) work space */
	FcReal	   *dz;				/* (n, m) to be found */
	FcReal	   *dv;				/* (k, m) to be found */
} FcDeepLoss;

typedef struct FcDeepMethod
{
	bool		decodes;		/* the decoder goes on learning in the second phase */
	bool		sharpens;		/* targets are fc_target() of memberships, else these themselves */
	bool		starts_crisp;	/* the first targets are the first clusters, not memberships */
	bool		unit_centers;	/* centers have unit length */
	bool		weighs;			/* dimensions have weights: FC_DEEP_WEIGHTS */
	int			neighbors;		/* position of the option: rows that codes are of too; or 0: it has none */

	/* Without loss there is no second phase */
	double		(*loss) (const FcDeepLoss *l);
	double		(*weight) (const FcModel *m);	/* of the loss beside the decoder's */
	double		(*scale) (const FcModel *m);	/* of squared distances within the loss; or NULL: 1 */
	void		(*memberships) (const FcModel *m, const FcCodes *c, FcReal *q);	/* adding up to 1 */
	double		(*spread) (const FcModel *m);	/* exponent of memberships in weights, 0: these stay alike */
	double		(*step) (const FcModel *m);	/* centers move so far by fc_dfmec_step(); or NULL: as the optimizer says */
	double		(*head) (const FcDeepLoss *l);	/* loss of a classifier with the method's own head; or NULL: as above */
} FcDeepMethod;

/* ---- the work space of a training ---- */

/* What a state of the training is, besides the network */
typedef struct FcDeepCenters
{
	FcReal	   *v;				/* (k, m) */
	FcReal	   *w;				/* (k, m) weights of dimensions, or NULL */
	FcReal	   *second;			/* (encoder_parameters) of the encoder of neighbours, or NULL */
} FcDeepCenters;

/* Codes of neighbours, joint.c; without them all is 0 */
typedef struct FcDeepJoint
{
	FcJoint		step;			/* a batch, with its neighbours */
	int32_t		count;			/* neighbours of a row */
	FcReal	   *gradients;		/* (encoder_parameters) */
	FcReal	   *moment[2];		/* likewise */
	FcSearch	search;
	FcColumn	nearest;		/* (n, count) of int32_t, as of the last look */
	int32_t    *list;			/* (window, count) neighbours of the rows that were gathered ... */
	FcReal	   *rows;			/* (window, count, d) ... and what they are */
	FcReal	   *moved;			/* (size, count, d) images that were moved */
	FcReal	   *near;			/* (size, count, m) their codes at a look */
} FcDeepJoint;

/* The third phase, refine.c */
typedef struct FcDeepRefine
{
	FcNet		net;
	FcBatch		batch;
	int32_t		size;			/* rows of a batch */
	int32_t		outputs;		/* of the net for a row */
	int32_t		width;			/* of its last hidden layer */
	FcReal	   *gradients;
	FcReal	   *moment[2];
	FcAdam		adam;			/* of the epoch */
	FcReal	   *head;			/* (k, outputs) centers, if it has a head of the method */
	FcReal	   *dhead;			/* (k, outputs) */
	FcReal	   *hmoment[2];		/* (k, outputs) */
	FcReal	   *q;				/* (size, k) */
	FcReal	   *s;				/* (size, k) */
	FcReal	   *out;			/* (size, outputs) */
	FcColumn	h;				/* (chunk, width) */
	FcReal	   *moved_h;		/* (size, width) */
	FcSearch	search;
	int32_t    *nearest;		/* (chunk, FC_DEEP_NEIGHBORS) */
	FcReal	   *smooth;			/* (chunk, k) */
	FcReal	   *kept;			/* the classifier at the last look, its head, and the labels */
	FcReal	   *kept_head;
	FcColumn	kept_label;		/* (n) of int32_t */
	bool		looked;			/* there is a state to go back to */
	double		fewest;			/* rows of the smallest cluster that is no collapse */
} FcDeepRefine;

typedef struct FcDeep
{
	FcFit	   *fit;
	FcModel    *model;
	const FcDeepMethod *method;
	FcNet		net;
	FcBatch		batch;
	FcColumnSpace space;		/* for what is kept of each row */
	size_t		row_memory;		/* see FcFit */
	int64_t		n;
	int32_t		d;
	int32_t		k;
	int32_t		m;
	int32_t		size;			/* rows of a batch */

	/* the network, epochs.c */
	FcReal	   *parameters;		/* all of these (net.parameters) */
	FcReal	   *gradients;
	FcReal	   *moment[2];		/* the second one for Adam only */
	int64_t		steps;			/* since the moments were 0 */
	int			phase;
	int32_t		epoch;			/* of the phase: so many are over */
	double		changed;		/* share of the rows whose label the last look changed */
	int			calm;			/* looks in a row that changed few labels */
	bool		moves;			/* images are moved about */
	FcAugment	augment;
	FcShape		image;
	FcRng		rng;			/* of the phase */
	double		loss[2];		/* of the epoch: of the decoder, of the clusters; means */

	/* rows, rows.c */
	FcColumn	order;			/* (n) of int32_t: rows in the order of this epoch */
	int32_t		stretch;		/* rows of a column that are at hand, whatever the batch */
	int32_t		window;			/* rows that are gathered at once, whole batches */
	int32_t		gathered;		/* rows in the window */
	int32_t    *list;			/* (window) which they are */
	int32_t    *begins;			/* (blocks + 1) of each block in "slots" */
	int32_t    *slots;			/* (window) places to be filled, by the block that fills them */
	FcReal	   *rows;			/* (window, d) */
	FcReal	   *moved;			/* (size, d) images that were moved */

	/* codes and clusters, start.c and cluster.c */
	FcColumn	z;				/* (n, m) of FcReal: of all rows */
	FcColumn	label;			/* (n) of int32_t */
	int64_t    *count;			/* (k) rows of a cluster */
	double	   *at;				/* (k) squared distances of a row */
	double	   *near;			/* (k, FC_DEEP_NEAR) */
	FcDeepCenters now;
	FcDeepCenters best;			/* with the network in "kept" */
	FcReal	   *kept;
	FcReal	   *dv;				/* (k, m) */
	FcReal	   *vmoment[2];		/* (k, m) */
	FcReal	   *dz;				/* (size, m) */
	FcReal	   *q;				/* (size, k) */
	FcReal	   *s;				/* (size, k) */
	FcReal	   *p;				/* (size, k) */
	FcColumn	target;			/* (n, k) of FcReal */
	FcReal	   *smooth;			/* (chunk, k) */
	double	   *frequency;		/* (k), then (k, m) */
	int32_t    *nearest;		/* (chunk, FC_DEEP_NEIGHBORS) */
	int64_t		chunk;			/* rows among which neighbours are sought */
	bool		smooths;		/* the second phase makes targets more like those of neighbours */
	FcSearch	search;
	double		most;			/* share of the largest cluster that is no collapse */
	double		fewest;			/* of the smallest */
	double		quality;		/* of the best state */

	FcDeepJoint joint;
	FcDeepRefine refine;

	/* the first clusters */
	FcDistinct	distinct;
	FcGraphStart graph;
	FcMeans		means;
	double	   *first_centers;	/* (k, m) if the caller has some */
	int64_t		sampled;		/* rows in the graph */
	FcReal	   *sample;			/* (sampled, m) if these are not all */
	int32_t    *sample_label;	/* (sampled) likewise */
	FcSearch	first;			/* the nearest of the sample */
} FcDeep;

#define FC_DEEP_NEIGHBORS	10
#define FC_DEEP_NEAR		3		/* stored codes of a cluster that are its distance */
#define FC_DEEP_MOST_JOINED	10		/* neighbours that a code is of too */

/* fit.c */
extern FcStatus fc_deep_shape(const FcModel *m, FcShape *shape);
extern FcStatus fc_deep_net(FcNet *net, const FcModel *m);
extern int32_t fc_deep_latent(const FcModel *m);
extern double fc_deep_epochs(const FcModel *m);
extern int	fc_deep_arrays(FcModel *m, FcArray *extra);
extern bool fc_deep_check(const FcModel *m);
extern bool fc_deep_phases_fit(const FcModel *m, int last);
extern FcStatus fc_deep_begin(FcFit *f);
extern void *fc_deep_layout(FcArena *a, const FcFit *f);
extern FcStatus fc_deep_fit(FcFit *f, void *work);
extern FcCodes fc_deep_codes(const FcDeep *t, const FcReal *z, int64_t n, bool loss);

/* rows.c */
/* Rows of a loop over all of them that begins at "first", at most "step" */
static inline int64_t
fc_deep_rows_from(const FcDeep *t, int64_t first, int64_t step)
{
	return t->n - first < step ? t->n - first : step;
}

extern void fc_deep_rows_layout(FcArena *a, FcDeep *t, const FcRows *rows);
extern void fc_deep_shuffle(FcDeep *t);
extern void fc_deep_gather_list(FcDeep *t, const int32_t *list, int32_t count, FcReal *to);
extern void fc_deep_gather(FcDeep *t, int64_t first, int32_t count);
extern void fc_deep_gather_own(FcDeep *t, int64_t first, int32_t count);
extern void fc_deep_encode_all(FcDeep *t, FcBatch *b);
extern void fc_deep_embed_all(FcDeep *t);

/* epochs.c */
/* A batch: x (size, d), which are these rows; adds to t->loss */
typedef void (*FcDeepStep) (FcDeep *t, const FcReal *x, const int32_t *rows);

extern void fc_deep_train_layout(FcArena *a, FcDeep *t);
extern void fc_deep_phase(FcDeep *t, int phase);
extern void fc_deep_optimize(FcDeep *t, double rate, size_t count, const FcReal *gradients, FcReal *const *moment,
							 FcReal *parameters);
extern const FcReal *fc_deep_move(FcDeep *t, const FcReal *x, int64_t count, FcReal *moved);
extern void fc_deep_decode(FcDeep *t, const FcReal *x);
extern bool fc_deep_epoch(FcDeep *t, int32_t size, FcDeepStep step);
extern void fc_deep_guard(FcDeep *t, FcGuard why);
extern void fc_deep_record(FcDeep *t, double change);
extern FcStatus fc_deep_pretrain(FcDeep *t);

/* start.c */
extern int64_t fc_deep_sampled(int64_t n);
extern int64_t fc_deep_at_hand(const FcDeep *t);
extern bool fc_deep_uses_graph(const FcFit *f);
extern void fc_deep_start_layout(FcArena *a, FcDeep *t);
extern bool fc_deep_has_earlier_weights(const FcDeep *t);
extern FcStatus fc_deep_start(FcDeep *t);

/* cluster.c */
extern void fc_deep_cluster_layout(FcArena *a, FcDeep *t);
extern void fc_deep_cluster(FcDeep *t);
extern void fc_deep_count(FcDeep *t);
extern void fc_deep_take_labels(FcDeep *t);
extern double fc_deep_label_rows(FcDeep *t);
extern void fc_deep_sharpen(FcDeep *t);
extern void fc_deep_take_targets(FcDeep *t, const int32_t *rows, int32_t count);

/* joint.c */
extern int32_t fc_deep_neighbors(const FcModel *m);
extern void fc_deep_joint_layout(FcArena *a, FcDeep *t);
extern void fc_deep_joint_begin(FcDeep *t);
extern void fc_deep_first_codes(FcDeep *t);
extern void fc_deep_joint_phase(FcDeep *t);
extern void fc_deep_join_all(FcDeep *t);
extern void fc_deep_join_row(const FcModel *m, const FcHooks *hooks, FcReal *near, FcReal *z);
extern void fc_deep_joint_encode(FcDeep *t, const FcReal *x, const int32_t *rows);
extern void fc_deep_joint_optimize(FcDeep *t, double rate);

/* classifier.c */
extern bool fc_deep_refines(const FcModel *m);
extern bool fc_deep_keeps_classifier(const FcFit *f);
extern int32_t fc_deep_refine_epochs(const FcModel *m, int64_t rows);
extern int32_t fc_deep_outputs(const FcModel *m);
extern FcStatus fc_deep_classifier(FcNet *net, const FcModel *m);
extern void fc_deep_permute(FcModel *m, const int32_t *place, int32_t *work);
extern bool fc_deep_has_head(const FcModel *m);

/* refine.c */
extern void fc_deep_keep_classifier(FcDeep *t);
extern void fc_deep_refine_layout(FcArena *a, FcDeep *t);
extern void fc_deep_refine(FcDeep *t);
extern const FcReal *fc_deep_classify(FcDeep *t, int64_t first, int32_t rows, FcReal *q);

/* state.c */
extern size_t fc_deep_state_size(FcDeep *t);
extern void fc_deep_save(FcDeep *t, char *state);
extern bool fc_deep_restore(FcDeep *t, const char *state, size_t length);

/* use.c */
extern int32_t fc_deep_nearest(const FcModel *m, const FcReal *z, double *at, double *near);
extern void *fc_deep_own(FcArena *a, const FcModel *m);
extern void fc_deep_load(FcMetric *t);
extern const FcDistances fc_deep_distances[FC_ISAS][2];
extern FcWeighTable fc_deep_weigh(const FcModel *m);
extern void fc_deep_embed(FcMetric *t, const double *x, float *z);
extern void fc_deep_reconstruct(FcMetric *t, const double *x, double *y);

#define FC_DEEP_ALGORITHM \
	.history = FC_DEEP_HISTORY, FC_DEEP_COMMON, .arrays = fc_deep_arrays, .check = fc_deep_check, .permute = fc_deep_permute, \
	.begin = fc_deep_begin, .layout = fc_deep_layout, .fit = fc_deep_fit
#define FC_DEEP_KERNEL \
	.own = fc_deep_own, .load = fc_deep_load, .distances = fc_deep_distances, .instead = fc_deep_weigh

#endif

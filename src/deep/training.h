/*
 * training.h - the work space of a training of a network
 *
 * FcDeep is laid out by fc_deep_layout() and lives as long as the training.  Its parts
 * belong to the files that their heads name: these fill them, others may read them.
 *
 * Shapes: n rows, d features, k clusters, latent numbers of a code, batch rows of a batch.
 */
#ifndef FC_DEEP_TRAINING_H
#define FC_DEEP_TRAINING_H

#include "core/column.h"
#include "core/distinct.h"
#include "core/project.h"
#include "core/stability.h"
#include "core/team.h"
#include "deep/groups.h"
#include "deep/model.h"
#include "deep/outcome.h"
#include "nn/affine.h"
#include "nn/optimizer.h"

/* Streams of random numbers */
enum
{
	FC_DEEP_STREAM_WEIGHTS = 1,
	FC_DEEP_STREAM_SAMPLE,
	FC_DEEP_STREAM_ROWS,		/* two for each phase */
	FC_DEEP_STREAM_CLASSIFIER = FC_DEEP_STREAM_ROWS + 2 * FC_DEEP_PHASES,
	FC_DEEP_STREAM_DRAWS		/* one for each step of the second phase: the last */
};

#define FC_DEEP_NEIGHBORS	10	/* of a row, whose memberships its own are smoothed with */

/* How far the training is: set by epochs.c and the phases, saved with a state */
typedef struct FcDeepCourse
{
	int			phase;			/* FC_DEEP_PHASES: none has begun */
	int32_t		epoch;			/* epochs of the phase that are over */
	int64_t		steps;			/* of the optimizer, in the phase */
	FcRng		rng;			/* of the phase */
	double		loss[2];		/* means over the epoch: of the decoder, of the clusters */
	double		changed;		/* share of the rows whose label changed at the last refresh */
	int			quiet_refreshes;	/* in a row that changed few labels */
	int			ends;			/* 1: the phase has come to its end within an epoch */
} FcDeepCourse;

/* Tasks of a team */
enum
{
	FC_DEEP_TASK_GATHER = FC_OWN_TASKS,
	FC_DEEP_TASK_EMBED,
	FC_DEEP_TASK_PRETRAIN,		/* of a batch: parts of its rows, in each of the phases ... */
	FC_DEEP_TASK_CLUSTER,
	FC_DEEP_TASK_REFINE,
	FC_DEEP_TASK_LEARN_CODES,	/* ... and ranges of what learns from them */
	FC_DEEP_TASK_LEARN_CLUSTERS,
	FC_DEEP_TASK_LEARN_CLASSES,
	FC_DEEP_TASK_VIEW,
	FC_DEEP_TASK_CLASSIFY,
	FC_DEEP_TASK_SEARCH
};

/* What a batch is about that members share: said by the leader before a task, in shared memory */
typedef struct FcDeepTurn
{
	int32_t		first;			/* of its rows, in the window */
	int32_t		size;			/* its rows */
	int32_t		count;			/* rows that the task divides ... */
	int32_t		parts;			/* ... and into how many portions */
	bool		neighbors;		/* it is about these, and their encoder */
	int64_t		step;			/* of the optimizer */
	double		progress;		/* share of the second phase's epochs that are over */
	FcRng		moving;			/* random numbers that move images about ... */
	FcRng		rng;			/* ... and of the network */
	bool		moves;			/* images are moved about ... */
	FcAugment	augment;		/* ... how far */
	bool		codes_stay;		/* by the loss of the clusters only centers learn ... */
	bool		centers_stay;	/* ... or only codes */
	FcOptimizer how;
} FcDeepTurn;

/* Rows of a batch that are one portion of a task */
typedef struct FcDeepPart
{
	int32_t		first;
	int32_t		rows;
} FcDeepPart;

/* The autoencoder: laid out by epochs.c, learns in the first two phases */
typedef struct FcDeepNetwork
{
	FcNet		net;
	FcBatch		batch;
	FcReal	   *parameters;		/* (net.parameters), those of the model */
	FcReal	   *moment[2];		/* (net.parameters), the second one for Adam only */
	FcReal	   *room;			/* for the gradient of a range of parameters */
} FcDeepNetwork;

/* Rows on their way into a network: rows.c, epochs.c; contents last until the next rows are gathered */
typedef struct FcDeepRows
{
	FcColumn	order;			/* (n) of int32_t: a permutation of the rows, that of this epoch */
	int32_t		portion;		/* rows of a column that are in memory at once, whatever the batch */
	int32_t		window;			/* rows that are gathered at once, whole batches */
	int32_t		gathered;		/* rows in the window */
	int32_t    *list;			/* (window) their numbers */
	int32_t    *begins;			/* (blocks + 1) first of each block's slots */
	int32_t    *slots;			/* (window) positions in the window, sorted by the block that fills them */
	FcReal	   *x;				/* (window, d) */
	FcReal	   *moved;			/* (batch, d) the same as images, moved about */
	bool		moves;			/* images are moved about */
	FcAugment	augment;		/* how far */
	FcShape		image;
} FcDeepRows;

/* What a method learns besides the network */
typedef struct FcDeepCenters
{
	FcReal	   *v;				/* (k, latent) */
	FcReal	   *w;				/* (k, latent) weights of dimensions, or NULL */
	FcReal	   *second;			/* (encoder_parameters) of the encoder of neighbours, or NULL */
	FcReal	   *more;			/* FcCodes.more, or NULL */
} FcDeepCenters;

/* Codes, labels and targets of all rows, as of the last refresh: start.c, targets.c, cluster.c */
typedef struct FcDeepClusters
{
	FcColumn	z;				/* (n, latent) of FcReal */
	FcColumn	label;			/* (n) of int32_t */
	FcColumn	target;			/* (n, k) of FcReal: memberships, then the targets made from them */
	int64_t    *count;			/* (k) rows of a cluster */
	double	   *frequency;		/* (k) sums of memberships, then (k, latent) sums of squares */
	double	   *distance;		/* (k) squared distances of a row */
	double	   *near;			/* (k, FC_DEEP_NEAR) work space of fc_deep_nearest() */
	FcDeepCenters now;
} FcDeepClusters;

/* A batch of the second phase: cluster.c; others use parts of it between steps */
typedef struct FcDeepWork
{
	FcReal	   *q;				/* (batch, k) memberships */
	FcReal	   *s;				/* (batch, k) */
	FcReal	   *p;				/* (batch, k) targets */
	FcReal	   *dz;				/* (batch, latent) */
	FcReal	   *dv;				/* (k, latent) */
	FcReal	   *moment[2];		/* (k, latent) of the centers, for the whole phase */
} FcDeepWork;

/* A batch of a method whose codes are distributions: variational.c, in the second phase; else all is NULL */
typedef struct FcDeepVariation
{
	FcReal	   *mean;			/* (batch, latent) codes; those that are decoded are drawn about them */
	FcReal	   *logs;			/* (batch, latent) logarithms of their variances ... */
	FcReal	   *dlogs;			/* (batch, latent) ... and the gradient */
	FcReal	   *dmore;			/* (fc_deep_more()) */
	FcReal	   *moment[2];		/* (fc_deep_more()) */
} FcDeepVariation;

/* Smoothing over neighbours, among equal chunks of the rows: targets.c, at a refresh */
typedef struct FcDeepSmoothing
{
	bool		by_codes;		/* the second phase smooths, not only the third */
	int64_t		chunk;			/* rows among which neighbours are sought */
	int32_t    *nearest;		/* (chunk, FC_DEEP_NEIGHBORS) */
	FcReal	   *smooth;			/* (chunk, k) */
} FcDeepSmoothing;

/* The best state of all refreshes, restored when clusters collapse: cluster.c, in the second phase */
typedef struct FcDeepBest
{
	FcDeepCenters centers;
	FcReal	   *parameters;		/* of the network */
	double		quality;
	double		largest;		/* largest share of the rows in a cluster that is not a collapse yet ... */
	double		smallest;		/* ... and the least */
} FcDeepBest;

/* Which of two first clusterings to use, where the user leaves the choice: choice.c */
typedef struct FcDeepChoice
{
	int32_t    *means;			/* (sampled) labels by k-means */
	FcReal	   *centers;		/* (k, latent) of the graph */
	FcStability agreement;		/* of the labels of the codes in the graph */
	FcGraphStart part;			/* a graph of a part of them */
	FcReal	   *z;				/* (part.n, latent) these codes */
	int32_t    *part_label;		/* (part.n) */
	FcReal	   *part_centers;	/* (k, latent) */
	int64_t    *edges;			/* (2, k) work space of fc_mean_conductance() */
} FcDeepChoice;

/* The first clusters: start.c, between the first phase and the second */
typedef struct FcDeepFirst
{
	FcDistinct	distinct;		/* before everything else */
	FcGraphStart graph;
	FcMeans		means;
	double	   *centers;		/* (k, latent) if the caller has some */
	int64_t		sampled;		/* rows in the graph */
	FcReal	   *sample;			/* (sampled, latent) if these are not all */
	int32_t    *sample_label;	/* (sampled) by the graph */
	FcDeepChoice choice;
} FcDeepFirst;

/* Codes joined with those of neighbours: joint.c, from the second phase on; without them all is 0 */
typedef struct FcDeepJoint
{
	FcJoint		step;			/* a batch, with its neighbours */
	int32_t		count;			/* neighbours of a row */
	FcReal	   *moment[2];		/* (encoder_parameters) */
	FcColumn	nearest;		/* (n, count) of int32_t, as of the last refresh */
	int32_t    *list;			/* (window, count) neighbours of the rows that were gathered ... */
	FcReal	   *rows;			/* (window, count, d) ... and their features */
	FcReal	   *moved;			/* (batch, count, d) the same as images, moved about */
	FcReal	   *near;			/* (batch, count, latent) their codes at a refresh */
} FcDeepJoint;

/* Centers of a classifier that ends with the method's own memberships; else all is NULL */
typedef struct FcDeepHead
{
	FcReal	   *v;				/* (k, outputs) */
	FcReal	   *dv;				/* (k, outputs) */
	FcReal	   *moment[2];		/* (k, outputs) */
	FcReal	   *kept;			/* (k, outputs) as of the last refresh */
} FcDeepHead;

/* The classifier: refine.c, in the third phase */
typedef struct FcDeepRefine
{
	FcNet		net;
	FcBatch		batch;
	int32_t		size;			/* rows of a batch */
	int32_t		outputs;		/* of the net for a row */
	int32_t		width;			/* of its last hidden layer */
	FcReal	   *parameters;		/* (net.parameters), those of the model */
	FcReal	   *moment[2];		/* (net.parameters) */
	FcReal	   *room;			/* for the gradient of a range of parameters */
	double		rate;			/* of the epoch */
	FcDeepHead	head;
	FcReal	   *q;				/* (size, k) */
	FcReal	   *s;				/* (size, k) */
	FcReal	   *hidden;			/* (size, width) */
	FcColumn	h;				/* (chunk, width) */
	FcReal	   *kept;			/* (net.parameters) as of the last refresh ... */
	FcColumn	kept_label;		/* (n) of int32_t ... and its labels; those of the second phase before */
	bool		has_kept;		/* there has been a refresh with all clusters, to go back to */
	double		fewest;			/* smallest number of rows of a cluster that is not a collapse yet */
} FcDeepRefine;

typedef struct FcDeep
{
	FcFit	   *fit;
	FcModel    *model;
	const FcDeepMethod *method;
	int64_t		n;
	int32_t		d;
	int32_t		k;
	int32_t		latent;
	int32_t		batch_size;		/* of the first two phases */

	FcColumnSpace space;		/* while columns are laid out */

	FcDeepTurn *turn;			/* step.c, like the losses of a batch's rows: (batch) of the decoder, and of the clusters */
	double	   *loss[2];

	FcDeepCourse course;
	FcDeepOutcome outcome;
	FcDeepNetwork network;
	FcDeepRows	rows;
	FcDeepClusters clusters;
	FcDeepWork	work;
	FcSearch	search;			/* among codes, or hidden layers of a classifier: search.c */
	FcDeepVariation variation;
	FcDeepSmoothing smoothing;
	FcDeepBest	best;
	FcDeepFirst first;
	FcDeepJoint joint;
	FcDeepRefine refine;
	FcPrincipal principal;		/* of codes, at the end */
} FcDeep;

/* All rows, at most this many at a time */
static inline FcPortion
fc_deep_portions(const FcDeep *t, int64_t most)
{
	return fc_portions(&t->fit->hooks, t->n, most);
}

/* As many at a time as a batch has, which may be too many for the time between two checks */
static inline FcPortion
fc_deep_tiles(const FcDeep *t)
{
	return fc_deep_portions(t, t->batch_size < FC_SEARCH_ROWS ? t->batch_size : FC_SEARCH_ROWS);
}

/* Bytes that have been taken of both kinds of memory */
static inline size_t
fc_deep_taken(const FcArena *a)
{
	return a->used + (a->shared ? a->shared->used : 0);
}

/* Columns of rows are the leader's */
static inline bool
fc_deep_leads(const FcDeep *t)
{
	return !t->fit->joins;
}

/* ---- step.c ---- */

extern void fc_deep_step_layout(FcArena *a, FcDeep *t);
extern void fc_deep_turn(FcDeep *t, int32_t first, int32_t size, FcRng rng);
extern void fc_deep_share(FcDeep *t, const FcTask *task, int32_t count);
extern FcDeepPart fc_deep_part(const FcDeep *t, int64_t portion);
extern void fc_deep_batch_part(const FcDeep *t, const FcBatch *b, FcDeepPart p, FcBatch *part);
extern const FcReal *fc_deep_input(const FcDeep *t);
extern const FcReal *fc_deep_augment(FcDeep *t, const FcReal *x, int64_t drawn, int64_t count, FcReal *moved);
extern const FcReal *fc_deep_move(FcDeep *t, FcDeepPart p);
extern void fc_deep_encode_part(FcDeep *t, const FcBatch *b, FcDeepPart p, FcBatch *part);
extern void fc_deep_whole(const FcDeep *t, FcBatch *b);
extern void fc_deep_moved(FcDeep *t, int64_t count);
extern void fc_deep_add_loss(FcDeep *t, int which);
extern FcOptimizer fc_deep_optimizer(const FcDeep *t, double rate);

/* ---- search.c ---- */

extern const FcTask fc_deep_search_task;

extern void fc_deep_search_layout(FcArena *a, FcDeep *t);
extern void fc_deep_connect_search(FcDeep *t);

/* ---- rows.c ---- */

extern const FcTask fc_deep_gather_task;
extern const FcTask fc_deep_embed_task;

extern int64_t fc_deep_at_hand(const FcDeep *t);
extern void fc_deep_rows_layout(FcArena *a, FcDeep *t, const FcRows *rows);
extern void fc_deep_shuffle(FcDeep *t);
extern void fc_deep_gather_rows(FcDeep *t, int32_t count);
extern void fc_deep_gather_neighbors(FcDeep *t, int32_t count);
extern void fc_deep_gather(FcDeep *t, int64_t first, int32_t count);
extern void fc_deep_gather_in_order(FcDeep *t, int64_t first, int32_t count);
extern void fc_deep_encode_all(FcDeep *t, bool neighbors);

/* ---- epochs.c ---- */

/* A batch, which is t->turn; adds to t->course.loss */
typedef void (*FcDeepStep) (FcDeep *t);

/* Before a batch; has it used the window for other rows? */
typedef bool (*FcDeepPause) (FcDeep *t);

extern const FcTask fc_deep_pretrain_task;
extern const FcTask fc_deep_learn_codes_task;

extern void fc_deep_choose_augment(FcDeep *t, int phase);
extern void fc_deep_network_layout(FcArena *a, FcDeep *t);
extern void fc_deep_begin_phase(FcDeep *t, int phase);
extern void fc_deep_decode(FcDeep *t, FcBatch *part, FcDeepPart p);
extern void fc_deep_learn(FcDeep *t, int64_t number);
extern bool fc_deep_epoch(FcDeep *t, FcBatch *b, int32_t size, FcDeepStep step, FcDeepPause pause);
extern void fc_deep_end_early(FcDeep *t, FcGuard why);
extern void fc_deep_record(FcDeep *t, double change);
extern FcStatus fc_deep_pretrain(FcDeep *t);

/* ---- joint.c ---- */

extern void fc_deep_joint_layout(FcArena *a, FcDeep *t);
extern void fc_deep_joint_connect(FcDeep *t);
extern void fc_deep_joint_begin(FcDeep *t);
extern void fc_deep_joint_phase(FcDeep *t);
extern void fc_deep_embed_all(FcDeep *t);
extern void fc_deep_first_codes(FcDeep *t);
extern void fc_deep_joint_gather(FcDeep *t);
extern void fc_deep_joint_part(FcDeep *t, FcDeepPart p, FcBatch *own, FcJoint *part);
extern void fc_deep_joint_encode(FcDeep *t, FcDeepPart p, FcJoint *part, const FcReal *x);
extern void fc_deep_joint_learn(FcDeep *t, int64_t number);

/* ---- targets.c ---- */

extern void fc_deep_targets_layout(FcArena *a, FcDeep *t);
extern void fc_deep_count_labels(FcDeep *t);
extern double fc_deep_label_rows(FcDeep *t);
extern void fc_deep_target_labels(FcDeep *t);
extern void fc_deep_smooth_targets(FcDeep *t, FcSlice codes, int64_t first, int rounds);
extern void fc_deep_sharpen_targets(FcDeep *t);
extern void fc_deep_move_to_means(FcDeep *t);
extern void fc_deep_take_targets(FcDeep *t, const int32_t *rows, int32_t count);

/* ---- choice.c ---- */

extern void fc_deep_choice_layout(FcArena *a, FcDeep *t, int restarts);
extern bool fc_deep_prefers_graph(FcDeep *t, const FcReal *z);

/* ---- start.c ---- */

extern void fc_deep_start_layout(FcArena *a, FcDeep *t);
extern bool fc_deep_has_earlier_weights(const FcDeep *t);
extern FcStatus fc_deep_start(FcDeep *t);

/* ---- variational.c ---- */

extern void fc_deep_variation_layout(FcArena *a, FcDeep *t);
extern bool fc_deep_begin_mixture(FcDeep *t);
extern void fc_deep_fit_mixture(FcDeep *t);
extern void fc_deep_find_spread(FcDeep *t, FcDeepPart p, const FcBatch *part);
extern void fc_deep_draw(FcDeep *t, FcDeepPart p, FcBatch *part);
extern void fc_deep_draw_backward(FcDeep *t, FcDeepPart p, FcBatch *part);
extern void fc_deep_learn_mixture(FcDeep *t);
extern void fc_deep_store_mixture(FcDeep *t);

/* ---- cluster.c ---- */

extern void fc_deep_cluster_layout(FcArena *a, FcDeep *t);
extern const FcTask fc_deep_cluster_task;
extern const FcTask fc_deep_learn_clusters_task;
extern FcCodes fc_deep_codes(const FcDeep *t, const FcReal *z, int64_t n, bool loss);
extern void fc_deep_cluster(FcDeep *t);

/* ---- refine.c ---- */

extern const FcTask fc_deep_refine_task;
extern const FcTask fc_deep_learn_classes_task;
extern const FcTask fc_deep_view_task;
extern const FcTask fc_deep_classify_task;
extern void fc_deep_refine_layout(FcArena *a, FcDeep *t);
extern void fc_deep_connect_classifier(FcDeep *t);
extern void fc_deep_keep_classifier(FcDeep *t);
extern void fc_deep_refine(FcDeep *t);
extern const FcReal *fc_deep_classify(FcDeep *t, int64_t first, int32_t rows);

/* ---- state.c ---- */

extern size_t fc_deep_state_size(void *work);
extern void fc_deep_save(void *work, char *state);
extern bool fc_deep_restore(FcDeep *t, const char *state, size_t length);

#endif

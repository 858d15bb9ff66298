/*
 * training.h - the work space of a training of a network
 *
 * Letters besides those of fc.h: m latent numbers of a code, z codes.
 */
#ifndef FC_DEEP_TRAINING_H
#define FC_DEEP_TRAINING_H

#include "core/column.h"
#include "core/distinct.h"
#include "deep/groups.h"
#include "deep/model.h"
#include "nn/affine.h"
#include "nn/optimizer.h"

/* Random numbers */
enum
{
	FC_DEEP_STREAM_WEIGHTS = 1,
	FC_DEEP_STREAM_SAMPLE,
	FC_DEEP_STREAM_ROWS,		/* two for each phase */
	FC_DEEP_STREAM_CLASSIFIER = FC_DEEP_STREAM_ROWS + 2 * FC_DEEP_PHASES
};

#define FC_DEEP_NEIGHBORS	10

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

/* rows.c */
/* Rows of a loop over all of them that begins at "first", at most "step" */
static inline int64_t
fc_deep_rows_from(const FcDeep *t, int64_t first, int64_t step)
{
	return t->n - first < step ? t->n - first : step;
}

extern int64_t fc_deep_at_hand(const FcDeep *t);
extern void fc_deep_rows_layout(FcArena *a, FcDeep *t, const FcRows *rows);
extern void fc_deep_shuffle(FcDeep *t);
extern void fc_deep_gather_list(FcDeep *t, const int32_t *list, int32_t count, FcReal *to);
extern void fc_deep_gather(FcDeep *t, int64_t first, int32_t count);
extern void fc_deep_gather_own(FcDeep *t, int64_t first, int32_t count);
extern void fc_deep_encode_all(FcDeep *t, FcBatch *b);

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

/* joint.c */
extern void fc_deep_joint_layout(FcArena *a, FcDeep *t);
extern void fc_deep_joint_begin(FcDeep *t);
extern void fc_deep_embed_all(FcDeep *t);
extern void fc_deep_first_codes(FcDeep *t);
extern void fc_deep_joint_phase(FcDeep *t);
extern void fc_deep_joint_encode(FcDeep *t, const FcReal *x, const int32_t *rows);
extern void fc_deep_joint_optimize(FcDeep *t, double rate);

/* targets.c */
extern void fc_deep_count(FcDeep *t);
extern void fc_deep_take_labels(FcDeep *t);
extern double fc_deep_label_rows(FcDeep *t);
extern void fc_deep_sharpen(FcDeep *t);
extern void fc_deep_take_targets(FcDeep *t, const int32_t *rows, int32_t count);

/* start.c */
extern void fc_deep_start_layout(FcArena *a, FcDeep *t);
extern bool fc_deep_has_earlier_weights(const FcDeep *t);
extern FcStatus fc_deep_start(FcDeep *t);

/* cluster.c */
extern void fc_deep_cluster_layout(FcArena *a, FcDeep *t);
extern void fc_deep_cluster(FcDeep *t);
extern FcCodes fc_deep_codes(const FcDeep *t, const FcReal *z, int64_t n, bool loss);

/* refine.c */
extern void fc_deep_keep_classifier(FcDeep *t);
extern void fc_deep_refine_layout(FcArena *a, FcDeep *t);
extern void fc_deep_refine(FcDeep *t);
extern const FcReal *fc_deep_classify(FcDeep *t, int64_t first, int32_t rows, FcReal *q);

/* state.c */
extern size_t fc_deep_state_size(FcDeep *t);
extern void fc_deep_save(FcDeep *t, char *state);
extern bool fc_deep_restore(FcDeep *t, const char *state, size_t length);

#endif

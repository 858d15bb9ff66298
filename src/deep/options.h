/*
 * options.h - the options that methods of deep clustering share
 *
 * A method's table begins with FC_DEEP_OPTIONS(), continues with
 * FC_DEEP_CLUSTER_OPTIONS() if the method clusters, and ends with the method's
 * own options.  For the names of choices and the meaning of the options for a
 * model see network.c.
 */
#ifndef FC_DEEP_OPTIONS_H
#define FC_DEEP_OPTIONS_H

#include "core/fc.h"

#include <math.h>

#define FC_DEEP_MOST_JOINED	10		/* most of them that a code may be joined with */

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
	FC_DEEP_CODE_ACTIVATION,
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
	FC_DEEP_REFRESH_STEPS,
	FC_DEEP_CLUSTER_SHIFT,
	FC_DEEP_CLUSTER_ROTATION,
	FC_DEEP_CLUSTER_ZOOM,
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
	FC_START_KMEANS,
	FC_START_AUTO				/* one of the two, chosen in training: see choice.c */
};

enum
{
	FC_CODES_LINEAR,
	FC_CODES_RELU
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
extern const char *const fc_deep_activations[];
extern const char *const fc_deep_refinements[];
extern const char *const fc_deep_heads[];
extern const FcOption fc_deep_max_iterations;

/* The first rows of a table; start is the source of the codes' initial clusters, norms are the allowed ways to scale codes */
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
		.name = "start", .type = FC_CHOICE, .initial = (first_start), .min = FC_START_GRAPH, .max = FC_START_AUTO, \
		.choices = fc_deep_starts, \
		.help = "how the codes are first clustered: graph (of nearest neighbours), kmeans, or auto (the graph if its clusters are separated better, and stable)" \
	}, \
	[FC_DEEP_CODE_ACTIVATION] = { \
		.name = "code_activation", .type = FC_CHOICE, .initial = FC_CODES_LINEAR, .min = FC_CODES_LINEAR, .max = FC_CODES_RELU, \
		.choices = fc_deep_activations, \
		.help = "activation of the layer whose output is the code: linear, or relu (codes are not negative)" \
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
	}, \
	[FC_DEEP_REFRESH_STEPS] = { \
		.name = "refresh_steps", .type = FC_INTEGER, .initial = NAN, .min = 1, .max = 1000000000, \
		.help = "number of optimizer steps between refreshes, in place of epochs; the papers: 140, or 30 for 10,000 rows" \
	}, \
	[FC_DEEP_CLUSTER_SHIFT] = { \
		.name = "cluster_shift", .type = FC_NUMBER, .initial = NAN, .min = 0, .max = 1, \
		.help = "shift of images while codes and centers are trained together; default: the option shift" \
	}, \
	[FC_DEEP_CLUSTER_ROTATION] = { \
		.name = "cluster_rotation", .type = FC_NUMBER, .initial = NAN, .min = 0, .max = 180, \
		.help = "rotation of images while codes and centers are trained together; default: the option rotation" \
	}, \
	[FC_DEEP_CLUSTER_ZOOM] = { \
		.name = "cluster_zoom", .type = FC_NUMBER, .initial = NAN, .min = 0, .max = 0.9, \
		.help = "zoom of images while codes and centers are trained together; default: the option zoom" \
	}

/* Options that several methods have among their own */
#define FC_DIST_SCALE_OPTION { \
		.name = "dist_scale", .type = FC_NUMBER, .initial = 20, .min = 1e-6, .max = 1e6, \
		.help = "factor applied to squared code distances; the papers: 1 (edcwrn: 1 / latent)" \
	}

#define FC_LAMBDA_OPTION(value) { \
		.name = "lambda", .type = FC_NUMBER, .initial = (value), .min = 0, .max = 1e6, \
		.help = "weight of the clustering loss relative to the reconstruction loss" \
	}

#define FC_DEEP_COMMON	.common[FC_MAX_ITERATIONS] = &fc_deep_max_iterations
#define FC_DEEP_HISTORY ((1 << FC_HISTORY_PHASE) | (1 << FC_HISTORY_RECONSTRUCTION) | (1 << FC_HISTORY_CLUSTERING))

#endif

/*
 * net.h - networks: a table of layers, a block of parameters, a batch of rows
 *
 * An FcNet describes the layers and the positions of their parameters in one
 * flat block; the moments of the optimizer are blocks of the same shape.  An
 * FcBatch has the buffers for rows on their way through a net, all of them
 * placed once by fc_batch_layout(); nothing is allocated later.  One step of a
 * training has two halves.  The first is about rows,
 *
 *		fc_batch_encode(b, x, rows);		-> fc_batch_embedding(b)
 *		fc_batch_decode(b);					-> fc_batch_output(b)
 *		loss = fc_mse(..., fc_batch_output_gradient(b));
 *		fc_batch_backward(b, true, dz);		-> b->gradient
 *
 * where dz is the gradient of a clustering loss, added to that of the embedding.
 * A row needs no other: so several processes may each do this for a part of the
 * batch, an FcBatch that fc_batch_part() makes, whose buffers all of them see.
 * The second half is about parameters,
 *
 *		for (int64_t i = 0; i < fc_net_ranges(net, layers); i++)
 *			fc_learn_range(b, fc_net_range(net, i), ...);
 *
 * where a range finds the gradient of its own from all rows, and lets the
 * optimizer take its step: so these may be shared out, too.  No number depends on
 * how rows and ranges are.
 *
 * Rows are row-major.  Images lie pixel by pixel within the net, channels next
 * to each other: then a patch is copied in runs of whole pixels, and bias and
 * activation of a convolution are those of a dense layer whose rows are pixels.
 * Rows that come in, and images that go out, lie channel by channel.
 */
#ifndef FC_NET_H
#define FC_NET_H

#include "core/product.h"
#include "nn/optimizer.h"

#define FC_MAX_LAYERS		64
#define FC_MAX_HIDDEN		24		/* layers available to callers */
#define FC_MAX_WIDTH		(1 << 24)	/* columns between two layers */
#define FC_MAX_NET			(1 << 28)	/* parameters: a gigabyte */

/* Columns of a row; if it is not an image, height and width are 1 */
typedef struct FcShape
{
	int32_t		channels;
	int32_t		height;
	int32_t		width;
} FcShape;

static inline int64_t
fc_shape_pixels(FcShape s)
{
	return (int64_t) s.height * s.width;
}

static inline int64_t
fc_shape_columns(FcShape s)
{
	return fc_shape_pixels(s) * s.channels;
}

/* A square window that is moved over an image, which is padded with zeros */
typedef struct FcWindow
{
	int32_t		size;
	int32_t		stride;
	int32_t		top;			/* padding */
	int32_t		left;
	int32_t		bottom;			/* a transposed convolution with output padding */
	int32_t		right;			/* has less of these: padding - output padding */
} FcWindow;

extern FcWindow fc_window(int32_t size, int32_t stride, int32_t padding);
extern FcWindow fc_window_transposed(int32_t size, int32_t stride, int32_t padding, int32_t output_padding);

struct FcBatch;
struct FcLayer;

/* Rows of the weights of a layer, as these lie; behind the last of them is the bias */
typedef struct FcRange
{
	const struct FcLayer *layer;
	int64_t		first;
	int64_t		last;
} FcRange;

/*
 * What a kind of layer does.  Forward: y from x, whose rows are b->rows.
 * Backward: turns dy into the gradient before the activation, and writes dx
 * unless that is NULL.  Gradient: of a range of the weights, from what backward
 * left in dy; NULL for a layer without parameters.
 */
typedef struct FcLayerOps
{
	bool		training_only;	/* does nothing when a net is used */
	bool		input_major;	/* weights are (inputs, outputs), else (outputs, inputs) */
	void		(*forward) (struct FcBatch *b, const struct FcLayer *l, const FcReal *x, FcReal *y);
	void		(*backward) (struct FcBatch *b, const struct FcLayer *l, const FcReal *x, const FcReal *y,
							 FcReal *dy, FcReal *dx);
	void		(*gradient) (struct FcBatch *b, FcRange r, const FcReal *x, const FcReal *dy, FcReal *to);
	size_t		(*scratch) (const struct FcLayer *l);	/* reals, or NULL: none */
	size_t		(*state) (const struct FcLayer *l);	/* reals a row kept for backward, or NULL */
} FcLayerOps;

/* forward: y = f(y + bias).  backward: dy = dy f'(y), or NULL: f' is 1 */
typedef struct FcActivation
{
	void		(*forward) (const FcReal *bias, int64_t rows, int32_t columns, FcReal *y);
	void		(*backward) (const FcReal *y, int64_t count, FcReal *dy);
} FcActivation;

typedef struct FcLayer
{
	const FcLayerOps *ops;
	const FcActivation *activation; /* NULL: a layer without parameters */
	FcShape		in;
	FcShape		out;
	FcWindow	window;
	double		rate;			/* of dropout */
	int64_t		draws;			/* random numbers that layers before it draw for a row */
	double		fan_in;			/* how many inputs an output is a sum of */
	size_t		weights;		/* where they begin in the block */
	size_t		nweights;
	size_t		bias;			/* (out.channels) */
	size_t		packed;			/* where weights begin among those of all layers, packed */
} FcLayer;

typedef struct FcNet
{
	FcStatus	status;			/* of the first layer that did not fit */
	int32_t		count;			/* of layers */
	int32_t		embedding;		/* number of layers up to the embedding */
	FcShape		input;
	FcShape		shape;			/* output of the last layer, as input of the next one */
	size_t		parameters;
	size_t		encoder_parameters; /* number of layers up to the embedding */
	size_t		packed;			/* numbers in the packed weights of all layers */
	int64_t		draws;			/* random numbers for a row in training */
	FcLayer		layer[FC_MAX_LAYERS];
} FcNet;

/* ---- net.c: a table of layers, one after the other ---- */

extern void fc_net_begin(FcNet *net, FcShape input);
extern FcLayer *fc_net_add(FcNet *net, const FcLayerOps *ops, const FcActivation *activation, FcShape out);
extern void fc_net_weights(FcNet *net, FcLayer *l, double fan_in, double count);
extern void fc_net_fail(FcNet *net, FcStatus status);
extern void fc_net_reshape(FcNet *net, FcShape shape);
extern void fc_net_embed(FcNet *net);
extern FcStatus fc_net_end(FcNet *net);
extern void fc_net_initialize(const FcNet *net, const FcHooks *hooks, double gain, FcRng *rng, FcReal *parameters);
extern void fc_net_scale(const FcNet *net, int32_t l, double factor, FcReal *parameters);

/* ---- layers, each in a file of its name ---- */

extern void fc_net_dense(FcNet *net, int32_t columns, const FcActivation *activation);
extern void fc_net_hidden(FcNet *net, const int32_t *columns, int32_t count);
extern void fc_net_conv(FcNet *net, int32_t channels, FcWindow window, const FcActivation *activation);
extern void fc_net_conv_transpose(FcNet *net, int32_t channels, FcWindow window, const FcActivation *activation);
extern void fc_net_interleave(FcNet *net);
extern void fc_net_separate(FcNet *net);
extern void fc_net_dropout(FcNet *net, double rate);
extern void fc_net_normalize(FcNet *net);

extern const FcActivation fc_linear;
extern const FcActivation fc_relu;
extern const FcActivation fc_sigmoid;

/* ---- the nets that deep methods use ---- */

extern FcStatus fc_dense_autoencoder(FcNet *net, int32_t columns, const int32_t *hidden, int32_t nhidden,
									 int32_t latent, bool normalize, double dropout);
extern FcStatus fc_conv_autoencoder(FcNet *net, FcShape image, int32_t latent, bool normalize);
extern void fc_net_rectify_codes(FcNet *net);
extern FcStatus fc_dense_classifier(FcNet *net, int32_t columns, const int32_t *hidden, int32_t nhidden,
									double dropout, int32_t outputs, bool unit);
extern FcStatus fc_conv_classifier(FcNet *net, FcShape image, double dropout, int32_t outputs, bool unit);

/* ---- batch.c ---- */

typedef struct FcBatch
{
	const FcNet *net;
	int32_t		layers;			/* number of rows in use */
	int32_t		capacity;		/* rows, at most */
	bool		training;		/* else only forward */
	int32_t		rows;			/* at hand */
	int32_t		first;			/* of them, in the whole batch */
	const FcReal *x;			/* (rows, input) */
	const FcReal *parameters;	/* set by the caller */
	const FcReal *packed;		/* (net->packed) their weights, after fc_batch_pack(); NULL: not packed */
	FcHooks		hooks;			/* likewise */
	FcRng		rng;			/* likewise, where there is dropout: of the step, see fc_row_rng() */
	FcReal	   *y[FC_MAX_LAYERS];	/* (capacity, out) output of each layer */
	FcReal	   *state[FC_MAX_LAYERS];	/* (capacity, ...) data that it keeps for backward */
	FcReal	   *gradient[FC_MAX_LAYERS];	/* (capacity, out) of that */
	FcReal	   *scratch;		/* of this process alone */
	FcReal	   *room;			/* (net->packed) for packed weights, if not for training */
} FcBatch;

extern void fc_batch_layout(FcArena *a, FcBatch *b, const FcNet *net, int32_t layers, int32_t capacity,
							bool training);
extern void fc_batch_part(FcBatch *part, const FcBatch *b, int32_t first, int32_t rows);
extern void fc_batch_pack(FcBatch *b);
extern void fc_batch_encode(FcBatch *b, const FcReal *x, int32_t rows);
extern void fc_batch_decode(FcBatch *b);
extern const FcReal *fc_batch_backward_decoder(FcBatch *b, FcReal *dz);
extern void fc_batch_backward(FcBatch *b, bool from_output, const FcReal *dz);
extern void fc_batch_apply(FcBatch *b, const FcReal *x, int32_t rows, int32_t layers);
extern void fc_embed_rows(FcBatch *b, const FcReal *x, int64_t n, FcReal *z);
extern void fc_decode_rows(FcBatch *b, const FcReal *z, int64_t n, FcReal *y);
extern void fc_apply_rows(FcBatch *b, const FcReal *x, int64_t n, FcReal *y);

/* ---- ranges.c ---- */

extern int64_t fc_net_ranges(const FcNet *net, int32_t layers);
extern FcRange fc_net_range(const FcNet *net, int64_t number);
extern size_t fc_net_range_room(const FcNet *net);
extern size_t fc_range_gradient(FcBatch *b, FcRange r, FcReal *to);
extern void fc_learn_range(FcBatch *b, FcRange r, const FcOptimizer *how, FcReal *const *moment, FcReal *parameters,
						   FcReal *room);

/* ---- joint.c ---- */

/* Rows on their way through one encoder, their neighbours through another */
typedef struct FcJoint
{
	FcBatch    *own;			/* of the rows: encoder and decoder */
	FcBatch		other;			/* of the neighbours: an encoder with its own parameters */
	int32_t		count;			/* neighbours of a row */
	bool		unit;			/* codes have unit length */
	FcReal	   *u;				/* (capacity, m) sums of codes */
	FcReal	   *dnear;			/* (capacity, count, m) */
} FcJoint;

extern void fc_joint_layout(FcArena *a, FcJoint *j, FcBatch *own, int32_t count, bool unit);
extern void fc_joint_part(FcJoint *part, FcBatch *own, const FcJoint *j, int32_t first, int32_t rows);
extern void fc_joint_rng(FcJoint *j, FcRng rng);
extern void fc_joint_encode(FcJoint *j, const FcReal *x, const FcReal *neighbors, int32_t rows);
extern void fc_joint_backward(FcJoint *j, FcReal *dz);
extern void fc_join_codes(const FcHooks *hooks, const FcReal *near, int64_t n, int32_t count, int32_t m, bool unit,
						  FcReal *z);

/* (rows, embedding); a caller may change it before decoding */
static inline FcReal *
fc_batch_embedding(const FcBatch *b)
{
	return b->y[b->net->embedding - 1];
}

/* (rows, output) */
static inline FcReal *
fc_batch_output(const FcBatch *b)
{
	return b->y[b->layers - 1];
}

/* (rows, output) for the caller to fill; backward destroys it */
static inline FcReal *
fc_batch_output_gradient(const FcBatch *b)
{
	return b->gradient[b->layers - 1];
}

/* Random numbers of a layer for row i of those at hand: the same whichever rows are */
static inline FcRng
fc_row_rng(const FcBatch *b, const FcLayer *l, int64_t i)
{
	FcRng		rng = b->rng;

	fc_rng_skip(&rng, (uint64_t) ((b->first + i) * b->net->draws + l->draws));
	return rng;
}

/* The next step draws other numbers: those after all that so many rows may draw */
static inline void
fc_batch_next(FcBatch *b, int64_t rows)
{
	fc_rng_skip(&b->rng, (uint64_t) (rows * b->net->draws));
}

/* Numbers of inputs and outputs joined by the weights: of a convolution, those of a window and of one pixel, or the reverse */
static inline int64_t
fc_layer_inputs(const FcLayer *l)
{
	return l->ops->input_major ? l->in.channels : (int64_t) l->nweights / l->out.channels;
}

static inline int64_t
fc_layer_outputs(const FcLayer *l)
{
	return l->ops->input_major ? (int64_t) l->nweights / l->in.channels : l->out.channels;
}

/* Where layer l has its parameters */
static inline const FcReal *
fc_weights_of(const FcBatch *b, const FcLayer *l)
{
	return b->parameters + l->weights;
}

static inline const FcReal *
fc_bias_of(const FcBatch *b, const FcLayer *l)
{
	return b->parameters + l->bias;
}

/* ---- product.c ---- */

extern size_t fc_packed_size(const FcLayer *l);
extern const FcReal *fc_pack_weights(const FcBatch *b, const FcLayer *l, FcReal *room);
extern void fc_product_weights(const FcBatch *b, const FcLayer *l, const FcReal *packed, int64_t rows,
							   const FcReal *a, FcReal *c);
extern size_t fc_packed_back_size(const FcLayer *l);
extern const FcReal *fc_pack_back(const FcBatch *b, const FcLayer *l, FcReal *room);
extern void fc_product_back(const FcBatch *b, const FcLayer *l, const FcReal *packed, int64_t rows,
							const FcReal *a, FcReal *c);
extern void fc_product_gradient(const FcBatch *b, FcRange r, int64_t rows, const FcReal *x, const FcReal *dy, bool add,
								FcReal *to);
extern void fc_product_patches(FcBatch *b, FcRange r, const FcReal *images, const FcReal *pixels, FcReal *to);

/* ---- activation.c ---- */

extern void fc_activate(FcBatch *b, const FcLayer *l, int64_t rows, FcReal *y);
extern void fc_deactivate(FcBatch *b, const FcLayer *l, int64_t rows, const FcReal *y, FcReal *dy);
extern void fc_bias_gradient(FcBatch *b, const FcLayer *l, int64_t rows, const FcReal *dy, FcReal *dbias);

/* ---- patches.c ---- */

/* Windows over an image, and where they are: a grid of height x width */
typedef struct FcGrid
{
	FcShape		image;
	FcWindow	window;
	int32_t		height;
	int32_t		width;
} FcGrid;

extern FcStatus fc_grid_of(FcGrid *g, FcShape image, FcWindow window);
extern FcGrid fc_grid_of_layer(const FcLayer *l);
extern int64_t fc_grid_patch(const FcGrid *g);
extern int64_t fc_grid_lines(const FcGrid *g);
extern size_t fc_grid_room(const FcGrid *g);
extern void fc_grid_gather(const FcGrid *g, const FcReal *images, int64_t first, int64_t lines, FcReal *patches);
extern void fc_grid_scatter(const FcGrid *g, const FcReal *patches, int64_t first, int64_t lines, FcReal *images);

#endif

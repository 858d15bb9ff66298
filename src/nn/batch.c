/*
 * batch.c - rows on their way through a net, and gradients back
 *
 * The plan of buffers: for training, one for the output of each layer, since
 * backward needs it, and one for its gradient, from which those of parameters are
 * found when all rows are through.  For scoring alone, two alternate as outputs.
 * fc_batch_layout() measures and places them; nothing is allocated afterwards.
 *
 * Any number of rows can be processed, "capacity" at a time.
 */
#include "nn/net.h"

#include <string.h>

static int64_t
widest(const FcNet *net, int32_t layers)
{
	int64_t		most = 0;

	for (int32_t l = 0; l < layers; l++)
		if (fc_shape_columns(net->layer[l].out) > most)
			most = fc_shape_columns(net->layer[l].out);
	return most;
}

static size_t
largest_scratch(const FcNet *net, int32_t layers)
{
	size_t		most = 0;

	for (int32_t l = 0; l < layers; l++)
	{
		const FcLayer *layer = net->layer + l;

		if (layer->ops->scratch && layer->ops->scratch(layer) > most)
			most = layer->ops->scratch(layer);
	}
	return most;
}

static void
lay_out_training(FcArena *a, FcBatch *b)
{
	for (int32_t l = 0; l < b->layers; l++)
	{
		const FcLayer *layer = b->net->layer + l;
		size_t		count = fc_times(b->capacity, fc_shape_columns(layer->out));

		b->y[l] = fc_take_shared(a, count, sizeof(FcReal));
		b->gradient[l] = fc_take_shared(a, count, sizeof(FcReal));
		if (layer->ops->state)
			b->state[l] = fc_take_shared(a, fc_times(b->capacity, layer->ops->state(layer)), sizeof(FcReal));
	}
}

static void
lay_out_use(FcArena *a, FcBatch *b)
{
	size_t		most = fc_times(b->capacity, widest(b->net, b->layers));
	FcReal	   *turns[2] = {fc_take(a, most, sizeof(FcReal)), fc_take(a, most, sizeof(FcReal))};
	int			turn = 0;

	for (int32_t l = 0; l < b->layers; l++)
		if (!b->net->layer[l].ops->training_only)
			b->y[l] = turns[turn++ % 2];
	b->room = fc_take(a, b->net->packed, sizeof(FcReal));
}

/* For the first "layers" layers of a net: all of them, or those of the encoder */
void
fc_batch_layout(FcArena *a, FcBatch *b, const FcNet *net, int32_t layers, int32_t capacity, bool training)
{
	*b = (FcBatch) {.net = net, .layers = layers, .capacity = capacity, .training = training};
	b->scratch = fc_take(a, largest_scratch(net, layers), sizeof(FcReal));
	if (training)
		lay_out_training(a, b);
	else
		lay_out_use(a, b);
}

/* Some rows of the batch, in the buffers that these have there */
void
fc_batch_part(FcBatch *part, const FcBatch *b, int32_t first, int32_t rows)
{
	*part = *b;
	part->first = b->first + first;
	part->rows = part->capacity = rows;
	for (int32_t l = 0; l < b->layers; l++)
	{
		const FcLayer *layer = b->net->layer + l;
		int64_t		at = first * fc_shape_columns(layer->out);

		part->y[l] += at;
		part->gradient[l] += at;
		if (layer->ops->state)
			part->state[l] += first * layer->ops->state(layer);
	}
}

/*
 * For parameters that do not change any more, and few rows at a time: the
 * outputs for a row remain the same to the bit, but take less time
 */
void
fc_batch_pack(FcBatch *b)
{
	b->packed = NULL;
	for (int32_t l = 0; l < b->layers; l++)
		if (b->net->layer[l].activation)
			(void) fc_pack_weights(b, b->net->layer + l, b->room + b->net->layer[l].packed);
	b->packed = b->room;
}

/* Runs layers "from" to before "to"; returns the output of the last one */
static const FcReal *
forward(FcBatch *b, int32_t from, int32_t to, const FcReal *x, bool training)
{
	for (int32_t l = from; l < to; l++)
	{
		const FcLayer *layer = b->net->layer + l;

		if (layer->ops->training_only && !training)
			continue;
		layer->ops->forward(b, layer, x, b->y[l]);
		x = b->y[l];
	}
	return x;
}

/* A step of a training begins: x must stay until backward, rows at most the capacity */
void
fc_batch_encode(FcBatch *b, const FcReal *x, int32_t rows)
{
	b->x = x;
	b->rows = rows;
	(void) forward(b, 0, b->net->embedding, x, true);
}

void
fc_batch_decode(FcBatch *b)
{
	(void) forward(b, b->net->embedding, b->layers, fc_batch_embedding(b), true);
}

static void
add_to(FcReal *restrict sum, const FcReal *restrict part, int64_t count)
{
	for (int64_t i = 0; i < count; i++)
		sum[i] += part[i];
}

/* From the gradient of what layer l makes to that of what the layer before it makes */
static void
backward_layer(FcBatch *b, int32_t l)
{
	const FcLayer *layer = b->net->layer + l;

	layer->ops->backward(b, layer, l > 0 ? b->y[l - 1] : b->x, b->y[l], b->gradient[l], l > 0 ? b->gradient[l - 1] : NULL);
}

/*
 * The decoder's part of the next one, for a loss of the output: dz (rows,
 * embedding) takes up the gradient of the embedding, which is returned
 */
const FcReal *
fc_batch_backward_decoder(FcBatch *b, FcReal *dz)
{
	int32_t		embedding = b->net->embedding;

	for (int32_t l = b->layers - 1; l >= embedding; l--)
		backward_layer(b, l);
	add_to(dz, b->gradient[embedding - 1], b->rows * fc_shape_columns(b->net->layer[embedding - 1].out));
	return b->gradient[embedding - 1];
}

/*
 * Gradients before the activations of all layers that were used: of a loss of the
 * output, which is in fc_batch_output_gradient(), and of another one of the
 * embedding, dz (rows, embedding) or NULL.  Not from_output: dz alone, and the
 * decoder's layers get none.
 */
void
fc_batch_backward(FcBatch *b, bool from_output, const FcReal *dz)
{
	int32_t		embedding = b->net->embedding;
	FcReal	   *dy = b->gradient[embedding - 1];
	int64_t		codes = b->rows * fc_shape_columns(b->net->layer[embedding - 1].out);

	for (int32_t l = b->layers - 1; from_output && l >= embedding; l--)
		backward_layer(b, l);
	if (dz && from_output)
		add_to(dy, dz, codes);
	else if (dz)
		memcpy(dy, dz, codes * sizeof(FcReal));
	for (int32_t l = embedding - 1; l >= 0; l--)
		backward_layer(b, l);
}

/* Outputs of the first layers as they are in use, in the buffers of a training */
void
fc_batch_apply(FcBatch *b, const FcReal *x, int32_t rows, int32_t layers)
{
	b->rows = rows;
	(void) forward(b, 0, layers, x, false);
}

/* What layers "from" to before "to" make of n rows of x, not as in training */
static void
use(FcBatch *b, int32_t from, int32_t to, const FcReal *x, int64_t n, FcReal *y)
{
	int64_t		in = fc_shape_columns(b->net->layer[from].in);
	int64_t		out = fc_shape_columns(b->net->layer[to - 1].out);

	for (int64_t i = 0; i < n; i += b->capacity)
	{
		b->rows = (int32_t) (n - i < b->capacity ? n - i : b->capacity);
		memcpy(y + i * out, forward(b, from, to, x + i * in, false), sizeof(FcReal) * b->rows * out);
	}
}

/* z (n, embedding) of x (n, input); a step of a training may not be under way */
void
fc_embed_rows(FcBatch *b, const FcReal *x, int64_t n, FcReal *z)
{
	use(b, 0, b->net->embedding, x, n, z);
}

/* y (n, output) of z (n, embedding) */
void
fc_decode_rows(FcBatch *b, const FcReal *z, int64_t n, FcReal *y)
{
	use(b, b->net->embedding, b->layers, z, n, y);
}

/* y (n, output) of x (n, input) */
void
fc_apply_rows(FcBatch *b, const FcReal *x, int64_t n, FcReal *y)
{
	use(b, 0, b->layers, x, n, y);
}

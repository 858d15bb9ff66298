/*
 * ranges.c - ranges of the parameters of a net, and a step of the optimizer for each
 *
 * A range has rows of the weights of one layer, as they lie, and the last one of a
 * layer its bias, too.  It is so small that its gradient is still in the cache when
 * the optimizer reads it, so that there is none of all parameters.  How a net is
 * divided depends on nothing but its layers.
 */
#include "nn/net.h"

#define WEIGHTS		(1 << 17)	/* of a range, unless a row has more */

static int64_t
rows_of(const FcLayer *l)
{
	return l->ops->input_major ? fc_layer_inputs(l) : fc_layer_outputs(l);
}

static int64_t
row_length(const FcLayer *l)
{
	return l->ops->input_major ? fc_layer_outputs(l) : fc_layer_inputs(l);
}

/* Ranges of a layer, of almost equal size */
static int64_t
ranges_of(const FcLayer *l)
{
	int64_t		most;

	if (l->ops->gradient == NULL)
		return 0;
	most = WEIGHTS / row_length(l);
	return most > 1 ? (rows_of(l) + most - 1) / most : rows_of(l);
}

/* Of the first "layers" layers */
int64_t
fc_net_ranges(const FcNet *net, int32_t layers)
{
	int64_t		count = 0;

	for (int32_t l = 0; l < layers; l++)
		count += ranges_of(net->layer + l);
	return count;
}

FcRange
fc_net_range(const FcNet *net, int64_t number)
{
	const FcLayer *l = net->layer;
	int64_t		count;

	for (; number >= (count = ranges_of(l)); l++)
		number -= count;
	return (FcRange) {l, number * rows_of(l) / count, (number + 1) * rows_of(l) / count};
}

/* Numbers in the gradient of the largest */
size_t
fc_net_range_room(const FcNet *net)
{
	size_t		most = 0;

	for (int32_t l = 0; l < net->count; l++)
	{
		const FcLayer *layer = net->layer + l;
		int64_t		count = ranges_of(layer);
		size_t		room = count == 0 ? 0 : (rows_of(layer) / count + 1) * row_length(layer) + layer->out.channels;

		most = room > most ? room : most;
	}
	return most;
}

/* From what backward left of all rows; returns how many numbers there are */
size_t
fc_range_gradient(FcBatch *b, FcRange r, FcReal *to)
{
	const FcLayer *layer = r.layer;
	int64_t		l = layer - b->net->layer;
	size_t		count = (size_t) (r.last - r.first) * row_length(layer);
	const FcReal *dy = b->gradient[l];

	layer->ops->gradient(b, r, l > 0 ? b->y[l - 1] : b->x, dy, to);
	if (r.last < rows_of(layer))
		return count;
	fc_bias_gradient(b, layer, b->rows * fc_shape_pixels(layer->out), dy, to + count);
	return count + layer->out.channels;
}

/* A step of the optimizer; room (fc_net_range_room()) is of this process alone */
void
fc_learn_range(FcBatch *b, FcRange r, const FcOptimizer *how, FcReal *const *moment, FcReal *parameters, FcReal *room)
{
	size_t		first = r.layer->weights + (size_t) r.first * row_length(r.layer);
	size_t		count = fc_range_gradient(b, r, room);

	fc_optimize(how, &b->hooks, first, count, room, moment, parameters);
}

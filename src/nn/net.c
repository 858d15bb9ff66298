/*
 * net.c - the table of layers of a net, and its parameters
 *
 * A layer takes the output shape of the previous one as its input.  The first
 * that does not fit sets a status and ends the table; fc_net_end() returns it.
 *
 * Parameters lie layer by layer, each its weights and then its bias, without
 * gaps, the encoder's first.  Weights start uniform in
 *
 *   +- sqrt(gain / fan_in)					(LeCun et al., 1998; He et al., 2015)
 *
 * and biases as 0: gain 3 keeps the variance of a linear layer, 6 that of one
 * whose inputs are rectified.
 */
#include "nn/net.h"

#define DRAWS	(1 << 20)		/* between two checks */

void
fc_net_begin(FcNet *net, FcShape input)
{
	*net = (FcNet) {.input = input, .shape = input};
	if (input.channels < 1 || input.height < 1 || input.width < 1 || input.height > FC_MAX_COLUMNS ||
		input.width > FC_MAX_COLUMNS)
		fc_net_fail(net, FC_BAD_SHAPE);
	else if (fc_shape_columns(input) > FC_MAX_COLUMNS)
		fc_net_fail(net, FC_TOO_LARGE);
}

void
fc_net_fail(FcNet *net, FcStatus status)
{
	if (net->status == FC_OK)
		net->status = status;
}

/* The next layer, or NULL if it is one too many or too wide */
FcLayer *
fc_net_add(FcNet *net, const FcLayerOps *ops, const FcActivation *activation, FcShape out)
{
	FcLayer    *l = net->layer + net->count;

	if (net->status != FC_OK)
		return NULL;
	if (out.channels < 1)
		fc_net_fail(net, FC_BAD_SHAPE);
	else if (net->count == FC_MAX_LAYERS || (double) fc_shape_pixels(out) * out.channels > FC_MAX_WIDTH)
		fc_net_fail(net, FC_TOO_LARGE);
	if (net->status != FC_OK)
		return NULL;
	*l = (FcLayer) {.ops = ops, .activation = activation, .in = net->shape, .out = out};
	net->shape = out;
	net->count++;
	return l;
}

/* So many weights, and a bias for each channel; counted in double lest they overflow */
void
fc_net_weights(FcNet *net, FcLayer *l, double fan_in, double count)
{
	if (net->parameters + count + l->out.channels > FC_MAX_NET)
	{
		fc_net_fail(net, FC_TOO_LARGE);
		return;
	}
	l->fan_in = fan_in;
	l->weights = net->parameters;
	l->nweights = (size_t) count;
	l->bias = l->weights + l->nweights;
	net->parameters = l->bias + l->out.channels;
	l->packed = net->packed;
	net->packed += fc_packed_size(l);
}

/* The same columns are an image, or another one, to the next layer */
void
fc_net_reshape(FcNet *net, FcShape shape)
{
	if (fc_shape_columns(shape) != fc_shape_columns(net->shape))
		fc_net_fail(net, FC_BAD_SHAPE);
	net->shape = shape;
}

/* What the last layer makes is the embedding */
void
fc_net_embed(FcNet *net)
{
	net->embedding = net->count;
	net->encoder_parameters = net->parameters;
}

FcStatus
fc_net_end(FcNet *net)
{
	if (net->embedding == 0 || net->count == 0)
		fc_net_fail(net, FC_BAD_SHAPE);
	return net->status;
}

void
fc_net_initialize(const FcNet *net, const FcHooks *hooks, double gain, FcRng *rng, FcReal *parameters)
{
	for (int32_t at = 0; at < net->count; at++)
	{
		const FcLayer *l = net->layer + at;
		double		bound = sqrt(gain / l->fan_in);

		if (l->activation == NULL)
			continue;
		for (size_t i = 0; i < l->nweights; i++)
		{
			if (i % DRAWS == 0)
				fc_check(hooks);
			parameters[l->weights + i] = (FcReal) (bound * (2 * fc_rng_uniform(rng) - 1));
		}
		for (int32_t j = 0; j < l->out.channels; j++)
			parameters[l->bias + j] = 0;
	}
}

/* Multiplies weights and bias of a layer by a factor, to reduce its effect at first */
void
fc_net_scale(const FcNet *net, int32_t at, double factor, FcReal *parameters)
{
	const FcLayer *l = net->layer + at;

	if (l->activation != NULL)
		for (size_t i = l->weights; i < l->bias + l->out.channels; i++)
			parameters[i] *= (FcReal) factor;
}

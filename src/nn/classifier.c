/*
 * classifier.c - nets that learn labels; the input of the last layer is the
 * embedding
 *
 * Convolutional: 5x5 to 32 channels at half the side, 5x5 to 64 at a quarter
 * (half, rounded up, twice), 256, dropout, outputs.  Dense: the hidden layers,
 * dropout, outputs.  All layers are rectified except for the outputs, which
 * are linear: the logarithms of softmax (softmax.c), or an embedding for
 * another head, which may have unit length.
 *
 * The convolutions are the first two of ConvDEC (Guo et al., 2018).
 */
#include "nn/net.h"

static FcStatus
finish(FcNet *net, double dropout, int32_t outputs, bool unit)
{
	fc_net_embed(net);
	if (dropout > 0)
		fc_net_dropout(net, dropout);
	fc_net_dense(net, outputs, &fc_linear);
	if (unit)
		fc_net_normalize(net);
	return fc_net_end(net);
}

FcStatus
fc_dense_classifier(FcNet *net, int32_t columns, const int32_t *hidden, int32_t nhidden, double dropout,
					int32_t outputs, bool unit)
{
	fc_net_begin(net, (FcShape) {columns, 1, 1});
	fc_net_hidden(net, hidden, nhidden);
	return finish(net, dropout, outputs, unit);
}

FcStatus
fc_conv_classifier(FcNet *net, FcShape image, double dropout, int32_t outputs, bool unit)
{
	fc_net_begin(net, image);
	fc_net_interleave(net);
	fc_net_conv(net, 32, fc_window(5, 2, 2), &fc_relu);
	fc_net_conv(net, 64, fc_window(5, 2, 2), &fc_relu);
	fc_net_dense(net, 256, &fc_relu);
	return finish(net, dropout, outputs, unit);
}

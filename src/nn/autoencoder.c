/*
 * autoencoder.c - nets that learn to reconstruct their input from a short code
 *
 * Dense, as in DEC (Xie, Girshick and Farhadi, 2016): the hidden layers, the
 * embedding, the hidden layers in reverse order, the input; all rectified
 * except for the embedding and the last layer, which are linear.
 *
 * Convolutional, as in TELL (Peng et al., 2022) but without batch
 * normalization; sides must be multiples of four:
 *
 *   3x3 to 16 channels, 32 at half the side, 32, 16 at a quarter, 256, embedding,
 *   256, 16 at a quarter, 32 at half, 32, 16 at the whole side, 3x3 to the image.
 *
 * All layers are rectified except for the embedding and the layer that becomes
 * an image again, which are linear, and the last, which is a sigmoid.  The
 * embedding may be brought to unit length.
 */
#include "nn/net.h"

static void
embed(FcNet *net, int32_t latent, bool normalize)
{
	fc_net_dense(net, latent, &fc_linear);
	if (normalize)
		fc_net_normalize(net);
	fc_net_embed(net);
}

/* dropout: share of the inputs that are left out, for rows that cannot be moved about like images */
FcStatus
fc_dense_autoencoder(FcNet *net, int32_t columns, const int32_t *hidden, int32_t nhidden, int32_t latent,
					 bool normalize, double dropout)
{
	fc_net_begin(net, (FcShape) {columns, 1, 1});
	if (dropout > 0)
		fc_net_dropout(net, dropout);
	fc_net_hidden(net, hidden, nhidden);
	embed(net, latent, normalize);
	for (int32_t i = nhidden - 1; i >= 0; i--)
		fc_net_dense(net, hidden[i], &fc_relu);
	fc_net_dense(net, columns, &fc_linear);
	return fc_net_end(net);
}

static void
conv_encoder(FcNet *net, int32_t latent, bool normalize)
{
	fc_net_conv(net, 16, fc_window(3, 1, 1), &fc_relu);
	fc_net_conv(net, 32, fc_window(3, 2, 1), &fc_relu);
	fc_net_conv(net, 32, fc_window(3, 1, 1), &fc_relu);
	fc_net_conv(net, 16, fc_window(3, 2, 1), &fc_relu);
	fc_net_dense(net, 256, &fc_relu);
	embed(net, latent, normalize);
}

static void
conv_decoder(FcNet *net, FcShape image)
{
	FcShape		quarter = {16, image.height / 4, image.width / 4};

	fc_net_dense(net, 256, &fc_relu);
	fc_net_dense(net, (int32_t) fc_shape_columns(quarter), &fc_linear);
	fc_net_reshape(net, quarter);
	fc_net_conv_transpose(net, 32, fc_window_transposed(3, 2, 1, 1), &fc_relu);
	fc_net_conv_transpose(net, 32, fc_window_transposed(3, 1, 1, 0), &fc_relu);
	fc_net_conv_transpose(net, 16, fc_window_transposed(3, 2, 1, 1), &fc_relu);
	fc_net_conv_transpose(net, image.channels, fc_window_transposed(3, 1, 1, 0), &fc_sigmoid);
}

FcStatus
fc_conv_autoencoder(FcNet *net, FcShape image, int32_t latent, bool normalize)
{
	fc_net_begin(net, image);
	if (image.height % 4 != 0 || image.width % 4 != 0)
		fc_net_fail(net, FC_BAD_SHAPE);
	if (net->status != FC_OK)
		return net->status;
	fc_net_interleave(net);
	conv_encoder(net, latent, normalize);
	conv_decoder(net, image);
	fc_net_separate(net);
	return fc_net_end(net);
}

/* Codes that are not negative: the layer that makes them, before they are brought to unit length, is rectified */
void
fc_net_rectify_codes(FcNet *net)
{
	int32_t		l = net->embedding - 1;

	while (net->layer[l].activation == NULL)
		l--;
	net->layer[l].activation = &fc_relu;
}

/*
 * product.c - products of a layer with its weights
 *
 *	Y = X W,  dX = dY W',  dW = X' dY (+ dW)
 *
 * X (rows, inputs), Y (rows, outputs), W (inputs, outputs), which lies either
 * way (see FcLayerOps); all without gaps.  A convolution has pixels for rows.
 * Almost all arithmetic of a network happens here.
 */
#include "nn/net.h"

/* (rows, columns) as it lies */
static FcMatrix
matrix(const FcReal *data, int64_t columns)
{
	return (FcMatrix) {data, columns, 1};
}

/* The transpose of (rows, columns) */
static FcMatrix
transposed(const FcReal *data, int64_t columns)
{
	return (FcMatrix) {data, 1, columns};
}

static void
multiply(const FcHooks *hooks, int64_t m, int64_t n, int64_t k, FcMatrix a, FcMatrix b, bool add, FcReal *c)
{
	FcProduct	p = {
		.isa = fc_best_isa(), .precision = FC_REAL_PRECISION, .m = m, .n = n, .k = k, .a = a, .b = b, .add = add,
		.c = c, .stride = n
	};

	fc_multiply(&p, hooks);
}

/* ---- weights ---- */

/* The weights of a layer as (inputs, outputs) */
static FcMatrix
weights_of(const FcBatch *b, const FcLayer *l)
{
	const FcReal *w = fc_weights_of(b, l);

	return l->ops->input_major ? matrix(w, fc_layer_outputs(l)) : transposed(w, fc_layer_inputs(l));
}

/* Numbers in the packed weights of a layer */
size_t
fc_packed_size(const FcLayer *l)
{
	return fc_pack_size(fc_layer_outputs(l), fc_layer_inputs(l));
}

/* The weights of a layer, packed: of old, or into room, which has fc_packed_size() */
const FcReal *
fc_pack_weights(const FcBatch *b, const FcLayer *l, FcReal *room)
{
	if (b->packed)
		return b->packed + l->packed;
	fc_pack(FC_REAL_PRECISION, fc_layer_outputs(l), fc_layer_inputs(l), weights_of(b, l), room, &b->hooks);
	return room;
}

/* C (rows, outputs) = A W, A (rows, inputs); packed may be NULL */
void
fc_product_weights(const FcBatch *b, const FcLayer *l, const FcReal *packed, int64_t rows, const FcReal *a, FcReal *c)
{
	int64_t		inputs = fc_layer_inputs(l);
	int64_t		outputs = fc_layer_outputs(l);
	FcProduct	p = {
		.isa = fc_best_isa(), .precision = FC_REAL_PRECISION, .m = rows, .n = outputs, .k = inputs, .a = matrix(a, inputs),
		.b = weights_of(b, l), .panels = packed, .c = c, .stride = outputs
	};

	fc_multiply(&p, &b->hooks);
}

/* Numbers in the packed transpose of the weights */
size_t
fc_packed_back_size(const FcLayer *l)
{
	return fc_pack_size(fc_layer_inputs(l), fc_layer_outputs(l));
}

/* The transpose of the weights of a layer, packed into room, which has fc_packed_back_size() */
const FcReal *
fc_pack_back(const FcBatch *b, const FcLayer *l, FcReal *room)
{
	FcMatrix	w = weights_of(b, l);

	fc_pack(FC_REAL_PRECISION, fc_layer_inputs(l), fc_layer_outputs(l), (FcMatrix) {w.data, w.column, w.row}, room,
			&b->hooks);
	return room;
}

/* C (rows, inputs) = A W', A (rows, outputs); packed may be NULL */
void
fc_product_back(const FcBatch *b, const FcLayer *l, const FcReal *packed, int64_t rows, const FcReal *a, FcReal *c)
{
	int64_t		inputs = fc_layer_inputs(l);
	int64_t		outputs = fc_layer_outputs(l);
	FcMatrix	w = weights_of(b, l);
	FcProduct	p = {
		.isa = fc_best_isa(), .precision = FC_REAL_PRECISION, .m = rows, .n = inputs, .k = outputs, .a = matrix(a, outputs),
		.b = {w.data, w.column, w.row}, .panels = packed, .c = c, .stride = inputs
	};

	fc_multiply(&p, &b->hooks);
}

/*
 * Gradients of a range of the weights, as they lie: rows of X' DY, or of DY' X, of
 * X (rows, inputs) and DY (rows, outputs); added to "to", or not
 */
void
fc_product_gradient(const FcBatch *b, FcRange r, int64_t rows, const FcReal *x, const FcReal *dy, bool add, FcReal *to)
{
	int64_t		inputs = fc_layer_inputs(r.layer);
	int64_t		outputs = fc_layer_outputs(r.layer);
	bool		input_major = r.layer->ops->input_major;
	const FcReal *a = (input_major ? x : dy) + r.first;

	multiply(&b->hooks, r.last - r.first, input_major ? outputs : inputs, rows,
			 transposed(a, input_major ? inputs : outputs), matrix(input_major ? dy : x, input_major ? outputs : inputs),
			 add, to);
}

/* The same of a convolution, between the patches of images and the pixels of the other side, piece by piece */
void
fc_product_patches(FcBatch *b, FcRange r, const FcReal *images, const FcReal *pixels, FcReal *to)
{
	FcGrid		g = fc_grid_of_layer(r.layer);
	bool		input_major = r.layer->ops->input_major;
	int64_t		width = g.width * (int64_t) (input_major ? r.layer->in.channels : r.layer->out.channels);
	int64_t		all = (int64_t) b->rows * g.height;
	int64_t		most = fc_grid_lines(&g);

	for (int64_t line = 0; line < all; line += most)
	{
		int64_t		lines = all - line < most ? all - line : most;
		const FcReal *part = pixels + line * width;

		fc_grid_gather(&g, images, line, lines, b->scratch);
		fc_product_gradient(b, r, lines * g.width, input_major ? part : b->scratch, input_major ? b->scratch : part,
							line > 0, to);
	}
}

/*
 * joint.c - codes of rows and of their neighbours, by two encoders (EDCWRN)
 *
 *   u_i = encX(x_i) + max over its neighbours encN(x)		number by number (eq. 1)
 *   z_i = u_i, or u_i / |u_i|								(eq. 2)
 *
 * Both encoders have the same layers, each its own parameters; the decoder gets z.
 * A step is that of net.h, with
 *
 *		fc_joint_encode(j, x, neighbors, rows);		-> fc_batch_embedding(j->own)
 *		fc_batch_decode(j->own);
 *		loss = fc_mse(..., fc_batch_output_gradient(j->own));
 *		fc_joint_backward(j, dz);					-> gradients of the layers of both
 *
 * x (n, input), neighbors (n, count, input).
 */
#include "nn/loss.h"
#include "nn/net.h"

#include <string.h>

/* ---- the largest of neighbours ---- */

static int32_t
largest(const FcReal *x, int32_t count, int32_t m)
{
	int32_t		best = 0;

	for (int32_t l = 1; l < count; l++)
		if (x[(int64_t) l * m] > x[(int64_t) best * m])
			best = l;
	return best;
}

/* z (n, m) += the largest of each dimension of neighbors (n, count, m) */
void
fc_neighbor_max(const FcHooks *hooks, const FcReal *neighbors, int64_t n, int32_t count, int32_t m, FcReal *z)
{
	for (int64_t i = 0; i < n; i++, neighbors += (int64_t) count * m)
	{
		fc_check(hooks);
		for (int32_t j = 0; j < m; j++)
			z[i * m + j] += neighbors[(int64_t) largest(neighbors + j, count, m) * m + j];
	}
}

/* The gradient is passed to the largest, the first of equals */
void
fc_neighbor_max_gradient(const FcHooks *hooks, const FcReal *neighbors, const FcReal *dz, int64_t n, int32_t count,
						 int32_t m, FcReal *dneighbors)
{
	for (int64_t i = 0; i < n; i++, neighbors += (int64_t) count * m, dneighbors += (int64_t) count * m)
	{
		fc_check(hooks);
		for (int32_t j = 0; j < m; j++)
		{
			int32_t		best = largest(neighbors + j, count, m);

			for (int32_t l = 0; l < count; l++)
				dneighbors[(int64_t) l * m + j] = l == best ? dz[i * m + j] : 0;
		}
	}
}

/* ---- rows and their neighbours ---- */

static int32_t
width_of(const FcJoint *j)
{
	const FcNet *net = j->own->net;

	return (int32_t) fc_shape_columns(net->layer[net->embedding - 1].out);
}

/* own is laid out by the caller, which also sets the parts of a batch that both need */
void
fc_joint_layout(FcArena *a, FcJoint *j, FcBatch *own, int32_t count, bool unit)
{
	size_t		rows = own->capacity;

	*j = (FcJoint) {.own = own, .count = count, .unit = unit};
	fc_batch_layout(a, &j->other, own->net, own->net->embedding, own->capacity * count, true);
	j->u = fc_take_shared(a, fc_times(rows, width_of(j)), sizeof(FcReal));
	j->dnear = fc_take_shared(a, fc_times(fc_times(rows, count), width_of(j)), sizeof(FcReal));
}

/* Eq. 1 and 2: z (n, m), codes by the first encoder, and near (n, count, m), those of neighbours by the second */
void
fc_join_codes(const FcHooks *hooks, const FcReal *near, int64_t n, int32_t count, int32_t m, bool unit, FcReal *z)
{
	fc_neighbor_max(hooks, near, n, count, m, z);
	if (unit)
		fc_l2norm(z, n, m, z);
}

/* Some rows of the batch with their neighbours; own becomes those of j->own */
void
fc_joint_part(FcJoint *part, FcBatch *own, const FcJoint *j, int32_t first, int32_t rows)
{
	*part = *j;
	part->own = own;
	fc_batch_part(own, j->own, first, rows);
	fc_batch_part(&part->other, &j->other, first * j->count, rows * j->count);
	part->u += (int64_t) first * width_of(j);
	part->dnear += (int64_t) first * j->count * width_of(j);
}

/* Random numbers of a step, of the whole batch: neighbours draw those after its rows' */
void
fc_joint_rng(FcJoint *j, FcRng rng)
{
	j->own->rng = j->other.rng = rng;
	fc_batch_next(&j->other, j->own->capacity);
}

/* x and neighbors must stay until backward */
void
fc_joint_encode(FcJoint *j, const FcReal *x, const FcReal *neighbors, int32_t rows)
{
	FcBatch    *own = j->own;
	int32_t		m = width_of(j);
	size_t		size = sizeof(FcReal) * rows * m;

	fc_batch_encode(own, x, rows);
	fc_batch_encode(&j->other, neighbors, rows * j->count);
	memcpy(j->u, fc_batch_embedding(own), size);
	fc_neighbor_max(&own->hooks, fc_batch_embedding(&j->other), rows, j->count, m, j->u);
	if (j->unit)
		fc_l2norm(j->u, rows, m, fc_batch_embedding(own));
	else
		memcpy(fc_batch_embedding(own), j->u, size);
}

/*
 * Gradients of the layers of both, of a loss of the output, which is in
 * fc_batch_output_gradient(j->own), and of another one of z, dz (rows, m), which
 * is destroyed
 */
void
fc_joint_backward(FcJoint *j, FcReal *dz)
{
	int32_t		rows = j->own->rows;
	int32_t		m = width_of(j);

	fc_batch_backward_decoder(j->own, dz);
	if (j->unit)
		fc_l2norm_gradient(j->u, dz, rows, m, dz);
	fc_neighbor_max_gradient(&j->own->hooks, fc_batch_embedding(&j->other), dz, rows, j->count, m, j->dnear);
	fc_batch_backward(&j->other, false, j->dnear);
	fc_batch_backward(j->own, false, dz);
}

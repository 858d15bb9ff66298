/*
 * distance.c - distances of a code to the clusters of a model
 *
 *	D_c = scale sum_j w_cj (z_j - v_cj)^2					(eq. 1)
 *
 * with all w = 1, or scale = latent where the method has weights, whose sums are 1.
 *
 * If the clusters of an autoencoder come from the graph of neighbours, their
 * centers do not describe them well: D_c is the mean of the squared distances
 * to the nearest three of the stored codes that belong to cluster c.
 *
 * Where a classifier has refined the clusters, it takes the encoder's place: its
 * head has centers for eq. 1, without weights; or it ends with a softmax, and then
 * D_c = -ln u_c of the membership.
 *
 * Where clusters are normal distributions, D_c is what their densities at the code
 * depend on: see the method.
 *
 * Codes that include neighbours are combined from those stored in the model.
 * A row is not its own neighbour: one stored row whose code is equal up to
 * rounding is taken for the row itself, and left out.
 */
#include "deep/model.h"
#include "nn/graph.h"

#include <math.h>
#include <string.h>

#define SAME	1e-5			/* distance to a code, relative to its length, that is rounding */

/* ---- to clusters ---- */

/* Eq. 1 for centers v (k, width), with weights w (k, width) unless that is NULL */
static void
to_centers(const FcReal *z, const double *v, const double *w, int32_t k, int32_t width, double *at)
{
	for (int32_t c = 0; c < k; c++, v += width)
	{
		double		sum = 0;

		for (int32_t j = 0; j < width; j++)
			sum += (w ? width * w[(int64_t) c * width + j] : 1) * (z[j] - v[j]) * (z[j] - v[j]);
		at[c] = sum;
	}
}

/* near (FC_DEEP_NEAR), sorted, takes up one more if it is nearer than the last */
static void
insert(double *near, double distance)
{
	int			place = FC_DEEP_NEAR - 1;

	if (!(distance < near[place]))
		return;
	for (; place > 0 && distance < near[place - 1]; place--)
		near[place] = near[place - 1];
	near[place] = distance;
}

/* Clusters that no stored code belongs to are infinitely far */
static void
to_codes(const FcModel *m, const FcReal *z, double *at, double *near)
{
	int32_t		width = fc_deep_latent(m);
	const float *code = FC_DEEP_CODES(m).data;

	for (int64_t i = 0; i < (int64_t) m->k * FC_DEEP_NEAR; i++)
		near[i] = INFINITY;
	for (int32_t i = 0; i < FC_DEEP_CODES(m).rows; i++, code += width + 1)
	{
		float		sum = 0;

		for (int32_t j = 0; j < width; j++)
			sum += (z[j] - code[j]) * (z[j] - code[j]);
		insert(near + (int64_t) code[width] * FC_DEEP_NEAR, sum);
	}
	for (int32_t c = 0; c < m->k; c++, near += FC_DEEP_NEAR)
	{
		int			found = 0;
		double		sum = 0;

		for (; found < FC_DEEP_NEAR && isfinite(near[found]); found++)
			sum += near[found];
		at[c] = found > 0 ? sum / found : INFINITY;
	}
}

/*
 * Squared distances at (k) of a code, or of a classifier's outputs for a row,
 * and the first of the nearest; near is work space
 */
int32_t
fc_deep_nearest(const FcModel *m, const FcReal *z, double *at, double *near)
{
	int32_t		best = 0;

	if (fc_deep_has_softmax(m))
		fc_negative_log_softmax(z, m->k, at);
	else if (fc_deep_refines(m))
		to_centers(z, FC_DEEP_HEAD(m), NULL, m->k, fc_deep_outputs(m), at);
	else if (fc_deep_method(m)->variational)
		fc_deep_method(m)->variational->distances(m, z, at);
	else if (FC_DEEP_CODES(m).rows > 0)
		to_codes(m, z, at, near);
	else
		to_centers(z, FC_DEEP_CENTERS(m), fc_deep_method(m)->has_weights ? FC_DEEP_WEIGHTS(m) : NULL, m->k, fc_deep_latent(m), at);
	for (int32_t c = 1; c < m->k; c++)
		if (at[c] < at[best])
			best = c;
	return best;
}

/* ---- to neighbours ---- */

/* near (count, latent) becomes the codes by the second encoder of these rows of the model */
void
fc_deep_neighbor_codes(const FcModel *m, const int32_t *rows, int32_t count, FcReal *near)
{
	int32_t		width = fc_deep_latent(m);
	const FcReal *second = FC_DEEP_NEIGHBOR_CODES(m).data + width;

	for (int64_t l = 0; l < count; l++)
		memcpy(near + l * width, second + 2 * (int64_t) rows[l] * width, sizeof(FcReal) * width);
}

/* Is a stored row at this squared distance the row itself? */
static bool
is_same(double distance, const FcReal *z, int32_t width)
{
	double		square = 0;

	for (int32_t j = 0; j < width; j++)
		square += (double) z[j] * z[j];
	return distance <= SAME * SAME * square;
}

/* z (latent), the code of any row by the first encoder, becomes that by both; near (neighbors, latent) is work space */
void
fc_deep_join_row(const FcModel *m, const FcHooks *hooks, FcReal *near, FcReal *z)
{
	int32_t		width = fc_deep_latent(m);
	int32_t		count = fc_deep_neighbors(m);
	const FcNarrow *codes = &FC_DEEP_NEIGHBOR_CODES(m);
	double		distance[FC_DEEP_MOST_JOINED + 1];
	int32_t		nearest[FC_DEEP_MOST_JOINED + 1];

	fc_search_one(hooks, codes->data, codes->rows, 2 * width, z, width, count + 1, distance, nearest);
	fc_deep_neighbor_codes(m, nearest + is_same(distance[0], z, width), count, near);
	fc_join_codes(hooks, near, 1, count, width, fc_deep_is_unit(m), z);
}

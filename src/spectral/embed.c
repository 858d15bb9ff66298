/*
 * embed.c - the position of a row in the embedding by eigenvectors
 *
 * The graph has landmarks x_l, each representing w_l rows, affinities a(x, y)
 * = exp(-|x - y|^2 / (2 sigma^2)), degrees d_l, and eigenvectors u_e of its
 * normalized matrix.  A row that is a landmark is embedded as that; another by
 * the Nystrom extension, with b_le = w_l u_le / (lambda_e sqrt(d_l)),
 *
 *	u_e(x) = sum_l a(x, x_l) b_le / sqrt(d(x)),  d(x) = sum_l w_l a(x, x_l)	(eq. 1)
 *
 * and then, by NJW and for the normalized cut,
 *
 *	z(x) = u(x) / |u(x)|,  z(x) = u(x) / sqrt(d(x))						(eq. 2)
 *
 * At a landmark, eq. 1 gives the eigenvector if one of the rows that it
 * represents is left out, the row itself.  Taking the landmark's own embedding
 * gives the same without rounding, and without division by a small eigenvalue.
 *
 * Of local affinities (graph.c) a(x, y) = exp(-|x - y|^2 / (s(x) s(y))), where s(x) is the distance of
 * the row to the landmark that is its seventh or third neighbour, as it is of landmarks.
 *
 * Neither z changes when all affinities of a row are multiplied by one number, so
 * the largest is made 1: no row is too far away to be embedded.
 *
 * All is in double precision, and the same for one row as for many, so that a row
 * finds its cluster again; where rows were float32, others are rounded to that.
 */
#include "spectral/embed.h"
#include "spectral/affinity.h"
#include "spectral/model.h"

#include <math.h>
#include <string.h>

#define SMALL_EIGENVALUE	1e-8	/* quotients by less than this are rounding errors */
#define PRODUCTS			(1 << 23)	/* between two checks */

void *
fc_embedding_layout(FcArena *a, const FcModel *m)
{
	size_t		stride = fc_spectral_stride(m);
	size_t		width = fc_spectral_width(m);
	FcEmbedding fields = {
		.basis = fc_take(a, fc_times(width + 1, stride), sizeof(double)),
		.query = fc_take(a, fc_times(FC_LANES, m->d), sizeof(double)),
		.near = fc_take(a, fc_times(FC_LANES, stride), sizeof(double)),
		.sum = fc_take(a, fc_times(FC_LANES, width + 1), sizeof(double)),
		.weight = fc_take(a, FC_LANES, sizeof(double)),
		.z = fc_take(a, fc_times(width, FC_LANES), sizeof(double)),
		.at = fc_take(a, fc_times(m->k, FC_LANES), sizeof(double)),
	};

	return fc_place(a, &fields, sizeof(fields));
}

void
fc_embedding_load(FcMetric *t)
{
	FcEmbedding *s = t->private_data;
	const FcModel *m = t->model;
	int32_t		stride = fc_spectral_stride(m);
	int32_t		width = fc_spectral_width(m);

	for (int32_t v = 0; v < width; v++)
	{
		double		lambda = FC_EIGENVALUES(m)[v];
		double		factor = fabs(lambda) < SMALL_EIGENVALUE ? 0 : 1 / lambda;
		const double *u = FC_VECTORS(m) + (int64_t) v * stride;

		for (int32_t l = 0; l < stride; l++)
			s->basis[(int64_t) v * stride + l] = FC_MASS(m)[l] * u[l] * factor / sqrt(FC_DEGREES(m)[l]);
	}
	memcpy(s->basis + (int64_t) width * stride, FC_MASS(m), sizeof(double) * stride);
	s->used = stride;
	while (s->used > FC_LANES && FC_MASS(m)[s->used - 1] == 0)
		s->used--;
	s->used = FC_ROUND_UP(s->used, FC_LANES);
	memset(s->query, 0, sizeof(double) * FC_LANES * m->d);
	memset(s->z, 0, sizeof(double) * width * FC_LANES);
}

/* The least distance; those of landmarks without mass become infinite */
static double
least_of(double *at, const double *mass, int32_t n)
{
	double		part[FC_LANES];
	double		least = INFINITY;

	for (int l = 0; l < FC_LANES; l++)
		part[l] = INFINITY;
	for (int32_t i = 0; i < n; i += FC_LANES)
		for (int l = 0; l < FC_LANES; l++)
		{
			at[i + l] = mass[i + l] > 0 ? at[i + l] : INFINITY;
			part[l] = at[i + l] < part[l] ? at[i + l] : part[l];
		}
	for (int l = 0; l < FC_LANES; l++)
		least = part[l] < least ? part[l] : least;
	return least;
}

/* Affinities of a row that is no landmark from its distances, of which this is the least */
static void
find_affinities(const FcMetric *t, double *at, double least)
{
	const FcEmbedding *s = t->private_data;
	const FcModel *m = t->model;
	double		width = 1;

	if (m->option[FC_SPECTRAL_AFFINITY] == FC_LOCAL)
	{
		width = sqrt(fc_neighbor_distance(at, s->used, -1, fc_spectral_neighbor(m)));
		for (int32_t l = 0; l < s->used; l++)
			at[l] /= FC_WIDTHS(m)[l];
		least = least_of(at, FC_MASS(m), s->used);
	}
	fc_affinities[t->isa][FC_F64] (at, s->used, least, fc_affinity_factor(m, width));
}

/* Divides row i of z by its length or by the given number; the result is 0 if that is impossible */
static void
finish(const FcModel *m, double *z, double divisor)
{
	int32_t		width = fc_spectral_width(m);
	double		largest = 0;
	double		sum = 0;
	bool		finite = true;

	for (int32_t v = 0; v < width; v++)
	{
		finite = finite && isfinite(z[v * FC_LANES]);
		largest = fmax(largest, fabs(z[v * FC_LANES]));
	}
	if (m->option[FC_SPECTRAL_KIND] == FC_NJW)
	{
		for (int32_t v = 0; v < width; v++)
			sum += z[v * FC_LANES] / largest * (z[v * FC_LANES] / largest);
		divisor = largest * sqrt(sum);
	}
	for (int32_t v = 0; v < width; v++)
	{
		z[v * FC_LANES] /= divisor;
		finite = finite && isfinite(z[v * FC_LANES]);
	}
	for (int32_t v = 0; v < width && !finite; v++)
		z[v * FC_LANES] = 0;
}

/* Row i, which is a landmark: the first at distance 0 */
static void
look_up(FcMetric *t, int32_t i)
{
	FcEmbedding *s = t->private_data;
	const FcModel *m = t->model;
	int32_t		stride = fc_spectral_stride(m);
	int32_t		l = 0;

	while (l < s->used - 1 && s->near[(int64_t) i * stride + l] != 0)
		l++;
	for (int32_t v = 0; v < fc_spectral_width(m); v++)
		s->z[v * FC_LANES + i] = FC_VECTORS(m)[(int64_t) v * stride + l];
	finish(m, s->z + i, sqrt(FC_DEGREES(m)[l]));
}

/* Row i by eq. 1, from its sums */
static void
extend(FcMetric *t, int32_t i)
{
	FcEmbedding *s = t->private_data;
	int32_t		width = fc_spectral_width(t->model);
	const double *sum = s->sum + (int64_t) i * (width + 1);

	for (int32_t v = 0; v < width; v++)
		s->z[v * FC_LANES + i] = sum[v];
	finish(t->model, s->z + i, sum[width]);
}

/* Where the first "count" rows of the query lie, at most FC_LANES */
void
fc_embed(FcMetric *t, int32_t count)
{
	FcEmbedding *s = t->private_data;
	const FcModel *m = t->model;
	const FcBlockOps *ops = fc_block_ops(t->isa, FC_F64);
	int32_t		stride = fc_spectral_stride(m);
	int32_t		width = fc_spectral_width(m);
	double		least[FC_LANES];
	int32_t		elsewhere = 0;

	fc_landmark_distances(m, t->isa, s->used, s->query, count, s->near, &t->hooks);
	for (int32_t i = 0; i < count; i++)
	{
		double	   *near = s->near + (int64_t) i * stride;

		least[i] = least_of(near, FC_MASS(m), s->used);
		if (least[i] == 0)
			continue;
		find_affinities(t, near, least[i]);
		elsewhere++;
	}
	if (elsewhere > 0)
	{
		memset(s->sum, 0, sizeof(double) * count * (width + 1));
		memset(s->weight, 0, sizeof(double) * count);
		ops->accumulate(s->basis, stride, s->used, width + 1, s->near, stride, count, s->sum, s->weight);
	}
	for (int32_t i = 0; i < count; i++)
		if (least[i] == 0)
			look_up(t, i);
		else
			extend(t, i);
}

/* ---- distances to the centers of the clusters ---- */

/* Rows from "first" on, in the precision of the model */
static void
take_rows(FcMetric *t, const void *x, int64_t xstride, int32_t first, int32_t count)
{
	FcEmbedding *s = t->private_data;

	for (int32_t i = 0; i < count; i++)
		for (int32_t j = 0; j < t->d; j++)
		{
			double		value = fc_get(x, t->precision, j * xstride + first + i);

			s->query[(int64_t) i * t->d + j] = t->model->precision == FC_F32 ? (float) value : value;
		}
}

static void
distances(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	FcEmbedding *s = t->private_data;
	const FcModel *m = t->model;
	int32_t		rows = t->one_row ? 1 : lanes;
	int64_t		most = 1 + PRODUCTS / ((int64_t) fc_spectral_stride(m) * (m->d + fc_spectral_width(m)));
	int32_t		step = most < FC_LANES ? (int32_t) most : FC_LANES;

	for (int32_t first = 0; first < rows; first += step)
	{
		int32_t		count = rows - first < step ? rows - first : step;

		fc_check(&t->hooks);
		take_rows(t, x, xstride, first, count);
		fc_embed(t, count);
		fc_block_ops(t->isa, FC_F64)->distance(s->z, FC_LANES, FC_LANES, fc_spectral_width(m),
											   FC_EMBEDDED(m), m->k, s->at, FC_LANES);
		for (int32_t c = 0; c < m->k; c++)
			for (int32_t i = 0; i < count; i++)
			{
				double		value = s->at[c * FC_LANES + i];

				fc_set(at, t->precision, (int64_t) c * stride + first + i,
					   m->precision == FC_F32 ? (float) value : value);
			}
	}
}

const FcDistances fc_spectral_distances[FC_ISAS][2] = {
	{distances, distances},
	{distances, distances},
	{distances, distances},
};

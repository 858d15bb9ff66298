/*
 * model.c - options and arrays of spectral clustering
 */
#include "spectral/model.h"
#include "core/gaps.h"
#include "core/kernel.h"

#include <math.h>
#include <string.h>

#define PRODUCTS	(1 << 22)	/* between two checks */

static const char *const kinds[] = {"njw", "ncut", NULL};
static const char *const affinities[] = {"gaussian", "local", NULL};

const FcOption fc_spectral_options[] = {
	[FC_SPECTRAL_KIND] = {
		.name = "kind", .type = FC_CHOICE, .initial = FC_NJW, .min = FC_NJW, .max = FC_NCUT,
		.choices = kinds,
		.help = "how rows are embedded by the eigenvectors: njw (rows normalized to length 1) or ncut (normalized cut)"
	},
	[FC_SPECTRAL_SIGMA] = {
		.name = "sigma", .type = FC_NUMBER, .initial = NAN, .min = 1e-153, .max = 1e150,
		.help = "width of the affinity function: rows much farther apart are not neighbours; default: the median distance to the 7th neighbour"
	},
	[FC_SPECTRAL_AFFINITY] = {
		.name = "affinity", .type = FC_CHOICE, .initial = NAN, .min = FC_GAUSSIAN, .max = FC_LOCAL,
		.choices = affinities,
		.help = "gaussian (sigma is the same for all rows) or local (each row has its own, the distance to its 7th neighbour); default: gaussian, and local where that makes clusters smaller than the neighbourhood"
	},
	[FC_SPECTRAL_EXACT_ROWS] = {
		.name = "exact_rows", .type = FC_INTEGER, .initial = 2000, .min = 0, .max = FC_MOST_NODES,
		.help = "largest number of rows for an exact graph; above it landmarks are used"
	},
	[FC_SPECTRAL_LANDMARKS] = {
		.name = "landmarks", .type = FC_INTEGER, .initial = 1000, .min = FC_MOST_VECTORS, .max = FC_MOST_NODES,
		.help = "number of landmarks (rows in an approximate graph); should be several times the number of clusters"
	},
	{.name = NULL}
};

/* Most landmarks */
int32_t
fc_spectral_room(const FcModel *m)
{
	if (m->rows <= m->option[FC_SPECTRAL_EXACT_ROWS] || m->rows <= m->option[FC_SPECTRAL_LANDMARKS])
		return (int32_t) m->rows;
	return (int32_t) m->option[FC_SPECTRAL_LANDMARKS];
}

int32_t
fc_spectral_stride(const FcModel *m)
{
	return FC_ROUND_UP(fc_spectral_room(m), FC_LANES);
}

/* Dimensions of the embedding */
int32_t
fc_spectral_width(const FcModel *m)
{
	int32_t		room = fc_spectral_room(m);
	int32_t		width = m->k < FC_MOST_VECTORS ? m->k : FC_MOST_VECTORS;

	return width < room ? width : room;
}

/* Which neighbour of a row of the graph tells how dense rows are there */
int
fc_spectral_neighbor(const FcModel *m)
{
	return fc_spectral_room(m) == m->rows ? FC_NEIGHBOR_OF_ROWS : FC_NEIGHBOR_OF_LANDMARKS;
}

/*
 * Of n distances, the one with this rank from the least, 1 to FC_NEIGHBOR_OF_ROWS, without that of number
 * "without", and those that are infinite; the largest if there are fewer, and 0 if there are none
 */
double
fc_neighbor_distance(const double *at, int32_t n, int32_t without, int rank)
{
	double		least[FC_NEIGHBOR_OF_ROWS];
	int			found = 0;

	for (int32_t p = 0; p < n; p++)
	{
		int			place = found;

		if (p == without || at[p] == INFINITY || (found == rank && at[p] >= least[rank - 1]))
			continue;
		if (found < rank)
			found++;
		else
			place--;
		for (; place > 0 && least[place - 1] > at[p]; place--)
			least[place] = least[place - 1];
		least[place] = at[p];
	}
	return found > 0 ? least[found - 1] : 0;
}

int
fc_spectral_arrays(FcModel *m, FcArray *extra)
{
	int32_t		stride = fc_spectral_stride(m);
	int32_t		width = fc_spectral_width(m);

	extra[0] = (FcArray) {"landmarks", m->d, stride, &FC_LANDMARKS(m), NULL, NULL, FC_OF_MODEL};
	extra[1] = (FcArray) {"vectors", width, stride, &FC_VECTORS(m), NULL, NULL, FC_OF_MODEL};
	extra[2] = (FcArray) {"mass", stride, 1, &FC_MASS(m), NULL, NULL, FC_OF_MODEL};
	extra[3] = (FcArray) {"degrees", stride, 1, &FC_DEGREES(m), NULL, NULL, FC_OF_MODEL};
	extra[4] = (FcArray) {"eigenvalues", width, 1, &FC_EIGENVALUES(m), NULL, NULL, FC_OF_MODEL};
	extra[5] = (FcArray) {"embedded", m->k, width, &FC_EMBEDDED(m), NULL, NULL, FC_OF_CLUSTERS};
	extra[6] = (FcArray) {"widths", stride, 1, &FC_WIDTHS(m), NULL, NULL, FC_OF_MODEL};
	return 7;
}

bool
fc_spectral_check(const FcModel *m)
{
	for (int32_t l = 0; l < fc_spectral_stride(m); l++)
		if (FC_MASS(m)[l] < 0 || !(FC_DEGREES(m)[l] > 0) || !(FC_WIDTHS(m)[l] > 0))
			return false;
	return true;
}

/* Landmarks are rows, which are recognized by being the same */
void
fc_spectral_move(FcModel *m, const double *offset)
{
	int32_t		stride = fc_spectral_stride(m);

	for (int32_t j = 0; j < m->d; j++)
		for (int32_t l = 0; l < stride; l++)
		{
			double	   *x = &FC_LANDMARKS(m)[(int64_t) j * stride + l];

			if (FC_MASS(m)[l] > 0)
				*x = m->precision == FC_F32 ? (float) (*x + offset[j]) : *x + offset[j];
		}
}

/* Of a row that has features missing, NaN, as no landmark has: partial distances, from the other features */
static void
partial_distances(const FcModel *m, int32_t lanes, const double *row, double *near)
{
	int32_t		stride = fc_spectral_stride(m);
	double		observed = 0;

	memset(near, 0, sizeof(double) * lanes);
	for (int32_t j = 0; j < m->d; j++)
	{
		const double *landmark = FC_LANDMARKS(m) + (int64_t) j * stride;

		if (isnan(row[j]))
			continue;
		observed += fc_feature_share(m, j);
		for (int32_t l = 0; l < lanes; l++)
			near[l] += (landmark[l] - row[j]) * (landmark[l] - row[j]);
	}
	for (int32_t l = 0; l < lanes; l++)
		near[l] *= fc_model_columns(m) / observed;
}

/* Squared distances of some rows to the first "lanes" landmarks; near is (count, stride) */
void
fc_landmark_distances(const FcModel *m, int isa, int32_t lanes, const double *rows, int32_t count,
					  double *near, const FcHooks *hooks)
{
	int32_t		stride = fc_spectral_stride(m);
	int32_t		step = FC_ROUND_UP(PRODUCTS / m->d / count, FC_LANES);

	step = step < FC_LANES ? FC_LANES : step;
	for (int32_t first = 0; first < lanes; first += step)
	{
		fc_check(hooks);
		fc_block_ops(isa, FC_F64)->distance(FC_LANDMARKS(m) + first, stride, lanes - first < step ? lanes - first : step,
											m->d, rows, count, near + first, stride);
	}
	for (int32_t i = 0; i < count; i++)
		if (fc_has_gap(rows + (int64_t) i * m->d, m->d))
			partial_distances(m, lanes, rows + (int64_t) i * m->d, near + (int64_t) i * stride);
}

/*
 * moments.c - mean and standard deviation of each feature
 *
 * A model keeps them, so that a center can be compared with all rows.  Where rows are
 * scaled they have been found for that, and where rows are elsewhere the survey knows
 * them; else the first pass over all rows adds them up, while a tile is in the cache:
 * sums of w y and w y^2, y the difference to the row of the tile that counts most.
 * That row is among those which are added up, so y^2 is of the size of the result
 * at most, wherever the rows lie, and the tiles' means and squares are merged as those of
 * scale.c.
 */
#include "core/moments.h"

#include "core/optional.h"

#include <math.h>

#define ROUNDING	8			/* units of rounding of the mean: a smaller deviation is 0 */

#define FC_VARIANTS_OF "core/moments_loops.h"
#include "core/variants.h"

typedef void (*SquaresOf) (const void *x, const double *weight, int32_t rows, double shift, double *sum, double *squares);

static const SquaresOf squares_of[FC_ISAS][2] = FC_TABLE(squares_of);

/* Before a pass over all rows: is it to find them?  Not again, nor where others know them */
bool
fc_moments_begin(FcFit *f)
{
	if (f->columns == NULL || f->columns->n > 0 || f->rows.elsewhere)
		return false;
	fc_columns_clear(f->columns, &f->rows);
	return true;
}

/* The row with the largest weight, and the sum of all */
static int32_t
heaviest(const double *weight, int32_t rows, double *total)
{
	int32_t		best = 0;

	*total = 0;
	for (int32_t i = 0; i < rows; i++)
	{
		*total += weight[i];
		if (weight[i] > weight[best])
			best = i;
	}
	return best;
}

/* Adds a tile to a portion */
void
fc_moments_add(FcFit *f, const void *x, const double *weight, int32_t rows)
{
	const FcRows *all = &f->rows;
	FcColumns  *part = f->columns->part;
	double		total = rows;
	int32_t		usual = weight ? heaviest(weight, rows, &total) : 0;

	if (!(total > 0))
		return;
	for (int32_t j = 0; j < all->d; j++)
	{
		const char *column = (const char *) x + (int64_t) j * all->stride * FC_SIZE(all->precision);
		double		shift = fc_get(column, all->precision, usual);
		double		sum;
		double		squares;

		squares_of[f->isa][all->precision] (column, weight, rows, shift, &sum, &squares);
		fc_columns_add(part, j, total, shift + sum / total, fmax(0, squares - sum / total * sum));
	}
	part->n += total;
}

/* After the pass, whose rows may have been shifted */
void
fc_moments_end(FcFit *f)
{
	FcColumns  *s = f->columns;

	s->n = *s->total;
	for (int32_t j = 0; f->offset && j < f->rows.d; j++)
		s->mean[j] += f->offset[j];
}

/* When all is done, and f->rows are as they were read: into the model */
void
fc_moments_finish(FcFit *f)
{
	const FcColumns *s = f->columns;
	double	   *moments = FC_MOMENTS(f->model);
	int32_t		d = f->rows.d;

	if (s->n == 0)
		fc_columns_measure(f);
	for (int32_t j = 0; j < d; j++)
	{
		double		deviation = sqrt(s->squares[j] / s->weight[j]);

		moments[j] = s->mean[j];
		moments[d + j] = deviation > ROUNDING * DBL_EPSILON * fabs(s->mean[j]) ? deviation : 0;
	}
}

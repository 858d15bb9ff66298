/*
 * coincide.c - are two centers one?
 *
 * Two centers are one where they are closer than a thousandth of the larger mean distance of their
 * rows.  This is for Euclidean distances, during a training that has measured sizes and radii;
 * fit.c asks the same of the result with the distances of any kernel.
 */
#include "core/coincide.h"

#include "core/direction.h"

#include <math.h>

static bool
coincides_with_an_earlier(const FcModel *m, int32_t c)
{
	const double *v = m->centers + (int64_t) c * m->d;
	double		radius = fc_radius_of_features(m, c);

	for (int32_t b = 0; b < c; b++)
	{
		double		near = FC_COINCIDENT * fmax(radius, fc_radius_of_features(m, b));

		if (fc_squared_distance(v, m->centers + (int64_t) b * m->d, m->d) <= near * near)
			return true;
	}
	return false;
}

/* Do any two? */
bool
fc_centers_coincide(const FcFit *f)
{
	for (int32_t c = 1; c < f->model->k; c++)
	{
		fc_check(&f->hooks);
		if (coincides_with_an_earlier(f->model, c))
			return true;
	}
	return false;
}

/*
 * noise.c - noise (Dave, 1991)
 *
 * Noise is a cluster without a center: its distance to every row is the same, delta.  Memberships
 * and weights are those of the kernel for k + 1 clusters, of which the last has the squared distance
 *
 *	d_ik = delta^2											(eq. 1)
 *
 * Rows far from all centers belong to it, so that they do not draw these.  Sums, centers and sizes are those
 * of the k clusters; the objective has the terms of noise, too, and for one delta it falls as it does
 * without.  With k-means a row farther than delta from all centers belongs to no cluster, and adds delta^2.
 *
 * delta is in the units of cluster_distance(): see fc_length().  It may be found from a share of the
 * rows: see noise_share.c.
 */
#include "core/noise.h"

#include "core/direction.h"

/* Eq. 1, as the kernel measures it */
double
fc_noise_squared(const FcModel *m)
{
	double		distance = m->common[FC_NOISE_DISTANCE];

	return fc_measures_cosine(m) ? 2 * distance : distance * distance;
}

/* The inverse, within what the option may be */
void
fc_noise_set(FcModel *m, double squared)
{
	const FcOption *o = &fc_common_options[FC_NOISE_DISTANCE];
	double		distance = fc_measures_cosine(m) ? squared / 2 : sqrt(squared);

	m->common[FC_NOISE_DISTANCE] = fmin(fmax(distance, o->min), o->max);
}

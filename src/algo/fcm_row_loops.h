/*
 * fcm_row_loops.h - hot loops of fcm_row.c, once for each instruction set: see variants.h
 */

/* Eq. 3 of fcm.c for m = 2: whole lanes at a time but for the sum, which keeps its order */
static void
FC_VARIANT(memberships_2) (const double *restrict distance, double least, int32_t k, double *restrict u)
{
	int32_t		lanes = FC_ROUND_UP(k, FC_LANES);
	double		s = 0;

	for (int32_t c = 0; c < lanes; c++)
	{
		double		d = distance[c] <= DBL_MAX ? distance[c] : DBL_MAX;
		double		ratio = least / d;

		u[c] = d > least ? ratio : 1;
	}
	for (int32_t c = 0; c < k; c++)
		s += u[c];
	for (int32_t c = 0; c < lanes; c++)
		u[c] /= s;
}

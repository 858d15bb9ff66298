/*
 * direction.h - rows and centers as directions, for the distance 1 - cos
 */
#ifndef FC_DIRECTION_H
#define FC_DIRECTION_H

#include "core/fc.h"

/* Do rows and centers have length 1? */
static inline bool
fc_is_cosine(const FcModel *m)
{
	return m->common[FC_DISTANCE] == FC_COSINE;
}

/* Are distances to centers 1 - cos?  Some algorithms measure them in another space */
static inline bool
fc_measures_cosine(const FcModel *m)
{
	return fc_is_cosine(m) && !(m->algo->traits & FC_EMBEDS);
}

/* How many units of a squared distance make one of a distance, an objective or a temperature */
static inline double
fc_squared_unit(const FcModel *m)
{
	return fc_measures_cosine(m) ? 2 : 1;
}

extern bool fc_is_zero(const double *x, int32_t d);
extern bool fc_make_unit(void *x, FcPrecision precision, int32_t d);
extern bool fc_make_centers_unit(FcModel *m);
extern double fc_move_direction(double *v, const double *sum, double weight, int32_t d, FcPrecision precision);
extern double fc_length(const FcModel *m, int32_t c, double distance);
extern double fc_radius_of_features(const FcModel *m, int32_t c);

#endif

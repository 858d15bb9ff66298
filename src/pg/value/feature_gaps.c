/*
 * feature_gaps.c - vectors with missing features, where these are taken
 */
#include "pg/value/value.h"

/*
 * After fc_features_get() or fc_features_get_double() found a missing feature: all that are missing
 * become NaN in "out", of the given precision.  Returns whether there is another one.
 */
bool
fc_features_leave_gaps(const FeatureReader *r, void *out, FcPrecision precision)
{
	bool		any = false;

	for (int32 j = 0; j < r->d; j++)
		if (fc_is_missing(fc_get(out, precision, j), r->precision))
			fc_set(out, precision, j, NAN);
		else
			any = true;
	return any;
}

/*
 * fcm_row.c - memberships of one row in fuzzy c-means: a vector has the
 * ratios of several clusters, where in fcm.c it has those of several rows
 *
 * Powers stay in fcm.c: those of a vector differ in the last digits from those
 * of a number.
 */
#include "algo/fcm.h"

#define FC_ONLY_F64
#define FC_VARIANTS_OF "algo/fcm_row_loops.h"
#include "core/variants.h"

static const FcWeighRow memberships_2[FC_ISAS] = FC_TABLE_F64(memberships_2);

/* For every algorithm whose first option is the fuzzifier */
const FcWeighRow *
fc_fcm_row_memberships(const FcModel *m)
{
	return fc_fuzzifier(m) == 2 ? memberships_2 : NULL;
}

/*
 * fcm.h - parts of fuzzy c-means used by other algorithms
 */
#ifndef FC_FCM_H
#define FC_FCM_H

#include "core/critical.h"
#include "core/engine.h"

#include <math.h>

#define FC_LEAST_FUZZIFIER	1.001

/* The first option of every algorithm that has a fuzzifier */
#define FC_FUZZIFIER { \
		.name = "fuzzifier", .type = FC_NUMBER, .initial = FC_USUAL_FUZZIFIER, .min = FC_LEAST_FUZZIFIER, .max = 10, \
		.help = "softness of the memberships: crisp near 1, nearly equal if large" \
	}

/* The option, which a model may lack that others wrote */
static inline double
fc_fuzzifier(const FcModel *m)
{
	return isnan(m->option[0]) ? FC_USUAL_FUZZIFIER : m->option[0];
}

extern const FcWeigh fc_fcm_weights[FC_ISAS][2];
extern const FcWeigh fc_fcm_memberships[FC_ISAS][2];
extern const FcWeighRow *fc_fcm_row_memberships(const FcModel *m);
extern void fc_fcm_set_parameters(const FcModel *m, double *parameters);
extern double fc_fcm_earlier_fuzzifier(const FcFit *f);
#define FC_FCM_STAGE	1		/* its place among the stages of a kernel */

extern const FcKernel fc_fcm_stage_kernel;
extern FcStatus fc_iterate_as(FcEngine *e, int32_t stage, int32_t most);
extern FcStatus fc_fcm_stage(FcEngine *e);

#endif

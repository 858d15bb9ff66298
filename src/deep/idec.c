/*
 * idec.c - improved deep embedded clustering (Guo, Gao, Liu and Yin, 2017)
 *
 *	L = mean (y - x)^2 + lambda L_dec				(eq. 1)
 *
 * The loss of DEC plus the reconstruction loss, so that codes preserve the
 * information in the rows. lambda is gamma in the paper.  Memberships are
 * those of dec.c.
 *
 * Learned values: see model.c.
 */
#include "deep/student.h"

#define OPT_LAMBDA	FC_STUDENT_OWN

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, fc_deep_norms, FC_NO_NORM),
	FC_DEEP_CLUSTER_OPTIONS(15, 1e-3, 0),
	FC_STUDENT_OPTIONS,
	[OPT_LAMBDA] = FC_LAMBDA_OPTION(0.1),
	{.name = NULL}
};

static const FcKernel kernel = {
	FC_STUDENT_KERNEL,
};

static const FcDeepMethod method = {
	.decodes = true,
	.sharpens = true,
	.loss = fc_student_loss,
	.pull = fc_codes_pull,
	.loss_weight = OPT_LAMBDA,
	.distance_scale = FC_STUDENT_SCALE,
	.memberships = fc_student_memberships,
};

extern const FcAlgorithm fc_idec;
const FcAlgorithm fc_idec = {
	FC_DEEP_ALGORITHM,
	.name = "idec",
	.title = "improved deep embedded clustering",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};

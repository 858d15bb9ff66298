/*
 * dec.c - deep embedded clustering (Xie, Girshick and Farhadi, 2016)
 *
 *	u_ic = (1 + s D_ic / alpha)^-((alpha + 1) / 2), rows then adding up to 1	(eq. 1)
 *
 * for squared distances D of codes to centers, s the option dist_scale.  The
 * network and the centers learn the targets of nn/target.c by the loss of
 * nn/loss_dec.c; the decoder is not changed after the first phase.
 *
 * Learned values: see model.c.
 */
#include "deep/student.h"

#define FC_VARIANTS_OF "deep/dec_loops.h"
#include "core/variants.h"

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_GRAPH, fc_deep_norms, FC_NO_NORM),
	FC_DEEP_CLUSTER_OPTIONS(15, 3e-4, 0),
	FC_STUDENT_OPTIONS,
	{.name = NULL}
};

const FcWeigh fc_student_weigh[FC_ISAS][2] = FC_TABLE(student);

void
fc_student_set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[FC_STUDENT_SCALE];
	parameters[1] = m->option[FC_STUDENT_ALPHA];
}

void
fc_student_memberships(const FcModel *m, const FcCodes *c, FcReal *q)
{
	fc_dec_memberships(c, m->option[FC_STUDENT_ALPHA], q);
}

double
fc_student_loss(const FcDeepLoss *l)
{
	return fc_dec_loss(&l->codes, l->model->option[FC_STUDENT_ALPHA], l->p, l->weight, l->q, l->s, l->dz, l->dv);
}

static const FcKernel kernel = {
	FC_STUDENT_KERNEL,
};

static const FcDeepMethod method = {
	.sharpens = true,
	.loss = fc_student_loss,
	.distance_scale = FC_STUDENT_SCALE,
	.memberships = fc_student_memberships,
};

extern const FcAlgorithm fc_dec;
const FcAlgorithm fc_dec = {
	FC_DEEP_ALGORITHM,
	.name = "dec",
	.title = "deep embedded clustering",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};

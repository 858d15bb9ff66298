/*
 * dec.c - deep embedded clustering (Xie, Girshick and Farhadi, 2016)
 *
 *	u_ic = (1 + s D_ic / alpha)^-((alpha + 1) / 2), rows then adding up to 1	(eq. 1)
 *
 * for squared distances D of codes to centers, s the option dist_scale.  The network
 * and the centers learn the targets p of nn/target.c; the decoder is not changed
 * after the first phase:
 *
 *	L = (1/n) sum_ic p_ic log(p_ic / u_ic)									(eq. 2)
 *	2 dL/dD_ic = (alpha + 1)/alpha (p_ic - u_ic) / (1 + D_ic / alpha) / n	(eq. 3)
 *
 * nn/codes.c makes gradients by codes and centers of that.  IDEC (Guo et al., 2017)
 * is this loss with a small weight beside that of the decoder.
 *
 * Learned values: see model.c.
 */
#include "deep/loss.h"
#include "deep/student.h"

#include <math.h>

#define LEAST	1e-12

#define FC_VARIANTS_OF "deep/dec_loops.h"
#include "core/variants.h"

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, fc_deep_norms, FC_NO_NORM),
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

/* Eq. 1 without the sum */
double
fc_student_typicality(const FcModel *m, double distance)
{
	double		alpha = m->option[FC_STUDENT_ALPHA];

	return pow(1 + m->option[FC_STUDENT_SCALE] * distance / alpha, -(alpha + 1) / 2);
}

/* ---- the loss ---- */

/* q from D in place: relative to the nearest center, lest all of them underflow */
static void
memberships(int64_t n, int32_t k, double alpha, FcReal *q)
{
	FcReal		power = (FcReal) ((alpha + 1) / 2);

	for (int64_t i = 0; i < n; i++)
	{
		FcReal	   *at = q + i * k;
		FcReal		least = at[0];

		for (int32_t c = 1; c < k; c++)
			least = at[c] < least ? at[c] : least;
		for (int32_t c = 0; c < k; c++)
			at[c] = ((FcReal) alpha + least) / ((FcReal) alpha + at[c]);
		if (power != 1)
			for (int32_t c = 0; c < k; c++)
				at[c] = fc_real_pow(at[c], power);
	}
	fc_normalize_rows(q, n, k);
}

void
fc_dec_memberships(const FcCodes *c, double alpha, FcReal *q)
{
	fc_codes_distances(c, q);
	memberships(c->n, c->k, alpha, q);
}

/* q is left for the caller, s is work space; dv may be NULL */
double
fc_dec_loss(const FcCodes *c, double alpha, const FcReal *p, double weight, FcReal *q, FcReal *s, FcReal *dz,
			FcReal *dv)
{
	double		factor = weight * (alpha + 1) / c->n;
	double		loss = 0;

	fc_codes_distances(c, s);
	for (int64_t i = 0; i < c->n * c->k; i++)
		q[i] = s[i];
	memberships(c->n, c->k, alpha, q);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		if (p[i] > 0)
			loss += p[i] * log(p[i] / (q[i] < LEAST ? LEAST : q[i]));	/* a NaN stays one */
		s[i] = (FcReal) (factor * (p[i] - q[i]) / (alpha + s[i]));
	}
	fc_codes_pull(c, s, dz, dv);
	return loss / c->n;
}

/* ---- the method ---- */

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
	.pull = fc_codes_pull,
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

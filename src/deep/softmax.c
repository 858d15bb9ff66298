/*
 * softmax.c - memberships exp(-D / eta) that several methods have
 */
#include "deep/softmax.h"

#define FC_VARIANTS_OF "deep/softmax_loops.h"
#include "core/variants.h"

const FcWeigh fc_softmax_weigh[FC_ISAS][2] = FC_TABLE(softmax);

/* A classifier learns the cross-entropy of targets and exp(-factor D) */
double
fc_softmax_head_loss(const FcDeepLoss *l, double factor)
{
	double		sum = fc_code_cross_entropy(&l->codes, factor, l->p, 2 * l->weight, l->q, l->s);

	fc_codes_pull(&l->codes, l->s, l->dz, l->dv);
	return sum;
}

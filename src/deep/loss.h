/*
 * loss.h - the losses of the methods, each in the file of its method
 *
 * See nn/loss.h for what they are made of: codes c, targets p (n, k), and gradients
 * dz (n, m) by codes and dv (k, m) by centers, or NULL; q, s (n, k) are work space,
 * and memberships are left in q.  For tests, which compare them with differences.
 */
#ifndef FC_DEEP_LOSS_H
#define FC_DEEP_LOSS_H

#include "deep/method.h"

/* ---- dec.c ---- */

extern void fc_dec_memberships(const FcCodes *c, double alpha, FcReal *q);
extern double fc_dec_loss(const FcCodes *c, double alpha, const FcReal *p, double weight, FcReal *q, FcReal *s,
						  FcReal *dz, FcReal *dv);

/* ---- edcwrn.c ---- */

typedef struct FcEdcwrn
{
	double		a;
	double		b;
	bool		normalized;		/* the authors' code; else their paper */
} FcEdcwrn;

extern void fc_edcwrn_similarity(const FcCodes *c, const FcEdcwrn *e, FcReal *q);
extern double fc_edcwrn_loss(const FcCodes *c, const FcEdcwrn *e, const FcReal *p, double weight, FcReal *q,
							 FcReal *s, FcReal *dz, FcReal *dv);

/* ---- dfmec.c ---- */

extern void fc_dfmec_memberships(const FcCodes *c, double eta, FcReal *phi);
extern void fc_dfmec_pull(const FcCodes *c, const FcReal *s, FcReal *dz, FcReal *dv);
extern double fc_dfmec_loss(const FcCodes *c, double eta, const FcReal *phi, double weight, FcReal *s,
							FcReal *dz, FcReal *dv);
extern double fc_dfmec_cross_entropy(const FcCodes *c, double eta, const FcReal *p, double weight, FcReal *phi,
									 FcReal *s, FcReal *dz, FcReal *dv);

#endif

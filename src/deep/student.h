/*
 * student.h - memberships by Student's t distribution, defined in dec.c and
 * also used by idec.c
 */
#ifndef FC_DEEP_STUDENT_H
#define FC_DEEP_STUDENT_H

#include "deep/method.h"

extern void fc_student_set_parameters(const FcModel *m, double *parameters);
extern void fc_student_memberships(const FcModel *m, const FcCodes *c, FcReal *q);
extern double fc_student_loss(const FcDeepLoss *l);
extern const FcWeigh fc_student_weigh[FC_ISAS][2];
extern double fc_student_typicality(const FcModel *m, double distance);

enum
{
	FC_STUDENT_SCALE = FC_DEEP_CLUSTER_OWN,
	FC_STUDENT_ALPHA,
	FC_STUDENT_OWN
};

#define FC_STUDENT_OPTIONS \
	[FC_STUDENT_SCALE] = FC_DIST_SCALE_OPTION, \
	[FC_STUDENT_ALPHA] = { \
		.name = "freedom", .type = FC_NUMBER, .initial = 1, .min = 1e-3, .max = 1e3, \
		.help = "degrees of freedom of Student's t distribution (alpha in the paper)" \
	}

#define FC_STUDENT_KERNEL \
	FC_DEEP_KERNEL, .weights = fc_student_weigh, .memberships = fc_student_weigh, .set_parameters = fc_student_set_parameters, \
	.metric.typicality = fc_student_typicality

#endif

/*
 * contract.h - trainings of any algorithm, on one instruction set
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include "train.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))
#define SOME			20		/* iterations, where it does not matter whether it converges */

/* Trains with the defaults except for a limit, and checks the result */
UNUSED static void
train_up_to(Training *t, const FcAlgorithm *algo, int isa, FcPrecision precision, int32_t k,
			const double *x, int64_t n, int32_t d, int32_t iterations)
{
	training_begin(t, algo, k, precision, x, n, d);
	t->fit.isa = isa;
	t->model.common[FC_MAX_ITERATIONS] = iterations;
	if (CHECK_EQ(training_run(t), FC_OK))
		check_model(t);
}

UNUSED static void
train(Training *t, const FcAlgorithm *algo, int isa, FcPrecision precision, int32_t k,
	  const double *x, int64_t n, int32_t d)
{
	train_up_to(t, algo, isa, precision, k, x, n, d, 1000);
}

#endif

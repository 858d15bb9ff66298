/*
 * means.h - k-means, also for use within other algorithms
 */
#ifndef FC_CORE_MEANS_H
#define FC_CORE_MEANS_H

#include "core/engine.h"

extern const FcWeigh fc_means_assign[FC_ISAS][2];
extern const FcKernel fc_means_kernel;
extern const FcOption fc_means_options[];

/* k-means under another name and title */
#define FC_MEANS_ALGORITHM \
	.traits = FC_CRISP | FC_DESCENDS | FC_TAKES_COSINE | FC_TAKES_CATEGORIES | FC_TAKES_GAPS | FC_TAKES_NOISE, .options = fc_means_options, .kernel = &fc_means_kernel, \
	.team = &fc_engine_team, .layout = fc_engine_layout, .fit = fc_engine_fit

/* For models within a training: it is not in the list of algorithms, and its models are never stored */
extern const FcAlgorithm fc_means_algorithm;

#endif

/*
 * kmeans.h - what other algorithms share with k-means
 */
#ifndef FC_KMEANS_H
#define FC_KMEANS_H

#include "core/engine.h"

extern const FcAlgorithm fc_kmeans;
extern const FcWeigh fc_kmeans_assign[FC_ISAS][2];

#endif

/*
 * embed.h - the position of a row in the embedding by eigenvectors
 */
#ifndef FC_SPECTRAL_EMBED_H
#define FC_SPECTRAL_EMBED_H

#include "core/kernel.h"

/* Rows on their way into the embedding */
typedef struct FcEmbedding
{
	int32_t		used;			/* landmarks in whole lanes, without the empty ones at the end */
	double	   *basis;			/* (width + 1, stride) b of eq. 1, then w */
	double	   *query;			/* (FC_LANES, d) the rows, scaled */
	double	   *near;			/* (FC_LANES, stride) distances, then affinities to landmarks */
	double	   *sum;			/* (FC_LANES, width + 1) */
	double	   *weight;			/* (FC_LANES) */
	double	   *z;				/* (width, FC_LANES) where the rows lie */
	double	   *at;				/* (k, FC_LANES) squared distances to the embedded centers */
} FcEmbedding;

extern const FcDistances fc_spectral_distances[FC_ISAS][2];
extern void *fc_embedding_layout(FcArena *a, const FcModel *m);
extern void fc_embedding_load(FcMetric *t);
extern void fc_embed(FcMetric *t, int32_t count);

#endif

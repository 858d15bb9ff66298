/*
 * spectral.h - what the parts of spectral clustering share
 *
 * A model holds the graph that it learned from: its nodes, called landmarks, and
 * the eigenvectors there.  Arrays over landmarks have "stride" columns, the room
 * for landmarks in whole lanes; columns beyond the landmarks have mass 0.
 */
#ifndef FC_SPECTRAL_H
#define FC_SPECTRAL_H

#include "core/engine.h"

#define FC_MOST_VECTORS	64		/* dimensions of the embedding */
#define FC_MOST_NODES	4000	/* of the graph: 128 MB */

enum
{
	FC_SPECTRAL_KIND,
	FC_SPECTRAL_SIGMA,
	FC_SPECTRAL_EXACT_ROWS,
	FC_SPECTRAL_LANDMARKS
};

enum
{
	FC_NJW,
	FC_NCUT
};

#define FC_LANDMARKS(m)		((m)->extra[0]) /* (d, stride) in scaled units */
#define FC_VECTORS(m)		((m)->extra[1]) /* (width, stride) eigenvectors */
#define FC_MASS(m)			((m)->extra[2]) /* (stride) rows for which a landmark stands */
#define FC_DEGREES(m)		((m)->extra[3]) /* (stride) sums of affinities, never 0 */
#define FC_EIGENVALUES(m)	((m)->extra[4]) /* (width) largest first */
#define FC_EMBEDDED(m)		((m)->extra[5]) /* (k, width) centers in the embedding */

extern int32_t fc_spectral_room(const FcModel *m);
extern int32_t fc_spectral_stride(const FcModel *m);
extern int32_t fc_spectral_width(const FcModel *m);

/* ---- graph.c ---- */

typedef struct FcGraph
{
	FcFit	   *fit;
	const FcSample *rows;		/* those that the graph is made of */
	int32_t		n;				/* nodes */
	double	   *matrix;			/* (room, room) squared distances, affinities, then normalized */
	double	   *row;			/* (d) */
	double	   *near;			/* (stride) of one row or node */
	FcModel		drawn;			/* for drawing nodes from the rows */
	FcFit		draw;			/* likewise */
	FcSeeder	seeder;			/* likewise */
	void	   *at;				/* (room, FC_LANES) distances of rows to nodes */
	void	   *least;			/* (FC_LANES) of them */
	int32_t    *nearest;		/* (FC_LANES) its node */
} FcGraph;

extern void fc_graph_layout(FcArena *a, FcGraph *g, const FcModel *m, const FcSample *rows);
extern void fc_graph_get_row(const FcGraph *g, int64_t i, double *row);
extern FcStatus fc_graph_build(FcGraph *g);

/* ---- embed.c ---- */

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

/* at = exp((least - at) factor), for squared distances at */
typedef void (*FcAffinities) (void *at, int32_t lanes, double least, double factor);

extern const FcAffinities fc_affinities[FC_ISAS][2];
extern const FcDistances fc_spectral_distances[FC_ISAS][2];
extern void fc_landmark_distances(const FcModel *m, int isa, int32_t lanes, const double *rows, int32_t count,
								  double *near, const FcHooks *hooks);
extern void *fc_embedding_layout(FcArena *a, const FcModel *m);
extern void fc_embedding_load(FcMetric *t);
extern void fc_embed(FcMetric *t, int32_t count);

#endif

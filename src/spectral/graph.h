/*
 * graph.h - the graph of spectral clustering
 */
#ifndef FC_SPECTRAL_GRAPH_H
#define FC_SPECTRAL_GRAPH_H

#include "core/seed.h"

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
extern bool fc_graph_is_complete(const FcGraph *g);
extern void fc_graph_place_all(FcGraph *g);
extern void fc_graph_measure(FcGraph *g, int64_t first, int64_t last);
extern FcStatus fc_graph_build(FcGraph *g);

#endif

/*
 * model.h - contents of a spectral model
 *
 * The graph that it learned from: its nodes, called landmarks, and the
 * eigenvectors there.  Arrays over landmarks have "stride" columns, the room
 * for landmarks in whole lanes; columns beyond the landmarks have mass 0.
 */
#ifndef FC_SPECTRAL_MODEL_H
#define FC_SPECTRAL_MODEL_H

#include "core/fc.h"

#define FC_MOST_VECTORS	64		/* dimensions of the embedding */
#define FC_MOST_NODES	4000	/* of the graph: 128 MB */

enum
{
	FC_SPECTRAL_KIND,
	FC_SPECTRAL_SIGMA,
	FC_SPECTRAL_AFFINITY,
	FC_SPECTRAL_EXACT_ROWS,
	FC_SPECTRAL_LANDMARKS
};

enum
{
	FC_NJW,
	FC_NCUT
};

/* Affinities: FC_SPECTRAL_AFFINITY */
enum
{
	FC_GAUSSIAN,				/* one width for all rows */
	FC_LOCAL					/* each row has its own */
};

#define FC_NEIGHBOR_OF_ROWS	7	/* the neighbour whose distance is the width, where all rows are in the graph ... */
#define FC_NEIGHBOR_OF_LANDMARKS 3	/* ... or not */

#define FC_LANDMARKS(m)		((m)->own.extra[0]) /* (d, stride) in scaled units */
#define FC_VECTORS(m)		((m)->own.extra[1]) /* (width, stride) eigenvectors */
#define FC_MASS(m)			((m)->own.extra[2]) /* (stride) number of rows that a landmark represents */
#define FC_DEGREES(m)		((m)->own.extra[3]) /* (stride) sums of affinities, never 0 */
#define FC_EIGENVALUES(m)	((m)->own.extra[4]) /* (width) largest first */
#define FC_WIDTHS(m)		((m)->own.extra[6]) /* (stride) of local affinities, else 1 */
#define FC_EMBEDDED(m)		((m)->own.extra[5]) /* (k, width) centers in the embedding */

extern const FcOption fc_spectral_options[];
extern int32_t fc_spectral_room(const FcModel *m);
extern int32_t fc_spectral_stride(const FcModel *m);
extern int32_t fc_spectral_width(const FcModel *m);
extern int	fc_spectral_neighbor(const FcModel *m);
extern double fc_neighbor_distance(const double *at, int32_t n, int32_t without, int rank);

/* Affinities are exp(-|x - y|^2 times this), or, if they are local, that over the width of the other row */
static inline double
fc_affinity_factor(const FcModel *m, double width)
{
	double		sigma = m->option[FC_SPECTRAL_SIGMA];

	return m->option[FC_SPECTRAL_AFFINITY] == FC_LOCAL ? 1 / width : 1 / (2 * sigma * sigma);
}
extern double fc_spectral_neighborhood(const FcModel *m, double rows);
extern const FcAdviceHooks fc_spectral_advice;
extern int	fc_spectral_arrays(FcModel *m, FcArray *extra);
extern bool fc_spectral_check(const FcModel *m);
extern void fc_spectral_move(FcModel *m, const double *offset);
extern void fc_landmark_distances(const FcModel *m, int isa, int32_t lanes, const double *rows, int32_t count,
								  double *near, const FcHooks *hooks);

#endif

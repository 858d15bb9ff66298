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
	FC_SPECTRAL_EXACT_ROWS,
	FC_SPECTRAL_LANDMARKS
};

enum
{
	FC_NJW,
	FC_NCUT
};

#define FC_LANDMARKS(m)		((m)->own.extra[0]) /* (d, stride) in scaled units */
#define FC_VECTORS(m)		((m)->own.extra[1]) /* (width, stride) eigenvectors */
#define FC_MASS(m)			((m)->own.extra[2]) /* (stride) number of rows that a landmark represents */
#define FC_DEGREES(m)		((m)->own.extra[3]) /* (stride) sums of affinities, never 0 */
#define FC_EIGENVALUES(m)	((m)->own.extra[4]) /* (width) largest first */
#define FC_EMBEDDED(m)		((m)->own.extra[5]) /* (k, width) centers in the embedding */

extern const FcOption fc_spectral_options[];
extern int32_t fc_spectral_room(const FcModel *m);
extern int32_t fc_spectral_stride(const FcModel *m);
extern int32_t fc_spectral_width(const FcModel *m);
extern int	fc_spectral_arrays(FcModel *m, FcArray *extra);
extern bool fc_spectral_check(const FcModel *m);
extern void fc_spectral_move(FcModel *m, const double *offset);
extern void fc_landmark_distances(const FcModel *m, int isa, int32_t lanes, const double *rows, int32_t count,
								  double *near, const FcHooks *hooks);

#endif

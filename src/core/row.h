/*
 * row.h - one row against all centers, in double precision
 *
 * A block operation holds one feature of many rows in a register; here it is
 * one feature of many centers.  Centers are stored for it in panels of
 * FC_ROW_PANEL or fewer, a multiple of FC_LANES: a panel's features one after
 * the other, each of all its centers.
 */
#ifndef FC_ROW_H
#define FC_ROW_H

#include "core/kernel.h"

#define FC_ROW_PANEL	64		/* centers: their sums stay in registers */

/* Where feature j of center c is, of "lanes" centers: k rounded up to whole lanes */
static inline size_t
fc_row_place(int32_t lanes, int32_t d, int32_t c, int32_t j)
{
	int32_t		panel = c / FC_ROW_PANEL * FC_ROW_PANEL;
	int32_t		width = lanes - panel < FC_ROW_PANEL ? lanes - panel : FC_ROW_PANEL;

	return (size_t) panel * d + (size_t) j * width + (c - panel);
}

/*
 * distance: out[c] = |x - v_c|^2 for all lanes, x is (d).
 * partial: the same over the features that are not NaN.
 * nearest: the first c of the k least numbers; those beyond k are infinite.
 */
typedef struct FcRowOps
{
	void		(*distance) (const double *x, int32_t d, const double *v, int32_t lanes, double *out);
	void		(*partial) (const double *x, int32_t d, const double *v, int32_t lanes, double *out);
	int32_t		(*nearest) (const double *distance, int32_t k);
} FcRowOps;

extern const FcRowOps *fc_row_ops(int isa);

#endif

/*
 * product.h - products of matrices, row by row
 */
#ifndef FC_PRODUCT_H
#define FC_PRODUCT_H

#include "core/fc.h"

/* Element (i, j) is data[i * row + j * column] */
typedef struct FcMatrix
{
	const void *data;
	int64_t		row;
	int64_t		column;
} FcMatrix;

/* C = A B, or C += A B */
typedef struct FcProduct
{
	int			isa;			/* an FcIsa; which compiled variant is used */
	FcPrecision precision;		/* of all of them */
	int64_t		m;
	int64_t		n;
	int64_t		k;
	FcMatrix	a;				/* (m, k) */
	FcMatrix	b;				/* (k, n) */
	const void *panels;			/* B as fc_pack() left it; NULL: b is read */
	bool		add;
	void	   *c;				/* (m, n), element (i, j) at i * stride + j */
	int64_t		stride;
} FcProduct;

extern void fc_multiply(const FcProduct *p, const FcHooks *hooks);
extern size_t fc_pack_size(int64_t n, int64_t k);
extern void fc_pack(FcPrecision precision, int64_t n, int64_t k, FcMatrix b, void *panels,
					const FcHooks *hooks);

#endif

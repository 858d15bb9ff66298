/*
 * project.h - rows on a plane: see project.c
 */
#ifndef FC_PROJECT_H
#define FC_PROJECT_H

#include "core/optional.h"

/* Rows whose axes are sought: feature j of row i is at [j * stride + i], NaN where it is missing */
typedef struct FcCloud
{
	const void *x;				/* (width, stride) */
	const double *weight;		/* (n), or NULL: all 1 */
	FcPrecision precision;
	int32_t		n;
	int64_t		stride;
	int32_t		width;
} FcCloud;

/* Work space */
typedef struct FcPrincipal
{
	FcCloud		cloud;
	const FcHooks *hooks;
	int			isa;
	void	   *x;				/* (width, stride) for a copy of the rows, if the layout was asked for it */
	int32_t    *from;			/* (n) numbers of the rows among all */
	int32_t		room;			/* vectors that the basis has room for ... */
	int32_t		count;			/* ... and those that are there */
	double	   *basis;			/* (room, width) orthonormal */
	double	   *image;			/* (width) */
	double	   *outside;		/* (room) length of what the image of each has outside of the basis before */
	double	   *matrix;			/* (room, room) */
	double	   *vectors;		/* (room, room) */
	double	   *lambda;			/* (room) */
	double	   *work;
	double	   *y;				/* (n) */
	double	   *column;			/* (n) */
	double		reach;			/* the largest difference of a number to the mean of its feature ... */
	double		total;			/* ... and the weight of all rows */
	const double *mean;			/* (width) */
} FcPrincipal;

extern int32_t fc_principal_rows(int64_t n, int32_t width);
extern void fc_principal_layout(FcArena *a, FcPrincipal *p, int64_t n, int32_t width, size_t copy);
extern void fc_principal_choose(FcPrincipal *p, int64_t n, int32_t width);
extern void fc_principal_axes(FcPrincipal *p, int isa, const FcHooks *hooks, double *frame);

extern void fc_project_sample(FcFit *f, FcPrincipal *p);
extern void fc_project_centers_layout(FcArena *a, FcPrincipal *p, const FcModel *m);
extern void fc_project_centers(FcPrincipal *p, const FcModel *m, const FcHooks *hooks, double *frame);
extern void fc_project(const double *frame, int32_t width, const double *z, double *at);

#endif

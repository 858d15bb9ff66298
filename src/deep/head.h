/*
 * head.h - a head for embeddings: its network, and rows as that sees them
 */
#ifndef FC_DEEP_HEAD_H
#define FC_DEEP_HEAD_H

#include "core/column.h"
#include "core/distinct.h"
#include "core/kernel.h"
#include "core/project.h"
#include "deep/groups.h"
#include "nn/net.h"

enum
{
	FC_HEAD_WIDTH,
	FC_HEAD_HEADS,
	FC_HEAD_EPOCHS,
	FC_HEAD_BATCH_SIZE,
	FC_HEAD_RATE,
	FC_HEAD_NEIGHBORS,
	FC_HEAD_TEMPERATURE,
	FC_HEAD_BETA,
	FC_HEAD_MOMENTUM
};

#define FC_HEAD_VIEW(m)			((m)->own.extra[0]) /* (d + 1) mean of rows of unit length, and a factor */
#define FC_HEAD_PARAMETERS(m)	((m)->own.narrow[0])	/* of the net */

#define FC_HEAD_LEAST_SHARE	1e-4	/* of a cluster, in its loss */

/* ---- head_use.c ---- */

extern const FcOption fc_head_options[];
extern const FcKernel fc_head_kernel;

extern FcStatus fc_head_net(FcNet *net, const FcModel *m);
extern void fc_head_see(const FcModel *m, FcReal *x);
extern int	fc_head_arrays(FcModel *m, FcArray *extra);
extern bool fc_head_check(const FcModel *m);
extern void fc_head_permute(FcModel *m, const int32_t *place, int32_t *work);

/* ---- a training: head.c, head_rows.c ---- */

typedef struct FcHeadNetwork
{
	FcNet		net;
	FcBatch		student;
	FcBatch		teacher;
	FcReal	   *parameters[2];	/* (net.parameters) of student and teacher */
	FcReal	   *moment[2];		/* (net.parameters) */
	FcReal	   *room;			/* for the gradient of a range of parameters */
} FcHeadNetwork;

typedef struct FcHeadBatch
{
	FcReal	   *x;				/* (2 size, d) rows, then neighbours */
	FcReal	   *t;				/* (2 size, k) */
	double	   *share;			/* (k) running mean of t */
	double	   *term;			/* (k) */
	int32_t    *list;			/* (size) numbers of rows ... */
	int32_t    *near;			/* (size) ... and of their neighbours */
	int32_t    *all_near;		/* (size, neighbors) */
} FcHeadBatch;

typedef struct FcHeadRows
{
	FcColumn	z;				/* (n, d) of FcReal: rows as the network sees them */
	FcColumn	nearest;		/* (n, neighbors) of int32_t */
	FcColumn	label;			/* (n) of int32_t, by k-means */
	FcSearch	search;
	FcMeans		means;
	double	   *start;			/* (k, d) first centers as the network would see them, or NULL */
	FcReal	   *row;			/* (d) */
} FcHeadRows;

typedef struct FcHeadFound
{
	FcDistinct	distinct;
	FcPrincipal principal;
	double	   *distance;		/* (k) */
	int64_t    *count;			/* (k) */
} FcHeadFound;

typedef struct FcHead
{
	FcFit	   *fit;
	FcModel    *model;
	int64_t		n;
	int32_t		d;
	int32_t		k;
	int32_t		size;			/* rows of a batch; as many neighbours come with them */
	int32_t		neighbors;
	FcRng		rng;
	FcHeadNetwork network;
	FcHeadBatch batch;
	FcHeadRows	rows;
	FcHeadFound found;
} FcHead;

extern void fc_head_rows_layout(FcArena *a, FcHead *h);
extern void fc_head_see_rows(FcHead *h);
extern void fc_head_find_neighbors(FcHead *h);
extern FcStatus fc_head_find_labels(FcHead *h, uint64_t seed, bool first);
extern void fc_head_measure_clusters(FcHead *h);
extern void fc_head_project_rows(FcHead *h);

#endif

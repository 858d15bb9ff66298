/*
 * sample.h - the rows of a plot: counts, extremes, clusters and a sample to draw; see sample.c
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "pg/plot/options.h"
#include "pg/plot/svg.h"

typedef struct SamplePoint
{
	uint64		hash;
	PlotPoint	point;
} SamplePoint;

typedef struct PlotSample
{
	Plot		plot;			/* but for the points */
	SamplePoint *point;			/* (point_room) the first npoint in any order, some of them perhaps equal */
	int			npoint;
	int			point_room;
	uint64		threshold;		/* rows with a larger hash are not in the sample */
	PlotCluster *cluster;		/* (cluster_room) what plot.cluster points to, in order of appearance */
	int32	   *order;			/* (cluster_room) the same by key */
	int			cluster_room;
	int			sums;			/* of each cluster: see spread.c; 0: none */
	uint64	   *digits;			/* (cluster_room, sums, FC_SQUARE_DIGITS) */
	Jsonb	   *jsonb;			/* what options was read from; NULL: nothing */
	const PlotOptions *options;
} PlotSample;

/* In the current context; options, which may be NULL, are copied.  Texts are kept as they are */
extern PlotSample *fc_begin_sample(AxisKind x, AxisKind y, const Jsonb *options);

/* A row of the cluster with this key; label: NULL for a number.  Grows in the current context. */
extern void fc_sample_row(PlotSample *s, const PlotPoint *p, int64 key, const char *label);

/* A row that has no place on a logarithmic axis */
extern void fc_sample_leave_out(PlotSample *s);

/* Adds the rows of another sample */
extern void fc_merge_samples(PlotSample *s, const PlotSample *other);

/* The text to show where rows have several: the first in the order of bytes.  Either may be NULL: none */
extern const char *fc_first_text(const char *a, const char *b);

/* Its points, (*n), in an order without pattern */
extern PlotPoint *fc_sample_points(const PlotSample *s, int *n);

/* compose.c: what is to be drawn, in the current context; the sample, which has a row, stays as it is */
extern Plot fc_plot_of_sample(const PlotSample *s);

/* ---- spread.c ---- */

extern int	fc_spread_sums(const PlotOptions *o);
extern Size fc_spread_size(int sums, int clusters);
extern void fc_spread_add(uint64 *digits, int sums, const PlotPoint *p, int64 rows);
extern void fc_spread_merge(uint64 *digits, const uint64 *from, int sums);
extern PlotSpread *fc_spreads(const PlotSample *s, const PlotAxis *x, const PlotAxis *y);

extern bytea *fc_sample_to_bytes(const PlotSample *s);
extern PlotSample *fc_sample_from_bytes(const bytea *bytes);

#endif

/*
 * sample.h - the rows of a plot: counts, extremes, clusters and a sample to draw; see sample.c
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "pg/plot/svg.h"

typedef struct SamplePoint
{
	uint64		hash;
	int64		count;			/* rows that are equal to it */
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
} PlotSample;

/* In the current context; texts are kept as they are */
extern PlotSample *fc_begin_sample(AxisKind x, AxisKind y);

/* A row of the cluster with this key; label: NULL for a number.  Grows in the current context. */
extern void fc_sample_row(PlotSample *s, const PlotPoint *p, int64 key, const char *label);

/* Adds the rows of another sample */
extern void fc_merge_samples(PlotSample *s, const PlotSample *other);

/* The text to show where rows have several: the first in the order of bytes.  Either may be NULL: none */
extern const char *fc_first_text(const char *a, const char *b);

/* What is to be drawn, in the current context; the sample stays as it is */
extern Plot fc_plot_of_sample(const PlotSample *s);

extern bytea *fc_sample_to_bytes(const PlotSample *s);
extern PlotSample *fc_sample_from_bytes(const bytea *bytes);

#endif

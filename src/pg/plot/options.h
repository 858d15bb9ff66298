/*
 * options.h - options of plots as jsonb; see options.c
 */
#ifndef PLOT_OPTIONS_H
#define PLOT_OPTIONS_H

#include "utils/jsonb.h"

typedef struct PlotOptions
{
	const char *title;			/* UTF-8; NULL: none, of labels too */
	const char *x_label;
	const char *y_label;
	JsonbContainer *names;		/* of clusters, or NULL; within the jsonb */
	bool		centers;
	double		ellipses;		/* standard deviations; 0: none */
	bool		x_log;
	bool		y_log;
	double		clip;			/* share of the rows that may be beyond an axis */
	bool		hover;
} PlotOptions;

typedef struct HistoryOptions
{
	const char *title;			/* UTF-8; NULL: the usual one */
	int			scale;			/* a PanelScale of the y axes */
} HistoryOptions;

/* Of the caller's jsonb, which may be NULL: all defaults; in the current context */
extern PlotOptions *fc_plot_options(Jsonb *options);
extern HistoryOptions fc_history_options(Jsonb *options);

/* The name of a cluster in UTF-8, or NULL; cluster: its number or label, in the encoding of the server */
extern const char *fc_cluster_name(const PlotOptions *o, const char *cluster);

#endif

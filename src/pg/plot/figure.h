/*
 * figure.h - figures inside a page, as SVG
 *
 * A figure is one <svg> element: no script, no style sheet of its own, no reference to
 * anything outside it.  Its width is that of what it stands in, and its ids begin with
 * the prefix.  Colours are attributes, so that it is right alone, on white; in a page
 * that has the rules of fc_figure_rules() it follows the reader's light or dark scheme.
 *
 * Texts are UTF-8 (see fc_svg_utf8()) and are escaped here.  fc_svg_write() is the
 * function that escapes them, for the page around a figure, too.
 */
#ifndef FIGURE_H
#define FIGURE_H

#include "core/fc.h"
#include "pg/plot/svg.h"

#define FIGURE_WIDTH 480.0

typedef struct Figure
{
	const char *prefix;			/* of ids: letters, digits and -, other than that of any figure in the page; a file has none */
	const char *title;			/* its name */
	const char *description;	/* what is to be seen in it; NULL: that is said in general */
	double		width;			/* in units in which texts are 12 high; 0: FIGURE_WIDTH */
	bool		alone;			/* it is a file: with a ground and a visible title */
} Figure;

/* Rules for the <style> of a page: colours for both schemes, and the sizes of figures */
extern void fc_figure_rules(StringInfo out);

/* A scatter plot; its own title is not shown */
extern void fc_figure_scatter(StringInfo out, const Figure *f, const Plot *plot);

/* ---- a table of values as colours: blue below 0, red above ---- */

typedef struct HeatMap
{
	int			rows;
	int			columns;
	const char *const *row_name;	/* (rows) */
	const char *const *column_name; /* (columns) */
	const double *value;		/* (rows, columns), NaN where there is none */
	double		limit;			/* of amounts: beyond it colours are the same; 0: the largest */
	const char *label;			/* of the values, as "z"; NULL: none */
} HeatMap;

extern void fc_figure_heat_map(StringInfo out, const Figure *f, const HeatMap *map);

/* ---- bars that lie, each with its name and value ---- */

typedef struct Bars
{
	int			n;
	const char *const *name;	/* (n) */
	const double *value;		/* (n) at least 0; others, and NaN, have no bar */
	const char *const *text;	/* (n) to show in place of the values, or NULL */
	const int64 *cluster;		/* (n) whose colours they have, or NULL: all one */
	double		most;			/* where the longest bar would end; 0: the largest value */
} Bars;

extern void fc_figure_bars(StringInfo out, const Figure *f, const Bars *bars);

/* ---- a histogram: bins of the same width ---- */

typedef struct Histogram
{
	int			n;
	const double *count;		/* (n) at least 0 */
	double		low;			/* where the first bin begins */
	double		high;			/* where the last one ends */
	const char *x_label;		/* or NULL */
	const char *y_label;
} Histogram;

extern void fc_figure_histogram(StringInfo out, const Figure *f, const Histogram *h);

/* ---- lines: panels, one below the other, with one x axis ---- */

typedef struct Series
{
	const char *name;			/* in the legend of a panel with several */
	int			n;
	const double *x;			/* (n) ascending */
	const double *y;			/* (n) a line has gaps where it is not finite */
} Series;

typedef enum PanelScale
{
	PANEL_LINEAR,
	PANEL_LOG,					/* values that are not positive are gaps */
	PANEL_AUTO					/* logarithmic if that helps: all values are positive, and apart by orders */
} PanelScale;

typedef struct Panel
{
	const char *label;			/* of the y axis */
	int			nseries;
	const Series *series;		/* (nseries) */
	PanelScale	scale;
} Panel;

typedef struct Phase
{
	const char *name;
	double		first;			/* lines are cut between phases */
	double		last;
} Phase;

typedef struct Lines
{
	const char *x_label;
	int			npanel;
	const Panel *panel;			/* (npanel) */
	int			nphase;
	const Phase *phase;			/* (nphase) in the order of x; may be none */
} Lines;

extern void fc_figure_lines(StringInfo out, const Figure *f, const Lines *lines);

/* The course of a training; false: the model has kept none, and nothing is written */
extern bool fc_figure_history(StringInfo out, const Figure *f, const FcModel *m);

/* ---- of figure.c, for the files of figures ---- */

typedef struct FigurePlace
{
	double		width;
	double		top;			/* below the title, if it is shown */
	const char *title[2];		/* lines of it */
} FigurePlace;

#define FIGURE_MARGIN 12.0

extern FigurePlace fc_begin_figure(const Figure *f);
extern void fc_open_figure(StringInfo out, const Figure *f, const FigurePlace *at, double height, const char *description);
extern void fc_close_figure(StringInfo out);

#define HEAT_LEVELS 10			/* colours on either side of 0 */

extern const char *fc_heat_color(int level);
extern const char *fc_heat_ink(int level);

#endif

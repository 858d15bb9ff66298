/*
 * report.h - a page of HTML about a model and the rows of a query: cluster_report
 *
 * rows.c reads the rows, once; gather.c keeps what the page needs of them, in memory that
 * does not grow with their number.  page.c writes the page from that, section by section
 * (about.c, centers.c, members.c, quality.c, labels.c, versions.c), and once more with less
 * in it if it has become too long.  html.c is the only one that writes text of users.
 */
#ifndef FUZZYCLUST_REPORT_H
#define FUZZYCLUST_REPORT_H

#include "pg/registry/registry.h"

#include "pg/plot/plot.h"
#include "pg/report/images.h"

#include "core/amount.h"

#define LONGEST_PAGE	(2 * 1024 * 1024)
#define MOST_POINTS		2000	/* rows that are drawn */
#define LISTED_ROWS		10		/* of the most ambiguous ones, and of the farthest ones */
#define SHOWN_COLUMNS	6		/* of these rows */
#define BINS			20		/* of memberships from 0 to 1 */
#define MOST_LABELS		1000	/* different ones */

/* ---- report.c: what is to be shown ---- */

typedef struct ReportOptions
{
	const char *title;			/* UTF-8; NULL: none */
	const char *label;			/* columns of the query, or NULL */
	const char *weight;
	const char *key;
	int32		points;			/* that are drawn at most */
} ReportOptions;

/* A column of the rows, as the model knows it */
typedef struct ReportColumn
{
	int32		number;			/* from 0 */
	const char *name;			/* UTF-8 */
	int32		first;			/* its first feature */
	int32		features;
	const char *values;			/* of a category, in UTF-8; NULL: a number */
	double		share;			/* of what separates the clusters; NaN: not known */
} ReportColumn;

/* A row that a table lists: those with the lowest ranks */
typedef struct ListedRow
{
	double		rank;
	uint64		hash;			/* of features and key: decides between equal ranks */
	int64		count;			/* rows that are equal to it */
	int32		group[2];		/* the first and the second; 0: noise, -1: there is none */
	double		membership[2];	/* in these */
	double		outlier;		/* its outlier score */
	char	   *key;			/* UTF-8; NULL: none */
	double		value[SHOWN_COLUMNS];	/* numbers, and codes of categories */
} ListedRow;

typedef struct RowList
{
	int			n;
	ListedRow	row[LISTED_ROWS];	/* (n) lowest rank first */
} RowList;

/* Rows of a cluster, or of noise */
typedef struct ReportGroup
{
	int64		rows;
	double		weight;			/* of these */
	double		membership;		/* sum of their memberships, by weights */
	double		farthest;		/* their greatest outlier score */
} ReportGroup;

typedef struct LabelTable LabelTable;

/* What is kept of the rows */
typedef struct Gathered
{
	int64		rows;
	int64		skipped;		/* features, weight or a score are missing */
	int64		weightless;
	double		weight;			/* of all rows */
	ReportGroup *group;			/* (k + 1) 0 is noise */
	int64		bin[BINS];		/* rows by their largest membership in a cluster */
	RowList		ambiguous;
	RowList		farthest;
	FcValidity	validity;
	PlotSample *sample;			/* NULL: no rows */
	LabelTable *labels;			/* NULL: no labels are wanted */
	ImageGallery *images;		/* NULL: rows are no images */
} Gathered;

/* Where a row is in the map */
typedef struct ReportMap
{
	bool		projected;		/* along the principal components; else: */
	int32		feature[2];		/* -1: instead its largest membership */
	const char *axis[2];		/* UTF-8 */
	const char *caption;
} ReportMap;

/* The name of a model in a registry */
typedef struct ReportVersion
{
	const char *registry;		/* NULL: it is in none */
	const char *name;
	int32		number;
	VersionFact *versions;		/* (nversions) by number; 0: the caller may not read them */
	int			nversions;
	LineageRow *lineage;		/* (nlineage) of all versions; 0: likewise, or there are none */
	int64		nlineage;
} ReportVersion;

typedef struct Report
{
	ReportOptions options;
	Datum		model;
	ModelSlot	slot;
	FcModel    *m;				/* of the slot */
	Size		bytes;			/* of the model */
	bool		named;			/* columns have names, of the model or of the query */
	int32		ncolumns;
	ReportColumn *column;		/* (ncolumns) */
	int32	   *important;		/* (ncolumns) those that separate most first */
	int			nshown;
	int32		shown[SHOWN_COLUMNS];	/* (nshown) columns of listed rows */
	ReportMap	map;
	Gathered	rows;
	Validity	validity;
	List	   *rules;			/* of ClusterRule; NIL: none, or columns have no names */
	ReportVersion version;
	const char *made_by;		/* version of the extension */
	const char *made_at;
} Report;

/* ---- columns.c: what the model says about columns ---- */

extern void fc_report_columns(Report *r);
extern void fc_name_report_columns(Report *r, const QueryColumns *query);
extern double fc_report_value(const ReportColumn *column, const double *x);

/* ---- rows.c: the rows of the query ---- */

extern void fc_report_rows(Report *r, const char *query);

/* ---- gather.c: what is kept of them ---- */

extern void fc_begin_gathering(Report *r);
extern void fc_gather_row(Report *r, double weight, const char *label, const char *key);

/* ---- labels.c: clusters and labels ---- */

extern LabelTable *fc_begin_labels(void);
extern void fc_count_label(LabelTable *t, const char *label, int32 group, double weight);

/* ---- html.c: text and numbers ---- */

#define FC_DASH		"\xE2\x80\x93"
#define FC_MINUS	"\xE2\x88\x92"

/* How much of everything goes into a page */
typedef struct Limits
{
	int			points;
	int			clusters;		/* listed */
	int			columns;
	int			labels;
	int			versions;
	int			characters;		/* of a text of a user */
	bool		images;
	bool		reduced;		/* they are less than usual */
} Limits;

/* A page that is being written */
typedef struct HtmlPage
{
	StringInfoData html;
	Limits		limits;
} HtmlPage;

extern const char *fc_first_characters(const char *utf8, int most);
extern void fc_html(HtmlPage *p, const char *format,...) pg_attribute_printf(2, 3);
extern void fc_html_text(HtmlPage *p, const char *utf8);
extern void fc_html_user_words(HtmlPage *p, const char *utf8);
extern void fc_html_user_text(HtmlPage *p, const char *utf8);
extern void fc_html_note(HtmlPage *p, const char *format,...) pg_attribute_printf(2, 3);
extern const char *fc_number(double value);
extern const char *fc_percent(double share);
extern const char *fc_count(int64 n);
extern const char *fc_counted_rows(int64 n);
extern void fc_html_begin_section(HtmlPage *p, const char *id, const char *title);
extern void fc_html_end_section(HtmlPage *p);
extern void fc_html_begin_table(HtmlPage *p, const char *caption);
extern void fc_html_end_head(HtmlPage *p);
extern void fc_html_end_table(HtmlPage *p);
extern void fc_html_head_cell(HtmlPage *p, const char *text, bool number);
extern void fc_html_cell(HtmlPage *p, const char *text);
extern void fc_html_number_cell(HtmlPage *p, const char *text);
extern void fc_html_bar_cell(HtmlPage *p, double share);
extern void fc_html_fact(HtmlPage *p, const char *term, const char *value, const char *meaning);
extern void fc_html_begin_figure(HtmlPage *p);
extern void fc_html_end_figure(HtmlPage *p, const char *caption);

/* ---- the sections ---- */

extern void fc_section_about(HtmlPage *p, const Report *r);
extern void fc_section_sizes(HtmlPage *p, const Report *r);
extern void fc_section_centers(HtmlPage *p, const Report *r);
extern void fc_section_rules(HtmlPage *p, const Report *r);
extern void fc_section_images(HtmlPage *p, const Report *r);
extern void fc_section_map(HtmlPage *p, const Report *r);
extern void fc_section_memberships(HtmlPage *p, const Report *r);
extern void fc_section_outliers(HtmlPage *p, const Report *r);
extern void fc_section_labels(HtmlPage *p, const Report *r);
extern void fc_section_validity(HtmlPage *p, const Report *r);
extern void fc_section_training(HtmlPage *p, const Report *r);
extern void fc_section_versions(HtmlPage *p, const Report *r);

/* ---- page.c ---- */

extern text *fc_report_page(Report *r);

#endif

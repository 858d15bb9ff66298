/*
 * page.c - the page of a report, from its head to its foot
 *
 * One file without any other: styles and pictures are in it, and its content security policy
 * forbids scripts and requests.  It follows the reader's preference for light or dark, and
 * lets wide tables and pictures scroll in boxes of their own, so that it is readable on a
 * phone.
 *
 * A page that would be longer than LONGEST_PAGE is written again, with half of everything
 * that can be less.
 */
#include "pg/report/report.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define POLICY "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/* p1 to p8 are tints of a part in a table */
static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--ink:#24292f;--soft:#57606a;--line:#d1d9e0;--card:#f6f8fa;--accent:#0b5cad;"
	"--bar:#5b95d6;--part:46,125,50}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--line:#30363d;--card:#161b22;"
	"--accent:#79b8ff;--bar:#3f7fc4;--part:46,140,60}}\n"
	"*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
	"body{margin:0 auto;max-width:66rem;padding:1rem;background:var(--bg);color:var(--ink);"
	"font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans',Arial,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.3rem;margin:0 0 .5rem}h3{font-size:1.05rem;margin:1.2rem 0 .3rem}\n"
	"p{margin:.5rem 0;max-width:46rem}small,footer,figcaption,caption{color:var(--soft);font-size:.875rem}\n"
	"section{border-top:1px solid var(--line);padding:1.2rem 0;margin-top:1rem}\n"
	"nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;list-style:none}a{color:var(--accent)}\n"
	".scroll{overflow-x:auto;max-width:100%}.scroll:focus-visible{outline:2px solid var(--accent)}\n"
	"table{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums;overflow-wrap:normal}\n"
	"caption{text-align:start;padding-bottom:.3rem;max-width:min(100%,calc(100vw - 2rem))}th,td{padding:.25rem .6rem;text-align:start;vertical-align:top;"
	"border-bottom:1px solid var(--line)}th{font-weight:600}tbody th{font-weight:400}.n{text-align:end;white-space:nowrap}"
	".words{min-width:16rem}.text{min-width:8rem}\n"
	".bar{min-width:7rem;vertical-align:middle}.bar div{height:.8rem;border-radius:2px;background:var(--bar)}\n"
	".facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.8rem;margin:.8rem 0}"
	".facts dl{margin:0;background:var(--card);border-radius:6px;padding:.5rem .8rem}dt{color:var(--soft);font-size:.875rem}"
	"dd{margin:0;font-weight:600}dd small{display:block;font-weight:400}\n"
	"figure{margin:.8rem 0}figure svg{display:block;width:100%;max-width:42rem;min-width:22rem;height:auto}\n"
	"details{margin:.5rem 0}summary{cursor:pointer;color:var(--accent)}\n"
	".p1{background:rgba(var(--part),.06)}.p2{background:rgba(var(--part),.12)}.p3{background:rgba(var(--part),.18)}"
	".p4{background:rgba(var(--part),.24)}.p5{background:rgba(var(--part),.3)}.p6{background:rgba(var(--part),.37)}"
	".p7{background:rgba(var(--part),.44)}.p8{background:rgba(var(--part),.52)}\n"
	"@media print{body{max-width:none;padding:0;font-size:11pt}nav{display:none}.scroll{overflow:visible}"
	"section,figure,tr{break-inside:avoid}section{break-inside:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
	"details::details-content{content-visibility:visible;height:auto}}\n";

/* Sections in their order; those that do not apply are left out */
typedef struct Section
{
	const char *id;
	const char *name;			/* in the list of contents */
	bool		(*applies) (const Report *r, const Limits *l);	/* NULL: always */
	void		(*write) (HtmlPage *p, const Report *r);
} Section;

static bool
has_images(const Report *r, const Limits *l)
{
	return r->rows.images != NULL && l->images;
}

static bool
has_rules(const Report *r, const Limits *l pg_attribute_unused())
{
	return r->rules != NIL;
}

static bool
has_labels(const Report *r, const Limits *l pg_attribute_unused())
{
	return r->options.label != NULL;
}

static bool
has_history(const Report *r, const Limits *l pg_attribute_unused())
{
	return r->m->history.count > 0;
}

static bool
has_versions(const Report *r, const Limits *l pg_attribute_unused())
{
	return r->version.registry != NULL;
}

static const Section sections[] = {
	{"model", "Model", NULL, fc_section_about},
	{"sizes", "Sizes", NULL, fc_section_sizes},
	{"centers", "Centers", NULL, fc_section_centers},
	{"rules", "Rules", has_rules, fc_section_rules},
	{"images", "Images", has_images, fc_section_images},
	{"map", "Map", NULL, fc_section_map},
	{"memberships", "Memberships", NULL, fc_section_memberships},
	{"outliers", "Outliers", NULL, fc_section_outliers},
	{"labels", "Labels", has_labels, fc_section_labels},
	{"validity", "Validity", NULL, fc_section_validity},
	{"training", "Training", has_history, fc_section_training},
	{"versions", "Versions", has_versions, fc_section_versions},
};

static bool
is_shown(const Section *s, const Report *r, const Limits *l)
{
	return s->applies == NULL || s->applies(r, l);
}

/* ---- head ---- */

static void
write_title(HtmlPage *p, const Report *r)
{
	const ReportVersion *v = &r->version;

	if (r->options.title)
		fc_html_user_text(p, r->options.title);
	else if (v->name)
	{
		fc_html_user_text(p, v->name);
		fc_html(p, ", version %d", v->number);
	}
	else
	{
		fc_html_text(p, fc_counted(r->m->k, "cluster"));
		fc_html(p, " of ");
		fc_html_text(p, fc_counted_rows(r->rows.rows));
	}
}

/* The name of a window takes no elements */
static void
write_window_title(HtmlPage *p, const Report *r)
{
	const char *title = r->options.title ? r->options.title : r->version.name ? r->version.name : "Clusters";

	fc_html(p, "<title>");
	fc_html_user_words(p, title);
	fc_html(p, "</title>\n");
}

static void
write_head(HtmlPage *p, const Report *r)
{
	fc_html(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			"<meta name=\"color-scheme\" content=\"light dark\">\n"
			"<meta name=\"generator\" content=\"fuzzyclust\">\n", POLICY);
	write_window_title(p, r);
	fc_html(p, "<style>\n");
	appendStringInfoString(&p->html, style);
	fc_figure_rules(&p->html);
	fc_html(p, "</style>\n</head>\n");
}

static void
write_contents(HtmlPage *p, const Report *r)
{
	fc_html(p, "<nav aria-label=\"Contents\"><ul>\n");
	for (int i = 0; i < (int) lengthof(sections); i++)
		if (is_shown(&sections[i], r, &p->limits))
			fc_html(p, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].name);
	fc_html(p, "</ul></nav>\n");
}

/* ---- foot ---- */

/* Of the extension; "" if it is not known */
static const char *
extension_version(void)
{
	MemoryContext context = CurrentMemoryContext;
	const char *version = "";

	SPI_connect();
	if (SPI_execute("SELECT extversion FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) 'fuzzyclust'", true, 1) ==
		SPI_OK_SELECT && SPI_processed == 1)
		version = MemoryContextStrdup(context, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
	SPI_finish();
	return version;
}

/* A time without fractions of a second, with its zone */
static const char *
in_seconds(TimestampTz at)
{
	return pstrdup(timestamptz_to_str(at - at % USECS_PER_SEC));	/* which keeps it until the next call */
}

static void
write_foot(HtmlPage *p, const Report *r)
{
	fc_html(p, "<footer>");
	fc_html_note(p, "Made by fuzzyclust %s at %s from %s. It is one file: it loads nothing and runs no script.",
				 r->made_by, r->made_at, fc_counted_rows(r->rows.rows));
	if (p->limits.reduced)
		fc_html_note(p, "It shows less than usual, because it would have been larger than %d MB.", LONGEST_PAGE / (1024 * 1024));
	fc_html(p, "</footer>\n");
}

/* ---- the page ---- */

static void
write_page(HtmlPage *p, const Report *r)
{
	write_head(p, r);
	fc_html(p, "<body>\n<header>\n<h1>");
	write_title(p, r);
	fc_html(p, "</h1>\n");
	write_contents(p, r);
	fc_html(p, "</header>\n<main>\n");
	for (int i = 0; i < (int) lengthof(sections); i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (is_shown(&sections[i], r, &p->limits))
			sections[i].write(p, r);
	}
	fc_html(p, "</main>\n");
	write_foot(p, r);
	fc_html(p, "</body>\n</html>\n");
}

static int
half(int n, int least)
{
	return Max(n / 2, least);
}

/* False: there cannot be less */
static bool
reduce(Limits *l)
{
	Limits		less = {
		.points = half(l->points, 0), .clusters = half(l->clusters, 1), .columns = half(l->columns, 1),
		.labels = half(l->labels, 1), .versions = half(l->versions, 1), .characters = half(l->characters, 8),
		.images = l->images && !l->reduced, .reduced = true
	};
	bool		changed = memcmp(&less, l, sizeof(less)) != 0;

	*l = less;
	return changed;
}

text *
fc_report_page(Report *r)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust page", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = CurrentMemoryContext;
	HtmlPage	page = {
		.limits = {.points = r->options.points, .clusters = 40, .columns = 24, .labels = 40, .versions = 20, .characters = 60,
		.images = true}
	};
	text	   *result;

	r->made_by = extension_version();
	r->made_at = in_seconds(GetCurrentTransactionStartTimestamp());
	initStringInfo(&page.html);
	MemoryContextSwitchTo(context);
	do
	{
		resetStringInfo(&page.html);
		write_page(&page, r);
		MemoryContextReset(context);
	} while (page.html.len > LONGEST_PAGE && reduce(&page.limits));
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	if (page.html.len > LONGEST_PAGE)
		elog(ERROR, "report has %d bytes", page.html.len);
	result = cstring_to_text_with_len(page.html.data, page.html.len);
	pfree(page.html.data);
	return result;
}

/*
 * versions.c - a report's section on the versions of a model in a registry
 */
#include "pg/report/report.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include <math.h>

/* ---- versions ---- */

static void
put_version(HtmlPage *p, const Report *r, const VersionFact *v)
{
	bool		this = v->number == r->version.number;

	fc_html(p, this ? "<tr aria-current=\"true\"><th scope=\"row\"><strong>" : "<tr><th scope=\"row\">");
	fc_html(p, "%d", v->number);
	fc_html(p, "%s", this ? "</strong> (this one)" : "");
	fc_html_text(p, v->is_default ? ", default" : "");
	fc_html(p, "</th>");
	fc_html_cell(p, v->trained_at ? pnstrdup(timestamptz_to_str(v->trained_at), 19) : FC_DASH);
	fc_html_number_cell(p, fc_count(v->rows));
	fc_html_number_cell(p, fc_number(v->seconds));
	fc_html_number_cell(p, fc_count(v->iterations));
	fc_html_number_cell(p, fc_number(v->silhouette));
	fc_html_number_cell(p, fc_percent(v->changed));
	fc_html(p, "</tr>\n");
}

static void
put_versions(HtmlPage *p, const Report *r)
{
	const ReportVersion *v = &r->version;
	int			first = Max(v->nversions - p->limits.versions, 0);

	fc_html_begin_table(p, first > 0 ? psprintf("The newest %d of %d versions", v->nversions - first, v->nversions) : "All versions");
	fc_html_head_cell(p, "Version", false);
	fc_html_head_cell(p, "Trained at", false);
	fc_html_head_cell(p, "Rows", true);
	fc_html_head_cell(p, "Seconds", true);
	fc_html_head_cell(p, "Iterations", true);
	fc_html_head_cell(p, "Silhouette", true);
	fc_html_head_cell(p, "Rows that changed cluster", true);
	fc_html_end_head(p);
	for (int i = first; i < v->nversions; i++)
		put_version(p, r, &v->versions[i]);
	fc_html_end_table(p);
	fc_html_note(p, "Rows that changed cluster are those that the version before had in another cluster, after clusters were matched.");
}

/* ---- lineage ---- */

static int32
integer_of(const LineageRow *row, int column)
{
	return row->nulls[column] ? 0 : DatumGetInt32(row->values[column]);
}

static const char *
share_of(const LineageRow *row, int column)
{
	return row->nulls[column] ? FC_DASH : fc_percent(DatumGetFloat8(row->values[column]));
}

static void
put_line(HtmlPage *p, const LineageRow *row)
{
	int32		cluster = integer_of(row, LINEAGE_CLUSTER);
	int32		from = integer_of(row, LINEAGE_FROM_CLUSTER);

	fc_html(p, "<tr><th scope=\"row\">");
	fc_html_text(p, cluster > 0 ? psprintf("%d", cluster) : FC_DASH);
	fc_html(p, "</th>");
	fc_html_number_cell(p, from > 0 ? psprintf("%d", from) : FC_DASH);
	fc_html_number_cell(p, share_of(row, LINEAGE_SHARE));
	fc_html_number_cell(p, share_of(row, LINEAGE_FROM_SHARE));
	fc_html(p, "<td>");
	fc_html_user_text(p, row->nulls[LINEAGE_EVENT] ? "" : fc_svg_utf8(TextDatumGetCString(row->values[LINEAGE_EVENT])));
	fc_html(p, "</td></tr>\n");
}

/* Of this version, as many lines as clusters may be listed */
static void
put_lineage(HtmlPage *p, const Report *r)
{
	const ReportVersion *v = &r->version;
	int64		lines = 0;
	int32		from = 0;

	for (int64 i = 0; i < v->nlineage; i++)
		if (integer_of(&v->lineage[i], LINEAGE_VERSION) == v->number)
			from = Max(from, integer_of(&v->lineage[i], LINEAGE_FROM_VERSION));
	if (from == 0)
		return;
	fc_html(p, "<h3>Where its clusters come from</h3>\n");
	fc_html_begin_table(p, psprintf("Clusters of version %d and those of version %d", v->number, from));
	fc_html_head_cell(p, "Cluster", false);
	fc_html_head_cell(p, "Before", true);
	fc_html_head_cell(p, "Share that was in it", true);
	fc_html_head_cell(p, "Share of that now here", true);
	fc_html_head_cell(p, "What happened", false);
	fc_html_end_head(p);
	for (int64 i = 0; i < v->nlineage; i++)
		if (integer_of(&v->lineage[i], LINEAGE_VERSION) == v->number && lines++ < p->limits.clusters)
			put_line(p, &v->lineage[i]);
	fc_html_end_table(p);
	if (lines > p->limits.clusters)
		fc_html_note(p, "Shown are %d of %s lines.", p->limits.clusters, fc_count(lines));
}

void
fc_section_versions(HtmlPage *p, const Report *r)
{
	fc_html_begin_section(p, "versions", "Versions");
	if (r->version.nversions == 0)
		fc_html_note(p, "The role that made this report may not read the facts about versions.");
	else
		put_versions(p, r);
	put_lineage(p, r);
	fc_html_end_section(p);
}

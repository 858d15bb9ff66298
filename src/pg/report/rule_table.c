/*
 * rule_table.c - a report's section on rules: boxes of a few conditions that describe a cluster
 */
#include "pg/report/report.h"

#include "nodes/pg_list.h"

#define CONDITION_CHARACTERS	8	/* times those of other texts */

static void
put_condition(HtmlPage *p, const char *condition)
{
	fc_html(p, "<td class=\"words\"><code>");
	if (condition)
		fc_html_text(p, fc_first_characters(fc_svg_utf8(condition), CONDITION_CHARACTERS * p->limits.characters));
	fc_html(p, "</code></td>");
}

static void
put_rule(HtmlPage *p, const ClusterRule *rule)
{
	fc_html(p, "<tr><th scope=\"row\">%d</th><td class=\"words\"><bdi>", rule->cluster);
	fc_html_text(p, fc_first_characters(fc_svg_utf8(rule->words), CONDITION_CHARACTERS * p->limits.characters));
	fc_html(p, "</bdi></td>");
	fc_html_number_cell(p, fc_percent(rule->coverage));
	fc_html_number_cell(p, fc_percent(rule->purity));
	put_condition(p, rule->condition);
	fc_html(p, "</tr>\n");
}

void
fc_section_rules(HtmlPage *p, const Report *r)
{
	ListCell   *cell;
	int			hidden = 0;

	fc_html_begin_section(p, "rules", "Rules");
	fc_html_note(p, "What the rows of a cluster have in common, in at most three conditions. Coverage is the part of the cluster that "
				 "satisfies them, purity the part of what satisfies them that is in the cluster.");
	fc_html_begin_table(p, "Rules that describe the clusters");
	fc_html_head_cell(p, "Cluster", false);
	fc_html_head_cell(p, "Rule", false);
	fc_html_head_cell(p, "Coverage", true);
	fc_html_head_cell(p, "Purity", true);
	fc_html_head_cell(p, "In SQL", false);
	fc_html_end_head(p);
	foreach(cell, r->rules)
		if (((ClusterRule *) lfirst(cell))->cluster <= p->limits.clusters)
			put_rule(p, lfirst(cell));
		else
			hidden++;
	fc_html_end_table(p);
	if (hidden > 0)
		fc_html_note(p, "Shown are the rules of the first %d of %d clusters.", p->limits.clusters, r->m->k);
	fc_html_end_section(p);
}

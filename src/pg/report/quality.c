/*
 * quality.c - a report's sections on validity indices and on the course of the training
 */
#include "pg/report/report.h"

#include <math.h>

/* What an index says, in a sentence */
static const struct
{
	const char *name;
	const char *meaning;
}			indices[FC_INDICES] =
{
	[FC_PARTITION_COEFFICIENT] = {"Partition coefficient",
		"Mean squared membership: 1 if each row is in one cluster only, 1/k if rows are in all clusters alike."},
	[FC_PARTITION_COEFFICIENT_NORMALIZED] = {"The same, normalized",
		"From 0, rows are in all clusters alike, to 1, each is in one cluster only."},
	[FC_PARTITION_ENTROPY] = {"Partition entropy",
		"How undecided memberships are: 0 if each row is in one cluster only, at most the logarithm of k."},
	[FC_XIE_BENI] = {"Xie-Beni", "Width of the clusters over the distance of the two nearest centers: the lower, the better."},
	[FC_FUKUYAMA_SUGENO] = {"Fukuyama-Sugeno", "Width of the clusters less the distances of centers from the mean: the lower, the better."},
	[FC_KWON] = {"Kwon", "Xie-Beni with a penalty for many clusters: the lower, the better."},
	[FC_DAVIES_BOULDIN] = {"Davies-Bouldin", "How much each cluster overlaps its worst neighbour, on average: the lower, the better."},
	[FC_CALINSKI_HARABASZ] = {"Calinski-Harabasz", "Variance between clusters over variance within them: the higher, the better."},
	[FC_SILHOUETTE] = {"Silhouette", "How much nearer rows are to their own center than to the next one, on average: at most 1."},
	[FC_INTER_CLUSTER_VARIANCE] = {"Inter-cluster variance", "How far the centers are from the mean of all rows, squared."},
};

/* After Kaufman and Rousseeuw (1990) */
static const char *
verdict(double silhouette)
{
	if (isnan(silhouette))
		return "There is no silhouette, for which two clusters are needed.";
	if (silhouette > 0.7)
		return "The silhouette is above 0.7: the clusters are far apart.";
	if (silhouette > 0.5)
		return "The silhouette is above 0.5: the clusters are distinct.";
	if (silhouette > 0.25)
		return "The silhouette is above 0.25: the clusters overlap, and could be artificial.";
	return "The silhouette is at most 0.25: there is hardly any structure that these clusters follow.";
}

void
fc_section_validity(HtmlPage *p, const Report *r)
{
	fc_html_begin_section(p, "validity", "Validity");
	fc_html_note(p, "%s", verdict(r->validity.index[FC_SILHOUETTE]));
	fc_html_begin_table(p, "Validity indices of all rows of the query");
	fc_html_head_cell(p, "Index", false);
	fc_html_head_cell(p, "Value", true);
	fc_html_head_cell(p, "What it says", false);
	fc_html_end_head(p);
	for (int i = 0; i < FC_INDICES; i++)
	{
		fc_html(p, "<tr><th scope=\"row\">");
		fc_html_text(p, indices[i].name);
		fc_html(p, "</th>");
		fc_html_number_cell(p, fc_number(r->validity.index[i]));
		fc_html(p, "<td class=\"words\">");
		fc_html_text(p, indices[i].meaning);
		fc_html(p, "</td></tr>\n");
	}
	fc_html_end_table(p);
	fc_html_end_section(p);
}

void
fc_section_training(HtmlPage *p, const Report *r)
{
	Figure		figure = {.prefix = "training", .title = "The course of the training"};

	fc_html_begin_section(p, "training", "The course of the training");
	fc_html_begin_figure(p);
	(void) fc_figure_history(&p->html, &figure, r->m);
	fc_html_end_figure(p, r->m->algo->epochs ? "What the training minimized, by epochs" : "What the training minimized, by iterations");
	fc_html_end_section(p);
}

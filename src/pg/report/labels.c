/*
 * labels.c - clusters and labels of the same rows
 *
 * Labels are compared as text, by a hash of 64 bits, so that long ones take no memory.  There
 * are at most MOST_LABELS of them, and MOST_CELLS pairs of a label and a cluster; else only
 * that is said.
 */
#include "pg/report/report.h"

#include "core/agreement.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"

#include <math.h>

#define MOST_CELLS		100000
#define LONGEST_LABEL	160		/* bytes kept of a label */

/* What is the same in both kinds of entries: keys are unique */
typedef struct LabelEntry
{
	uint64		key;			/* hash of the label */
	int32		id;
} LabelEntry;

typedef struct CellEntry
{
	uint64		key;			/* id of the label, number of the group */
	FcAmount	count;
	double		weight;
} CellEntry;

struct LabelTable
{
	HTAB	   *labels;
	HTAB	   *cells;
	int32		n;
	const char *text[MOST_LABELS];	/* UTF-8; of each label by its id */
	int64		rows;			/* with a label */
	double		weight;			/* of these */
	bool		too_many;		/* labels or cells: nothing more is counted */
};

static HTAB *
begin_table(const char *name, Size entry)
{
	HASHCTL		control = {.keysize = sizeof(uint64), .entrysize = entry, .hcxt = CurrentMemoryContext};

	return hash_create(name, 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

LabelTable *
fc_begin_labels(void)
{
	LabelTable *t = palloc0(sizeof(LabelTable));

	t->labels = begin_table("fuzzyclust labels of a report", sizeof(LabelEntry));
	t->cells = begin_table("fuzzyclust cells of a report", sizeof(CellEntry));
	return t;
}

/* ---- counting ---- */

/* -1: there are too many */
static int32
id_of_label(LabelTable *t, const char *label)
{
	uint64		key = hash_bytes_extended((const unsigned char *) label, (int) strlen(label), 0);
	bool		found;
	LabelEntry *entry = hash_search(t->labels, &key, t->n < MOST_LABELS ? HASH_ENTER : HASH_FIND, &found);

	if (entry == NULL)
		return -1;
	if (!found)
	{
		entry->id = t->n++;
		t->text[entry->id] = pstrdup(fc_svg_utf8(pnstrdup(label, fc_whole_characters(label, LONGEST_LABEL))));
	}
	return entry->id;
}

void
fc_count_label(LabelTable *t, const char *label, int32 group, double weight)
{
	int32		id = t->too_many ? -1 : id_of_label(t, label);
	uint64		key = ((uint64) id << 32) | (uint32) group;
	CellEntry  *cell;
	bool		found;

	t->rows++;
	t->weight += weight;
	t->too_many = id < 0 || t->weight > (double) FC_MOST_COUNTED || hash_get_num_entries(t->cells) >= MOST_CELLS;
	if (t->too_many)
		return;
	cell = hash_search(t->cells, &key, HASH_ENTER, &found);
	if (!found)
		*cell = (CellEntry) {.key = key};
	cell->count = fc_amount_plus(cell->count, fc_amount_of_weight(weight));
	cell->weight += weight;
}

/* ---- agreement ---- */

typedef struct Agreement
{
	double		accuracy;
	double		nmi;
	double		ari;
} Agreement;

/* Groups with labelled rows get numbers from 0: place (k + 1), -1 for the others */
static int32
number_groups(const LabelTable *t, int32 k, int32 *place)
{
	HASH_SEQ_STATUS all;
	CellEntry  *cell;
	int32		n = 0;

	for (int32 g = 0; g <= k; g++)
		place[g] = -1;
	hash_seq_init(&all, t->cells);
	while ((cell = hash_seq_search(&all)) != NULL)
		place[(uint32) cell->key] = 0;
	for (int32 g = 0; g <= k; g++)
		if (place[g] == 0)
			place[g] = n++;
	return n;
}

static Agreement
measure(const LabelTable *t, int32 k)
{
	int32	   *place = palloc_extended(sizeof(int32) * ((Size) k + 1), MCXT_ALLOC_HUGE);
	int32		groups = number_groups(t, k, place);
	FcArena		arena;
	FcContingency table;
	HASH_SEQ_STATUS all;
	CellEntry  *cell;
	void	   *work;

	FC_LAY_OUT(&arena, fc_contingency_layout(&arena, &table, t->n, groups, hash_get_num_entries(t->cells)));
	fc_contingency_clear(&table);
	hash_seq_init(&all, t->cells);
	while ((cell = hash_seq_search(&all)) != NULL)
		fc_contingency_add(&table, (int32) (cell->key >> 32), place[(uint32) cell->key], cell->count);
	table.unit = fc_row_unit(t->weight, t->rows);
	fc_contingency_sort(&table, fc_check_interrupts, NULL);
	work = FC_LAY_OUT(&arena, fc_accuracy_layout(&arena, &table));
	return (Agreement) {fc_accuracy(&table, work, fc_check_interrupts, NULL), fc_nmi(&table), fc_ari(&table)};
}

/* ---- the section ---- */

/* Weights of the rows of a label: of each group (k + 1), and the total */
typedef struct LabelRow
{
	int32		id;
	double		total;
} LabelRow;

static int
compare_labels(const void *a, const void *b)
{
	const LabelRow *x = a;
	const LabelRow *y = b;

	return x->total != y->total ? (x->total > y->total ? -1 : 1) : x->id - y->id;
}

/* The labels with most rows first, (t->n) */
static LabelRow *
sorted_labels(const LabelTable *t)
{
	LabelRow   *row = palloc(sizeof(LabelRow) * t->n);
	HASH_SEQ_STATUS all;
	CellEntry  *cell;

	for (int32 i = 0; i < t->n; i++)
		row[i] = (LabelRow) {i, 0};
	hash_seq_init(&all, t->cells);
	while ((cell = hash_seq_search(&all)) != NULL)
		row[cell->key >> 32].total += cell->weight;
	qsort(row, t->n, sizeof(LabelRow), compare_labels);
	return row;
}

static double
weight_of_cell(const LabelTable *t, int32 id, int32 group)
{
	uint64		key = ((uint64) id << 32) | (uint32) group;
	CellEntry  *cell = hash_search(t->cells, &key, HASH_FIND, NULL);

	return cell ? cell->weight : 0;
}

/* The darker, the larger the part of the label's rows */
static void
put_cell(HtmlPage *p, double weight, double total)
{
	int			level = total > 0 ? (int) ceil(8 * weight / total) : 0;

	fc_html(p, "<td class=\"n p%d\">", Min(level, 8));
	if (weight > 0)
		fc_html_text(p, fc_number(weight));
	fc_html(p, "</td>");
}

static void
put_table(HtmlPage *p, const Report *r, const LabelTable *t)
{
	LabelRow   *row = sorted_labels(t);
	int			groups = Min(r->m->k, p->limits.clusters);
	bool		noise = r->rows.group[0].rows > 0;
	int			listed = Min(t->n, p->limits.labels);

	fc_html_begin_table(p, r->options.weight ? "Weight of the rows by label and cluster" : "Rows by label and cluster");
	fc_html_head_cell(p, "Label", false);
	fc_html_head_cell(p, r->options.weight ? "Weight" : "Rows", true);
	if (noise)
		fc_html_head_cell(p, "Noise", true);
	for (int32 g = 1; g <= groups; g++)
		fc_html_head_cell(p, psprintf("%d", g), true);
	fc_html_end_head(p);
	for (int i = 0; i < listed; i++)
	{
		fc_html(p, "<tr><th scope=\"row\">");
		fc_html_user_text(p, *t->text[row[i].id] ? t->text[row[i].id] : "(empty)");
		fc_html(p, "</th>");
		fc_html_number_cell(p, fc_number(row[i].total));
		for (int32 g = noise ? 0 : 1; g <= groups; g++)
			put_cell(p, weight_of_cell(t, row[i].id, g), row[i].total);
		fc_html(p, "</tr>\n");
	}
	fc_html_end_table(p);
	if (listed < t->n || groups < r->m->k)
		fc_html_note(p, "Shown are %d of %d labels, those of most rows, and %d of %d clusters.", listed, t->n, groups, r->m->k);
}

static void
put_measures(HtmlPage *p, const LabelTable *t, int32 k)
{
	Agreement	a = measure(t, k);

	fc_html(p, "<div class=\"facts\">");
	fc_html_fact(p, "Accuracy", fc_number(a.accuracy), "share of the rows that are in the cluster of their label, if each label has one cluster");
	fc_html_fact(p, "Normalized mutual information", fc_number(a.nmi), "0: knowing the cluster says nothing about the label; 1: it says all");
	fc_html_fact(p, "Adjusted Rand index", fc_number(a.ari), "pairs of rows that both put together or apart: 0 by chance, 1 for the same partition");
	fc_html(p, "</div>\n");
}

void
fc_section_labels(HtmlPage *p, const Report *r)
{
	const LabelTable *t = r->rows.labels;

	if (t == NULL)
		return;
	fc_html_begin_section(p, "labels", "Agreement with the labels");
	fc_html(p, "<p>Labels are the column ");
	fc_html_user_text(p, fc_svg_utf8(r->options.label));
	fc_html(p, ".</p>\n");
	if (t->too_many)
		fc_html_note(p, "There are too many different labels to compare them with the clusters: at most %d.", MOST_LABELS);
	else if (t->n == 0)
		fc_html_note(p, "No row has a label.");
	else
	{
		if (t->rows < r->rows.rows)
			fc_html_note(p, "%s without a label are left out here.", fc_counted_rows(r->rows.rows - t->rows));
		put_measures(p, t, r->m->k);
		put_table(p, r, t);
	}
	fc_html_end_section(p);
}

/*
 * lineage.c - which cluster of which version became which: cluster_lineage
 *
 * Found by core/lineage.c when a version is trained, as the rows are at hand then,
 * and kept in a table of the registry: asking later reads no rows, and works after
 * the versions themselves have been deleted.  It is read with the caller's
 * privileges, by a scan in C, see tables.c.
 */
#include "pg/registry/registry.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include <math.h>

/* ---- from a comparison ---- */

static void
add_line(Drift *drift, LineageLine line)
{
	drift->lineage[drift->nlineage++] = line;
}

/* Every cluster of a first version has appeared */
void
fc_begin_lineage(Drift *drift, int32 k)
{
	drift->lineage = palloc_extended(sizeof(LineageLine) * k, MCXT_ALLOC_HUGE);
	for (int32 c = 0; c < k; c++)
		add_line(drift, (LineageLine) {.cluster = c + 1, .share = NAN, .from_share = NAN, .event = FC_APPEARED});
}

static int64
count_lines(const FcLineage *l, int32 old_k, int32 new_k)
{
	int64		lines = 0;

	for (int32 a = 0; a < old_k; a++)
		lines += Max(l->heirs[a], 1);
	for (int32 b = 0; b < new_k; b++)
		lines += l->origins[b] == 0;
	return lines;
}

/* Where old clusters have gone, then the new ones; number (new k) are the numbers of these */
void
fc_keep_lineage(Drift *drift, const FcLineage *l, const int32 *number)
{
	int32		old_k = l->matching->old->k;
	int32		new_k = l->matching->new->k;
	FcDescent	descent;

	drift->lineage = palloc_extended(sizeof(LineageLine) * count_lines(l, old_k, new_k), MCXT_ALLOC_HUGE);
	for (int32 a = 0; a < old_k; a++)
	{
		fc_check_interrupts(NULL);
		if (l->heirs[a] == 0)
			add_line(drift, (LineageLine) {.from_cluster = a + 1, .share = NAN, .from_share = NAN, .event = FC_FADED});
		for (int32 b = 0; l->heirs[a] > 0 && b < new_k; b++)
			if (fc_lineage_descent(l, a, b, &descent))
				add_line(drift, (LineageLine) {
					.cluster = number[b] + 1, .from_cluster = a + 1, .share = descent.share,
					.from_share = descent.old_share, .event = descent.event
				});
	}
	for (int32 b = 0; b < new_k; b++)
		if (l->origins[b] == 0)
			add_line(drift, (LineageLine) {.cluster = number[b] + 1, .share = NAN, .from_share = NAN, .event = FC_APPEARED});
}

/* ---- to the table ---- */

/* Columns of all lines, as arrays */
typedef struct LineColumns
{
	int			n;
	Datum	   *values;			/* (n) of the column at hand */
	bool	   *nulls;
} LineColumns;

static void
add_array(Statement *s, LineColumns *c, Oid element, Oid array, int length, bool by_value, char align)
{
	int			lower = 1;

	fc_parameter(s, array, PointerGetDatum(construct_md_array(c->values, c->nulls, 1, &c->n, &lower, element, length,
															  by_value, align)), false);
}

static void
add_integers(Statement *s, LineColumns *c, const Drift *drift, size_t offset)
{
	for (int i = 0; i < c->n; i++)
	{
		int32		value = *(const int32 *) ((const char *) &drift->lineage[i] + offset);

		c->values[i] = Int32GetDatum(value);
		c->nulls[i] = value == 0;
	}
	add_array(s, c, INT4OID, INT4ARRAYOID, sizeof(int32), true, TYPALIGN_INT);
}

static void
add_shares(Statement *s, LineColumns *c, const Drift *drift, size_t offset)
{
	for (int i = 0; i < c->n; i++)
		c->values[i] = fc_float8_or_null(*(const double *) ((const char *) &drift->lineage[i] + offset), &c->nulls[i]);
	add_array(s, c, FLOAT8OID, FLOAT8ARRAYOID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

static void
add_events(Statement *s, LineColumns *c, const Drift *drift)
{
	Datum		names[FC_EVENTS];

	for (int e = 0; e < FC_EVENTS; e++)
		names[e] = CStringGetTextDatum(fc_event_name(e));
	for (int i = 0; i < c->n; i++)
	{
		c->values[i] = names[drift->lineage[i].event];
		c->nulls[i] = false;
	}
	add_array(s, c, TEXTOID, TEXTARRAYOID, -1, false, TYPALIGN_INT);
}

/* A version of that number may have been deleted before */
static void
forget_lineage(const Registry *r, const char *name, int32 version)
{
	Statement	s = {.sql = "DELETE FROM ONLY @.lineage WHERE name = $1 AND version = $2"};

	fc_text_parameter(&s, name);
	fc_parameter(&s, INT4OID, Int32GetDatum(version), false);
	fc_execute(r, &s, false);
}

/* As the owner, within an SPI connection; from 0: the version was compared with none */
void
fc_record_lineage(const Registry *r, const char *name, int32 version, int32 from, const Drift *drift)
{
	Statement	s = {.sql = "INSERT INTO @.lineage (name, version, cluster, from_version, from_cluster, share, from_share, event)"
		" SELECT $1, $2, l.cluster, $3, l.from_cluster, l.share, l.from_share, l.event"
		" FROM unnest($4, $5, $6, $7, $8) AS l (cluster, from_cluster, share, from_share, event)"};
	LineColumns c = {
		.n = drift->nlineage,
		.values = palloc(sizeof(Datum) * drift->nlineage),
		.nulls = palloc(sizeof(bool) * drift->nlineage)
	};

	forget_lineage(r, name, version);
	fc_text_parameter(&s, name);
	fc_parameter(&s, INT4OID, Int32GetDatum(version), false);
	fc_parameter(&s, INT4OID, Int32GetDatum(from), from == 0);
	add_integers(&s, &c, drift, offsetof(LineageLine, cluster));
	add_integers(&s, &c, drift, offsetof(LineageLine, from_cluster));
	add_shares(&s, &c, drift, offsetof(LineageLine, share));
	add_shares(&s, &c, drift, offsetof(LineageLine, from_share));
	add_events(&s, &c, drift);
	fc_execute(r, &s, false);
}

/* ---- from the table ---- */

static const char *const columns[LINEAGE_COLUMNS] = {
	"version", "cluster", "from_version", "from_cluster", "share", "from_share", "event"
};

/* A search in the table, and its result */
typedef struct Lines
{
	MemoryContext context;
	const char *name;
	AttrNumber	name_at;
	AttrNumber	at[LINEAGE_COLUMNS];
	LineageRow *line;			/* (n) */
	int64		n;
	int64		room;
} Lines;

static LineageRow *
next_line(Lines *l)
{
	if (l->n == l->room)
	{
		l->room *= 2;
		l->line = repalloc_huge(l->line, sizeof(LineageRow) * l->room);
	}
	return &l->line[l->n++];
}

static bool
keep_line(void *arg, HeapTuple row, TupleDesc desc)
{
	Lines	   *l = arg;
	LineageRow *line;
	MemoryContext old;

	if (!fc_row_is_named(row, l->name_at, desc, l->name))
		return false;
	line = next_line(l);
	for (int i = 0; i < LINEAGE_COLUMNS; i++)
		line->values[i] = heap_getattr(row, l->at[i], desc, &line->nulls[i]);
	old = MemoryContextSwitchTo(l->context);
	if (!line->nulls[LINEAGE_EVENT])
		line->values[LINEAGE_EVENT] = PointerGetDatum(DatumGetTextPCopy(line->values[LINEAGE_EVENT]));
	MemoryContextSwitchTo(old);
	return false;
}

/* NULL last, as in ORDER BY */
static int
compare_integers(const LineageRow *a, const LineageRow *b, int column)
{
	if (a->nulls[column] || b->nulls[column])
		return a->nulls[column] - b->nulls[column];
	return (DatumGetInt32(a->values[column]) > DatumGetInt32(b->values[column])) -
		(DatumGetInt32(a->values[column]) < DatumGetInt32(b->values[column]));
}

/* By version, cluster, and what that was */
static int
compare_lines(const void *a, const void *b)
{
	static const int keys[] = {LINEAGE_VERSION, LINEAGE_CLUSTER, LINEAGE_FROM_VERSION, LINEAGE_FROM_CLUSTER};
	int			order = 0;

	for (int i = 0; i < (int) lengthof(keys) && order == 0; i++)
		order = compare_integers(a, b, keys[i]);
	return order;
}

/* Versions that are older than their registry's format have no lineage; other names are errors */
static void
check_name(const char *registry, const char *name)
{
	Registry	r;
	Relation	versions;

	fc_find_registry(&r, registry);
	versions = fc_open_to_read(&r, VERSIONS);
	if (!fc_has_version(versions, name))
		fc_refuse_version(&r, versions, name, 0);
	relation_close(versions, NoLock);
}

/* The lines of a model, by version and cluster; the table is there, and the caller may read it */
static Lines
read_lines(Registry *r, const char *name)
{
	Lines		l = {.context = CurrentMemoryContext, .name = name, .line = palloc(sizeof(LineageRow)), .room = 1};
	Relation	rel = fc_open_to_read(r, LINEAGE);

	l.name_at = fc_table_column(rel, "name");
	for (int i = 0; i < LINEAGE_COLUMNS; i++)
		l.at[i] = fc_table_column(rel, columns[i]);
	fc_scan_table(rel, keep_line, &l);
	relation_close(rel, NoLock);
	qsort(l.line, l.n, sizeof(LineageRow), compare_lines);
	return l;
}

/* The same where nothing is wrong if the caller may not read it, or it is not there: then there are none */
LineageRow *
fc_read_lineage(const char *registry, const char *name, int64 *n)
{
	Registry	r;
	Lines		l;

	*n = 0;
	fc_find_registry(&r, registry);
	if (!fc_may_read(&r, LINEAGE))
		return NULL;
	l = read_lines(&r, name);
	*n = l.n;
	return l.line;
}

/*
 * cluster_lineage(name text, registry name)
 * returns setof (version int, cluster int, from_version int, from_cluster int, share float8, from_share float8,
 *		event text)
 *
 * Any role that may read the tables of lineage may call it.
 */
PG_FUNCTION_INFO_V1(cluster_lineage);
Datum
cluster_lineage(PG_FUNCTION_ARGS)
{
	char	   *name = fc_name_argument(fcinfo, 0);
	const char *registry = fc_registry_argument(fcinfo, 1);
	ResultSet	set = fc_begin_set(fcinfo);
	Registry	r;
	Lines		l;

	fc_find_registry(&r, registry);
	l = read_lines(&r, name);
	if (l.n == 0)
		check_name(registry, name);
	for (int64 i = 0; i < l.n; i++)
		tuplestore_putvalues(set.store, set.desc, l.line[i].values, l.line[i].nulls);
	return (Datum) 0;
}

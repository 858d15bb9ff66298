/*
 * facts.c - what a registry knows of the versions of a model, for those who may read it
 *
 * A scan in C with the privileges of the caller, see tables.c.  Owners may have altered
 * their tables: what is null, or is not as it was written, counts as not known.
 */
#include "pg/registry/registry.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"

#include <math.h>

enum {NAME, NUMBER, IS_DEFAULT, TRAINED_AT, ROWS, SECONDS, ITERATIONS, VALIDITY, DRIFT, COLUMNS};

static const char *const columns[COLUMNS + 1] = {
	"name", "number", "is_default", "trained_at", "rows", "seconds", "iterations", "validity", "drift", NULL
};

/* A search in the table, and its result */
typedef struct Facts
{
	const char *name;
	AttrNumber	at[COLUMNS];
	VersionFact *fact;			/* (n) */
	int			n;
	int			room;
} Facts;

/* The number with this key of an object; NaN: there is none */
static double
number_in(Datum json, const char *key)
{
	Jsonb	   *object = DatumGetJsonbP(json);
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(object) || getKeyJsonValueFromContainer(&object->root, key, (int) strlen(key), &value) == NULL ||
		value.type != jbvNumeric)
		return NAN;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
}

static VersionFact *
next_fact(Facts *f)
{
	if (f->n == f->room)
	{
		f->room *= 2;
		f->fact = repalloc_huge(f->fact, sizeof(VersionFact) * f->room);
	}
	return &f->fact[f->n++];
}

static bool
keep_fact(void *arg, HeapTuple row, TupleDesc desc)
{
	Facts	   *f = arg;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	if (!fc_row_is_named(row, f->at[NAME], desc, f->name))
		return false;
	for (int i = 0; i < COLUMNS; i++)
		values[i] = heap_getattr(row, f->at[i], desc, &nulls[i]);
	if (nulls[NUMBER])
		return false;
	*next_fact(f) = (VersionFact) {
		.number = DatumGetInt32(values[NUMBER]), .is_default = !nulls[IS_DEFAULT] && DatumGetBool(values[IS_DEFAULT]),
		.trained_at = nulls[TRAINED_AT] ? 0 : DatumGetTimestampTz(values[TRAINED_AT]),
		.rows = nulls[ROWS] ? 0 : DatumGetInt64(values[ROWS]),
		.seconds = nulls[SECONDS] ? NAN : DatumGetFloat8(values[SECONDS]),
		.iterations = nulls[ITERATIONS] ? 0 : DatumGetInt32(values[ITERATIONS]),
		.silhouette = nulls[VALIDITY] ? NAN : number_in(values[VALIDITY], "silhouette"),
		.changed = nulls[DRIFT] ? NAN : number_in(values[DRIFT], "changed")
	};
	return false;
}

static int
compare_facts(const void *a, const void *b)
{
	int32		x = ((const VersionFact *) a)->number;
	int32		y = ((const VersionFact *) b)->number;

	return x < y ? -1 : x > y;
}

/* By number; none if the caller may not read them */
VersionFact *
fc_read_versions(const char *registry, const char *name, int *n)
{
	Facts		f = {.name = name, .fact = palloc(sizeof(VersionFact)), .room = 1};
	Registry	r;
	Relation	rel;

	fc_find_registry(&r, registry);
	rel = fc_open_to_read(&r, VERSIONS);
	for (int i = 0; i < COLUMNS; i++)
		f.at[i] = fc_table_column(rel, columns[i]);
	if (fc_may_read_columns(rel, columns))
		fc_scan_table(rel, keep_fact, &f);
	relation_close(rel, NoLock);
	qsort(f.fact, f.n, sizeof(VersionFact), compare_facts);
	*n = f.n;
	return f.fact;
}

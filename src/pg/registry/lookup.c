/*
 * lookup.c - a version of a model by name: cluster_model
 *
 * Runs with the caller's privileges on a table that another role may own, so
 * it is a scan in C, see tables.c, and so are the lists of names and numbers
 * in error messages.  Names are equal if their bytes are.
 */
#include "pg/registry/registry.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#define MOST_LISTED	20

/* A search in the table of versions, and its result */
typedef struct Search
{
	MemoryContext context;		/* of the result */
	const char *name;
	int32		number;			/* 0: the default */
	AttrNumber	name_at;
	AttrNumber	number_at;
	AttrNumber	default_at;
	AttrNumber	model_at;
	bytea	   *model;
	int			nnames;			/* the first ones of all models, in order */
	char	   *names[MOST_LISTED];
	int			nnumbers;		/* the last ones of this model, in order */
	int32		numbers[MOST_LISTED];
	bool		more;			/* than these */
} Search;

static Search
search_of(Relation versions, const char *name, int32 number)
{
	return (Search) {
		.context = CurrentMemoryContext, .name = name, .number = number,
		.name_at = fc_table_column(versions, "name"), .number_at = fc_table_column(versions, "number"),
		.default_at = fc_table_column(versions, "is_default"), .model_at = fc_table_column(versions, "model")
	};
}

/* Constraints are there to be dropped: columns may be null, and names as long as a value can be */
bool
fc_row_is_named(HeapTuple row, AttrNumber name_at, TupleDesc desc, const char *name)
{
	Size		length = strlen(name);
	bool		null;
	Datum		value = heap_getattr(row, name_at, desc, &null);

	return !null && toast_raw_datum_size(value) == length + VARHDRSZ &&
		memcmp(VARDATA_ANY(DatumGetTextPP(value)), name, length) == 0;
}

static bool
is_named(const Search *s, HeapTuple row, TupleDesc desc)
{
	return fc_row_is_named(row, s->name_at, desc, s->name);
}

/* 0: none */
static int32
number_of(const Search *s, HeapTuple row, TupleDesc desc)
{
	bool		null;
	Datum		value = heap_getattr(row, s->number_at, desc, &null);

	return null ? 0 : DatumGetInt32(value);
}

static bool
is_default(const Search *s, HeapTuple row, TupleDesc desc)
{
	bool		null;
	Datum		value = heap_getattr(row, s->default_at, desc, &null);

	return !null && DatumGetBool(value);
}

static bool
find_version(void *arg, HeapTuple row, TupleDesc desc)
{
	Search	   *s = arg;
	MemoryContext old;
	bool		null;
	Datum		value;

	if (!is_named(s, row, desc))
		return false;
	if (s->number > 0 ? number_of(s, row, desc) != s->number : !is_default(s, row, desc))
		return false;
	value = heap_getattr(row, s->model_at, desc, &null);
	old = MemoryContextSwitchTo(s->context);
	if (!null)
		s->model = DatumGetByteaPCopy(value);
	MemoryContextSwitchTo(old);
	s->number = null ? s->number : number_of(s, row, desc);
	return !null;
}

/* ---- existing names and versions, for errors ---- */

/* The name at hand, or its beginning */
static char *
name_of(const Search *s, HeapTuple row, TupleDesc desc)
{
	bool		null;
	Datum		value = heap_getattr(row, s->name_at, desc, &null);
	text	   *begin;
	int			length;

	if (null)
		return NULL;
	begin = DatumGetTextPSlice(value, 0, NAMEDATALEN);
	length = pg_mbcliplen(VARDATA_ANY(begin), VARSIZE_ANY_EXHDR(begin), NAMEDATALEN - 1);
	return MemoryContextStrdup(s->context, pnstrdup(VARDATA_ANY(begin), length));
}

/* Unless it is present, or follows those that are kept */
static void
list_name(Search *s, char *name)
{
	int			i = s->nnames;

	while (i > 0 && strcmp(s->names[i - 1], name) > 0)
		i--;
	if (i == MOST_LISTED || (i > 0 && strcmp(s->names[i - 1], name) == 0))
	{
		pfree(name);
		return;
	}
	if (s->nnames == MOST_LISTED)
		pfree(s->names[MOST_LISTED - 1]);
	else
		s->nnames++;
	memmove(&s->names[i + 1], &s->names[i], sizeof(char *) * (s->nnames - 1 - i));
	s->names[i] = name;
}

static void
list_number(Search *s, int32 number)
{
	int			i = s->nnumbers;

	while (i > 0 && s->numbers[i - 1] > number)
		i--;
	if (s->nnumbers < MOST_LISTED)
	{
		memmove(&s->numbers[i + 1], &s->numbers[i], sizeof(int32) * (s->nnumbers - i));
		s->nnumbers++;
		s->numbers[i] = number;
		return;
	}
	s->more = true;				/* the least of them is dropped */
	if (i == 0)
		return;
	memmove(&s->numbers[0], &s->numbers[1], sizeof(int32) * (i - 1));
	s->numbers[i - 1] = number;
}

static bool
list_version(void *arg, HeapTuple row, TupleDesc desc)
{
	Search	   *s = arg;
	char	   *name = name_of(s, row, desc);
	int32		number = number_of(s, row, desc);

	if (name)
		list_name(s, name);
	if (number != 0 && is_named(s, row, desc))
		list_number(s, number);
	return false;
}

static char *
names_text(const Search *s)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < s->nnames; i++)
		fc_append_item(&text, fc_beginning_of(s->names[i]));
	return text.data;
}

static char *
numbers_text(const Search *s)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, s->more ? "..., " : "");
	for (int i = 0; i < s->nnumbers; i++)
		appendStringInfo(&text, "%s%d", i > 0 ? ", " : "", s->numbers[i]);
	return text.data;
}

/* The call that trains the model in this registry, which it names unless it is the one by default */
static char *
retraining_of(const Registry *r, const char *model)
{
	char	   *name = quote_literal_cstr(fc_beginning_of(model));

	if (strcmp(r->name, "cluster_registry") == 0)
		return psprintf("CALL cluster_retrain(%s)", name);
	return psprintf("CALL cluster_retrain(%s, %s)", name, quote_literal_cstr(r->name));
}

/* There are no versions of that name, or none at all; recipes may not be readable for the caller */
pg_noreturn static void
refuse_name(const Registry *r, const Search *s)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("registry \"%s\" has no version of model \"%s\"", r->name, fc_beginning_of(s->name)),
			 s->nnames > 0 ? errdetail("Models with versions are %s.", names_text(s)) : errdetail("It has no version of any model."),
			 errhint("If the model is defined, train it with %s.", retraining_of(r, s->name))));
}

static bool
find_name(void *arg, HeapTuple row, TupleDesc desc)
{
	Search	   *s = arg;

	s->more = is_named(s, row, desc);
	return s->more;
}

bool
fc_has_version(Relation versions, const char *name)
{
	Search		s = search_of(versions, name, 0);

	fc_scan_table(versions, find_name, &s);
	return s.more;
}

/* Reports that there is no such version, or no default version if number is 0, and the existing ones */
void
fc_refuse_version(const Registry *r, Relation versions, const char *name, int32 number)
{
	Search		s = search_of(versions, name, number);

	fc_scan_table(versions, list_version, &s);
	if (s.nnumbers == 0)
		refuse_name(r, &s);
	if (number > 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("model \"%s\" has no version %d", fc_beginning_of(name), number),
				 errhint("Existing versions are %s.", numbers_text(&s))));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" has no default version", fc_beginning_of(name)),
			 errhint("Choose one with cluster_set_default; existing versions are %s.", numbers_text(&s))));
}

/* ---- cluster_model ---- */

/*
 * The version "number" of a model, or its default one if that is 0; *number becomes its own.  With
 * the privileges of the caller.
 */
bytea *
fc_find_model(const char *registry, const char *name, int32 *number)
{
	Registry	r;
	Relation	versions;
	Search		s;

	fc_find_registry(&r, registry);
	versions = fc_open_to_read(&r, VERSIONS);
	s = search_of(versions, name, *number);
	fc_scan_table(versions, find_version, &s);
	if (s.model == NULL)
		fc_refuse_version(&r, versions, name, *number);
	relation_close(versions, NoLock);	/* as a SELECT, which keeps its lock */
	*number = s.number;
	return s.model;
}

/*
 * cluster_model(name text, version int, registry name) returns bytea
 *
 * A version of a model, the default one if version is null.  Runs with the
 * caller's privileges: any role that may read the table of versions may call
 * it.
 */
PG_FUNCTION_INFO_V1(cluster_model);
Datum
cluster_model(PG_FUNCTION_ARGS)
{
	char	   *name = fc_name_argument(fcinfo, 0);
	int32		number = fc_version_argument(fcinfo, 1);

	PG_RETURN_BYTEA_P(fc_find_model(fc_registry_argument(fcinfo, 2), name, &number));
}

/*
 * agreement.c - cluster_accuracy, cluster_nmi, cluster_ari
 *
 *   cluster_accuracy(label "any", cluster "any" [, n bigint]) returns float8, and so on
 *   cluster_accuracy(label "any", cluster "any", weight float8) returns float8, and so on
 *
 * One pass counts the rows of each pair of label and cluster; the measures are
 * computed from the counts (core/agreement.c).  Label and cluster may be of
 * any types that can be hashed, not the same ones.  Each gets a number from a
 * hash table that uses its type's equality operator, and the numbers of a row
 * are the key of its count.  So memory grows with the distinct values and
 * pairs, not with the rows, and is held below maintenance_work_mem.
 *
 * The aggregates share state and transition function, so that PostgreSQL reads
 * the rows once for all three.  Final functions only read the state.
 *
 * Parallel workers each count their rows, and the tables are added.  The state has no
 * flat SQL type, because its values are of any types: nobody could tell whether
 * bytes that a user made are valid values of theirs.  The measures do not depend on
 * who counted which rows: see fc_contingency_sort().
 */
#include "pg/score/agreement.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

static void
init_side(Side *side, Oid type, Oid collation, const char *name, MemoryContext context)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);

	if (!OidIsValid(entry->hash_proc_finfo.fn_oid) || !OidIsValid(entry->eq_opr_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a hash function for type %s", format_type_be(type)),
				 errhint("Cast the %s to a type that can be hashed, for example text.", name)));
	side->type = type;
	side->collation = collation;
	side->byval = entry->typbyval;
	side->length = entry->typlen;
	fmgr_info_copy(&side->hash, &entry->hash_proc_finfo, context);
	fmgr_info_copy(&side->equal, &entry->eq_opr_finfo, context);
}

/*
 * An untyped literal reaches an "any" argument as type unknown; like the
 * VARIADIC "any" functions of PostgreSQL we read it as text.
 */
static void
init_argument(Side *side, FunctionCallInfo fcinfo, int argument)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, argument);

	side->literal = (type == UNKNOWNOID);
	init_side(side, side->literal ? TEXTOID : type, side->literal ? DEFAULT_COLLATION_OID : PG_GET_COLLATION(),
			  argument == 1 ? "label" : "cluster", fcinfo->flinfo->fn_mcxt);
}

/* The sides of label and cluster, looked up once per query */
static Side *
get_sides(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;

	if (flinfo->fn_extra == NULL)
	{
		Side	   *sides = MemoryContextAllocZero(flinfo->fn_mcxt, 2 * sizeof(Side));

		init_argument(&sides[0], fcinfo, 1);
		init_argument(&sides[1], fcinfo, 2);
		flinfo->fn_extra = sides;
	}
	return flinfo->fn_extra;
}

/* With room for a number of labels, clusters and pairs */
static Agreement *
begin(MemoryContext context, Side *sides, uint32 labels, uint32 clusters, uint32 pairs)
{
	Agreement  *s = MemoryContextAllocZero(context, sizeof(Agreement));

	s->labels = value_create(context, labels, &sides[0]);
	s->clusters = value_create(context, clusters, &sides[1]);
	s->pairs = pair_create(context, pairs, NULL);
	return s;
}

/* Bytes of a hash table, while it doubles if the next entry makes it do so */
static Size
table_size(uint64 size, uint32 members, uint32 grow_threshold, Size entry)
{
	return mul_size(members < grow_threshold ? size : 3 * size, entry);
}

Size
fc_agreement_size(const Agreement *s)
{
	const value_hash *l = s->labels;
	const value_hash *c = s->clusters;
	const pair_hash *p = s->pairs;
	Size		size = s->copied;

	size = add_size(size, table_size(l->size, l->members, l->grow_threshold, sizeof(ValueEntry)));
	size = add_size(size, table_size(c->size, c->members, c->grow_threshold, sizeof(ValueEntry)));
	return add_size(size, table_size(p->size, p->members, p->grow_threshold, sizeof(PairEntry)));
}

void
fc_agreement_check_memory(Size need)
{
	if (need / 1024 > (Size) maintenance_work_mem)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("labels and clusters need at least %zu MB of memory, but maintenance_work_mem is %d MB",
						need / (1024 * 1024) + 1, maintenance_work_mem / 1024),
				 errdetail("The required memory grows with the number of distinct labels and clusters."),
				 errhint("Raise maintenance_work_mem, or check that the arguments are not unique keys.")));
}

/* The number of a value, a new one if it is not known yet */
static int32
get_id(Agreement *s, value_hash *values, Datum value)
{
	const Side *side = values->private_data;
	bool		found;
	ValueEntry *v = value_insert(values, value, &found);

	if (found)
		return v->id;

	if (values->members > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d distinct labels or clusters", PG_INT32_MAX)));
	v->id = (int32) (values->members - 1);
	if (!side->byval)
	{
		MemoryContext old = MemoryContextSwitchTo(values->ctx);

		v->value = datumCopy(value, false, side->length);
		MemoryContextSwitchTo(old);
		s->copied += GetMemoryChunkSpace(DatumGetPointer(v->value));
	}
	fc_agreement_check_memory(fc_agreement_size(s));
	return v->id;
}

/* An argument in the form that the side's functions take; garbage is left to the row's context */
static inline Datum
get_value(FunctionCallInfo fcinfo, int argument, const Side *side)
{
	Datum		value = PG_GETARG_DATUM(argument);

	if (side->literal)
		return CStringGetTextDatum(DatumGetCString(value));
	if (side->length == -1)
		return PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
	return value;
}

static void
count_pair(Agreement *s, uint32 label, uint32 cluster, FcAmount n)
{
	bool		found;
	PairEntry  *pair = pair_insert(s->pairs, (uint64) label << 32 | cluster, &found);
	FcAmount	total = fc_amount_plus(s->total, n);

	if (!found)
	{
		pair->count = (FcAmount) {0};
		fc_agreement_check_memory(fc_agreement_size(s));
	}
	if (fc_amount_is_less(fc_amount_of_count(FC_MOST_COUNTED), total))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("more than " INT64_FORMAT " rows are counted", FC_MOST_COUNTED)));
	pair->count = fc_amount_plus(pair->count, n);
	s->total = total;
}

static int64
get_count(FunctionCallInfo fcinfo)
{
	int64		n = PG_GETARG_INT64(3);

	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of rows must not be negative: " INT64_FORMAT, n),
				 errhint("The third argument is the count(*) of the rows with this label and cluster.")));
	return Min(n, FC_MOST_COUNTED + 1);
}

/* Counts "rows" rows with label and cluster as n; if there are any, the two are not null */
static Datum
accumulate(FunctionCallInfo fcinfo, FcAmount n, int64 rows)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	Agreement  *s = fc_aggregate_state(fcinfo, 0);
	Side	   *sides = get_sides(fcinfo);
	uint32		label;
	uint32		cluster;

	if (rows == 0)
		return fc_return_state(fcinfo, s);
	if (s == NULL)
		s = begin(context, sides, 8, 8, 8); /* small, for there may be many groups */

	label = get_id(s, s->labels, get_value(fcinfo, 1, &sides[0]));
	cluster = get_id(s, s->clusters, get_value(fcinfo, 2, &sides[1]));
	count_pair(s, label, cluster, n);
	s->rows += rows;
	PG_RETURN_POINTER(s);
}

/* Are label, cluster or another argument null? */
static bool
is_left_out(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2) || (PG_NARGS() > 3 && PG_ARGISNULL(3));
}

/* cluster_agreement_accum(internal, label "any", cluster "any" [, n bigint]) returns internal */
PG_FUNCTION_INFO_V1(cluster_agreement_accum);
Datum
cluster_agreement_accum(PG_FUNCTION_ARGS)
{
	int64		n = is_left_out(fcinfo) ? 0 : PG_NARGS() > 3 ? get_count(fcinfo) : 1;

	return accumulate(fcinfo, fc_amount_of_count(n), n);
}

/* cluster_agreement_weigh(internal, label "any", cluster "any", weight float8) returns internal */
PG_FUNCTION_INFO_V1(cluster_agreement_weigh);
Datum
cluster_agreement_weigh(PG_FUNCTION_ARGS)
{
	double		weight = is_left_out(fcinfo) ? 0 : fc_checked_weight(PG_GETARG_FLOAT8(3));

	return accumulate(fcinfo, fc_amount_of_weight(weight), weight > 0);
}

/*
 * The serial form: a header; labels and clusters in order of their numbers, each at
 * a multiple of 8 bytes; pairs.  It stays within a query and on a server.
 */
typedef struct Serial
{
	Oid			type[2];		/* of label and cluster */
	Oid			collation[2];
	uint32		values[2];
	uint64		pairs;
	int64		rows;
} Serial;

typedef struct SerialPair
{
	uint64		key;
	FcAmount	count;
} SerialPair;

static Size
value_size(Datum value, const Side *side)
{
	return side->byval ? sizeof(Datum) : MAXALIGN(datumGetSize(value, false, side->length));
}

/* Values in order of their numbers, and what they take in serial form */
static Datum *
values_in_order(const value_hash *values, Size *size)
{
	Datum	   *value = palloc_extended(mul_size(sizeof(Datum), values->members), MCXT_ALLOC_HUGE);
	value_iterator i;
	ValueEntry *v;

	value_start_iterate((value_hash *) values, &i);
	while ((v = value_iterate((value_hash *) values, &i)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		value[v->id] = v->value;
		*size = add_size(*size, value_size(v->value, values->private_data));
	}
	return value;
}

static char *
write_values(char *to, const value_hash *values, const Datum *value)
{
	const Side *side = values->private_data;

	for (uint32 i = 0; i < values->members; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (side->byval)
			memcpy(to, &value[i], sizeof(Datum));
		else
			memcpy(to, DatumGetPointer(value[i]), datumGetSize(value[i], false, side->length));
		to += value_size(value[i], side);
	}
	return to;
}

static bytea *
serial_bytes(Size size)
{
	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("labels and clusters take %zu MB, more than a parallel worker can return", size / (1024 * 1024)),
				 errhint("Set max_parallel_workers_per_gather to 0, or check that the arguments are not unique keys.")));
	return fc_bytea(size);
}

/* cluster_agreement_serial(internal) returns bytea */
PG_FUNCTION_INFO_V1(cluster_agreement_serial);
Datum
cluster_agreement_serial(PG_FUNCTION_ARGS)
{
	const Agreement *s = fc_aggregate_state(fcinfo, 0);
	const Side *label = s->labels->private_data;
	const Side *cluster = s->clusters->private_data;
	Serial		header = {
		.type = {label->type, cluster->type},
		.collation = {label->collation, cluster->collation},
		.values = {s->labels->members, s->clusters->members},
		.pairs = s->pairs->members,
		.rows = s->rows
	};
	Size		size = add_size(sizeof(header), mul_size(sizeof(SerialPair), header.pairs));
	Datum	   *labels = values_in_order(s->labels, &size);
	Datum	   *clusters = values_in_order(s->clusters, &size);
	bytea	   *result = serial_bytes(size);
	char	   *to = VARDATA(result);
	pair_iterator i;
	PairEntry  *pair;

	(void) fc_aggregate_context(fcinfo);
	memset(to, 0, size);
	memcpy(to, &header, sizeof(header));
	to = write_values(to + sizeof(header), s->labels, labels);
	to = write_values(to, s->clusters, clusters);
	pair_start_iterate(s->pairs, &i);
	while ((pair = pair_iterate(s->pairs, &i)) != NULL)
	{
		SerialPair	p = {pair->key, pair->count};

		memcpy(to, &p, sizeof(p));
		to += sizeof(p);
	}
	PG_RETURN_BYTEA_P(result);
}

/* cluster_agreement_deserial(bytea, internal) returns internal; aligned as it was written */
PG_FUNCTION_INFO_V1(cluster_agreement_deserial);
Datum
cluster_agreement_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Agreement  *s = palloc0(sizeof(Agreement));

	(void) fc_aggregate_context(fcinfo);
	s->serial = memcpy(palloc(VARSIZE_ANY_EXHDR(bytes)), VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	PG_RETURN_POINTER(s);
}

/* The sides of states from other processes */
static Side *
get_serial_sides(FunctionCallInfo fcinfo, const Serial *header)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	Side	   *sides = flinfo->fn_extra;

	if (sides == NULL)
	{
		sides = MemoryContextAllocZero(flinfo->fn_mcxt, 2 * sizeof(Side));
		init_side(&sides[0], header->type[0], header->collation[0], "label", flinfo->fn_mcxt);
		init_side(&sides[1], header->type[1], header->collation[1], "cluster", flinfo->fn_mcxt);
		flinfo->fn_extra = sides;
	}
	return sides;
}

/* The numbers of "count" values that begin at *from, which moves behind them */
static int32 *
merge_values(Agreement *s, value_hash *values, const char **from, uint32 count)
{
	const Side *side = values->private_data;
	int32	   *id = palloc_extended(mul_size(sizeof(int32), count), MCXT_ALLOC_HUGE);

	for (uint32 i = 0; i < count; i++)
	{
		Datum		value = side->byval ? *(const Datum *) *from : PointerGetDatum(*from);

		CHECK_FOR_INTERRUPTS();
		id[i] = get_id(s, values, value);
		*from += value_size(value, side);
	}
	return id;
}

static void
merge(Agreement *s, const char *serial)
{
	const Serial *header = (const Serial *) serial;
	const char *from = serial + sizeof(Serial);
	int32	   *label = merge_values(s, s->labels, &from, header->values[0]);
	int32	   *cluster = merge_values(s, s->clusters, &from, header->values[1]);
	const SerialPair *pair = (const SerialPair *) from;

	for (uint64 i = 0; i < header->pairs; i++)
	{
		CHECK_FOR_INTERRUPTS();
		count_pair(s, label[pair[i].key >> 32], cluster[(uint32) pair[i].key], pair[i].count);
	}
	s->rows += header->rows;
	pfree(label);
	pfree(cluster);
}

/*
 * cluster_agreement_combine(internal, internal) returns internal
 *
 * The first state is one that counts; the second comes from another process.
 */
PG_FUNCTION_INFO_V1(cluster_agreement_combine);
Datum
cluster_agreement_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	Agreement  *s = fc_aggregate_state(fcinfo, 0);
	const Agreement *other = fc_aggregate_state(fcinfo, 1);

	if (other != NULL)
	{
		const Serial *header = (const Serial *) other->serial;

		/* pairs come in the order of their hashes, in which a smaller table would cluster */
		if (s == NULL)
			s = begin(context, get_serial_sides(fcinfo, header), header->values[0], header->values[1], (uint32) header->pairs);
		merge(s, other->serial);
	}
	return fc_return_state(fcinfo, s);
}

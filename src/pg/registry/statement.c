/*
 * statement.c - SQL statements on the tables of a registry
 *
 * They run as the owner, within fc_as_owner() and an SPI connection.
 */
#include "pg/registry/registry.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "parser/parse_node.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

void
fc_parameter(Statement *s, Oid type, Datum value, bool null)
{
	if (s->n == MAX_PARAMETERS)
		elog(ERROR, "too many parameters");
	s->types[s->n] = type;
	s->values[s->n] = value;
	s->nulls[s->n] = null ? 'n' : ' ';
	s->n++;
}

/* NULL is null */
void
fc_text_parameter(Statement *s, const char *value)
{
	fc_parameter(s, TEXTOID, value ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
}

static char *
with_schema(const char *sql, const char *schema)
{
	StringInfoData s;

	initStringInfo(&s);
	for (const char *p = sql; *p != '\0'; p++)
		if (*p == '@')
			appendStringInfoString(&s, schema);
		else
			appendStringInfoChar(&s, *p);
	return s.data;
}

/* A statement on the schema or its tables, by their names: nothing may rely on whether it met those that were examined */
void
fc_execute_utility(const Registry *r, const char *sql)
{
	int			result = SPI_execute(with_schema(sql, r->schema), false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}

/* ---- what names mean ---- */

/* What the hooks of the parser see */
typedef struct Meaning
{
	const Registry *registry;
	const Statement *statement;
	bool		checked;
} Meaning;

static bool
is_ours(const Registry *r, Oid table)
{
	for (int t = 0; t < TABLES; t++)
		if (r->tables[t] == table)
			return true;
	return false;
}

/*
 * Schemas cannot be locked against renaming, so tables are checked after name
 * lookup, each time that the statement is analyzed: the tables that it refers
 * to must be those that were examined and locked
 */
static void
check_meaning(const ParseState *pstate)
{
	Meaning    *meaning = pstate->p_ref_hook_state;
	ListCell   *cell;

	for (; pstate; pstate = pstate->parentParseState)
		foreach(cell, pstate->p_rtable)
		{
			const RangeTblEntry *entry = lfirst_node(RangeTblEntry, cell);

			if (entry->rtekind == RTE_RELATION && !is_ours(meaning->registry, entry->relid))
				fc_refuse_concurrent_change(meaning->registry);
		}
	meaning->checked = true;
}

static Node *
on_column(ParseState *pstate, ColumnRef *ref pg_attribute_unused())
{
	check_meaning(pstate);
	return NULL;
}

static Node *
on_parameter(ParseState *pstate, ParamRef *ref)
{
	const Statement *s = ((Meaning *) pstate->p_ref_hook_state)->statement;
	Param	   *param = makeNode(Param);

	check_meaning(pstate);
	if (ref->number < 1 || ref->number > s->n)
		elog(ERROR, "there is no parameter $%d", ref->number);
	param->paramkind = PARAM_EXTERN;
	param->paramid = ref->number;
	param->paramtype = s->types[ref->number - 1];
	param->paramtypmod = -1;
	param->paramcollid = get_typcollation(param->paramtype);
	param->location = ref->location;
	return (Node *) param;
}

static void
set_hooks(ParseState *pstate, void *meaning)
{
	pstate->p_pre_columnref_hook = on_column;
	pstate->p_paramref_hook = on_parameter;
	pstate->p_ref_hook_state = meaning;
}

ParamListInfo
fc_parameters(const Statement *s)
{
	ParamListInfo params = makeParamList(s->n);

	for (int i = 0; i < s->n; i++)
		params->params[i] = (ParamExternData) {
			.value = s->values[i], .isnull = s->nulls[i] == 'n', .pflags = PARAM_FLAG_CONST, .ptype = s->types[i]
		};
	return params;
}

/* Within an SPI connection, on tables of the registry only; returns the number of rows */
int64
fc_execute(const Registry *r, const Statement *s, bool read_only)
{
	Meaning		meaning = {.registry = r, .statement = s};
	SPIExecuteOptions options = {.params = fc_parameters(s), .read_only = read_only};
	SPIPlanPtr	plan = SPI_prepare_params(with_schema(s->sql, r->schema), set_hooks, &meaning, 0);
	int			result;

	if (plan == NULL || !meaning.checked)
		elog(ERROR, "SPI_prepare_params failed: %s", SPI_result_code_string(SPI_result));
	result = SPI_execute_plan_extended(plan, &options);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
	return SPI_processed;
}

/* A column, from 1, of the last result: owners may have altered their tables */
Datum
fc_column(int row, int column, Oid type, bool *null)
{
	if (SPI_tuptable == NULL || (uint64) row >= SPI_processed)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a registry table did not store a row")));
	if (SPI_gettypeid(SPI_tuptable->tupdesc, column) != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of a registry table has type %s instead of %s",
						SPI_fname(SPI_tuptable->tupdesc, column),
						format_type_be(SPI_gettypeid(SPI_tuptable->tupdesc, column)), format_type_be(type))));
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, null);
}

/* NULL is null */
char *
fc_text_column(int row, int column)
{
	bool		null;
	Datum		value = fc_column(row, column, TEXTOID, &null);

	return null ? NULL : TextDatumGetCString(value);
}

/* ---- unknown models ---- */

void
fc_unknown_model(const Registry *r, const char *name)
{
	Statement	s = {.sql = "SELECT string_agg(CASE WHEN octet_length(name) < 64 THEN name ELSE left(name, 20) || '...' END, ', ' ORDER BY name) FROM "
	"(SELECT name FROM ONLY @.recipes ORDER BY name LIMIT 20) AS r"};
	char	   *names;

	fc_execute(r, &s, true);
	names = fc_text_column(0, 1);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" does not exist in registry \"%s\"", fc_beginning_of(name), r->name),
			 names ? errhint("Models in this registry are %s.", names) : errhint("Define it with cluster_define.")));
}

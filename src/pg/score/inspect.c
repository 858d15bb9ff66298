/*
 * inspect.c - inspecting models, and the options of algorithms
 */
#include "pg/score/score.h"

#include "core/categories.h"
#include "core/noise.h"
#include "core/optional.h"
#include "core/shape.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include <math.h>

/* ---- centers ---- */

/*
 * cluster_centers(model bytea)
 * returns setof (cluster int, center float8[], weight float8)
 *
 * Centers in the units of the features; weight is the sum of memberships.
 */
PG_FUNCTION_INFO_V1(cluster_centers);
Datum
cluster_centers(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	FcModel		m;
	double	   *center;

	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	center = palloc(sizeof(double) * m.d);
	for (int32 c = 0; c < m.k; c++)
	{
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		CHECK_FOR_INTERRUPTS();
		fc_unscale_center(&m, c, center);
		values[0] = Int32GetDatum(c + 1);
		values[1] = fc_float8_array(center, m.d);
		values[2] = Float8GetDatum(m.weights[c]);
		tuplestore_putvalues(set.store, set.desc, values, nulls);
		pfree(DatumGetPointer(values[1]));
	}
	return (Datum) 0;
}

/* ---- info ---- */

/* A name, or null */
static void
append_name(StringInfo s, const char *name)
{
	if (name == NULL || *name == '\0')
		appendStringInfoString(s, "null");
	else
		escape_json(s, name);
}

/* null where a feature has no name, or where none has */
static void
add_names(StringInfo s, const FcModel *m)
{
	const char **names = fc_feature_names(m);
	bool		named = m->names != NULL || fc_has_categories(m);

	fc_json_key(s, "features");
	for (int32 j = 0; named && j < m->d; j++)
	{
		appendStringInfoString(s, j ? ", " : "[");
		append_name(s, names[j]);
	}
	appendStringInfoString(s, named ? "]" : "null");
}

/* Of a model with categories, columns of rows and the values of those that are */
static void
add_columns(StringInfo s, const FcModel *m)
{
	if (!fc_has_categories(m))
		return;
	fc_json_key(s, "columns");
	for (FcField at = fc_fields(m); fc_next_field(&at);)
	{
		const char *value = at.values;

		appendStringInfoString(s, at.column ? ", {" : "[{");
		fc_json_key(s, "name");
		append_name(s, at.name ? fc_name_text(at.name) : NULL);
		if (value)
			fc_json_key(s, "values");
		for (int32 i = 0; value && i < at.features; i++, value = fc_next_name(value))
		{
			appendStringInfoString(s, i ? ", " : "[");
			escape_json(s, fc_name_text(value));
		}
		appendStringInfoString(s, at.values ? "]}" : "}");
	}
	appendStringInfoChar(s, ']');
}

static void
add_scaling(StringInfo s, const FcModel *m)
{
	fc_json_key(s, "scaling");
	if (m->shift == NULL)
	{
		appendStringInfoString(s, "null");
		return;
	}
	appendStringInfoChar(s, '{');
	fc_json_add_numbers(s, "shift", m->shift, m->d);
	fc_json_add_numbers(s, "factor", m->factor, m->d);
	appendStringInfoChar(s, '}');
}

/* How far noise is, and the sum of memberships in it: what is missing in those of clusters, but for rounding */
static void
add_noise(StringInfo s, const FcModel *m)
{
	double		weight = FC_HAS(m, FC_WITH_TOTAL_WEIGHT) ? *FC_TOTAL_WEIGHT(m) : (double) m->rows;

	if (!fc_has_noise(m))
		return;
	for (int32 c = 0; c < m->k; c++)
		weight -= m->weights[c];
	fc_json_add_number(s, "noise_distance", m->common[FC_NOISE_DISTANCE]);
	fc_json_add_number(s, "noise_weight", Max(weight, 0));
}

/* An array that the algorithm keeps, if it has one of that name */
static void
add_array(StringInfo s, FcModel *m, const char *name)
{
	FcArray		extra[FC_MAX_EXTRA];
	int			n = m->algo->arrays ? m->algo->arrays(m, extra) : 0;

	for (int i = 0; i < n; i++)
		if (strcmp(extra[i].name, name) == 0 && extra[i].data)
			fc_json_add_numbers(s, name, *extra[i].data, (int32) (extra[i].rows * extra[i].columns));
}

/*
 * cluster_info(model bytea) returns jsonb
 *
 * Nothing that grows with the number of clusters times that of features: sets have that.
 */
PG_FUNCTION_INFO_V1(cluster_info);
Datum
cluster_info(PG_FUNCTION_ARGS)
{
	StringInfoData s;
	FcModel		m;

	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	fc_json_add_string(&s, "algorithm", m.algo->name);
	fc_json_add_integer(&s, "clusters", m.k);
	fc_json_add_integer(&s, "dimensions", m.d);
	add_names(&s, &m);
	add_columns(&s, &m);
	fc_json_add_string(&s, "precision", fc_precision_text(m.precision));
	fc_json_add_integer(&s, "rows", m.rows);
	fc_json_add_integer(&s, "skipped", m.skipped);
	if (FC_HAS(&m, FC_WITH_TOTAL_WEIGHT))
		fc_json_add_number(&s, "total_weight", *FC_TOTAL_WEIGHT(&m));
	add_noise(&s, &m);
	fc_json_add_number(&s, "seed", m.common[FC_SEED]);
	fc_json_add_integer(&s, "iterations", m.iterations);
	fc_json_add_bool(&s, "converged", m.converged);
	fc_json_add_integer(&s, "empty_clusters", m.empty);
	fc_json_add_number(&s, "objective", m.objective);
	fc_json_add_options(&s, &m);
	add_scaling(&s, &m);
	if (FC_HAS(&m, FC_WITH_FILL))
		fc_json_add_numbers(&s, "fill", FC_FILL(&m), m.d);
	if (m.own.nraw > 0)
		fc_json_add_integer(&s, "raw_centers", m.own.nraw);
	add_array(&s, &m, "eigenvalues");
	if (m.algo->network)
	{
		fc_json_add_integer(&s, "parameters", m.algo->network->parameters(&m));
		fc_json_add_integer(&s, "training_memory", (int64) m.memory * 1024);
	}
	fc_json_add_integer(&s, "format", fc_model_format(&m));
	fc_json_add_integer(&s, "bytes", fc_model_size(&m));
	appendStringInfoChar(&s, '}');
	PG_RETURN_DATUM(fc_jsonb(s.data));
}

/* ---- a row a call ---- */

/* The model of all calls of a function that returns a row for each of "rows" things, a call at a time */
static const FcModel *
begin_calls(FunctionCallInfo fcinfo, FuncCallContext **calls)
{
	FcModel    *m;
	MemoryContext old;

	if (!SRF_IS_FIRSTCALL())
	{
		*calls = SRF_PERCALL_SETUP();
		return (*calls)->user_fctx;
	}
	*calls = SRF_FIRSTCALL_INIT();
	old = MemoryContextSwitchTo((*calls)->multi_call_memory_ctx);
	m = palloc(sizeof(FcModel));
	fc_model_from_datum(m, PG_GETARG_DATUM(0));
	(*calls)->user_fctx = m;
	if (get_call_result_type(fcinfo, NULL, &(*calls)->tuple_desc) == TYPEFUNC_COMPOSITE)
		(*calls)->tuple_desc = BlessTupleDesc(CreateTupleDescCopy((*calls)->tuple_desc));
	MemoryContextSwitchTo(old);
	return m;
}

static bool
has_covariances(const FcAlgorithm *algo)
{
	return algo->kernel->has_shapes;
}

/*
 * cluster_covariances(model bytea)
 * returns setof (cluster int, covariance float8[], log_volume float8)
 *
 * The covariance of each cluster, (d, d), in the units of the features, and the
 * logarithm of the root of its determinant.  A cluster at a time: with 512
 * features it takes 2 MB.
 */
PG_FUNCTION_INFO_V1(cluster_covariances);
Datum
cluster_covariances(PG_FUNCTION_ARGS)
{
	bool		first = SRF_IS_FIRSTCALL();
	FuncCallContext *calls;
	const FcModel *m = begin_calls(fcinfo, &calls);
	int32		c = (int32) calls->call_cntr;
	double	   *covariance;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	double		log_determinant;

	if (first)
		fc_refuse_without(m->algo, has_covariances, "", "covariances");
	if (c >= m->k)
		SRF_RETURN_DONE(calls);
	CHECK_FOR_INTERRUPTS();
	covariance = palloc(sizeof(double) * m->d * m->d);
	fc_shape_covariance(m, c, covariance);
	log_determinant = fc_shape_log_determinant(m, c);
	for (int32 j = 0; j < m->d; j++)
		log_determinant -= m->factor ? 2 * log(m->factor[j]) : 0;
	values[0] = Int32GetDatum(c + 1);
	values[1] = fc_float8_matrix(covariance, m->d, m->d);
	values[2] = Float8GetDatum(log_determinant / 2);
	pfree(covariance);
	SRF_RETURN_NEXT(calls, HeapTupleGetDatum(heap_form_tuple(calls->tuple_desc, values, nulls)));
}

/*
 * cluster_raw_centers(model bytea) returns setof float8[]
 *
 * Centers as they were found, before some were merged, in the units of the features.
 */
PG_FUNCTION_INFO_V1(cluster_raw_centers);
Datum
cluster_raw_centers(PG_FUNCTION_ARGS)
{
	FuncCallContext *calls;
	const FcModel *m = begin_calls(fcinfo, &calls);
	int32		c = (int32) calls->call_cntr;
	double	   *center;

	if (c >= m->own.nraw)
		SRF_RETURN_DONE(calls);
	CHECK_FOR_INTERRUPTS();
	center = palloc(sizeof(double) * m->d);
	fc_unscale(m, m->own.extra[0] + (Size) c * m->d, center);
	SRF_RETURN_NEXT(calls, fc_float8_array(center, m->d));
}

/* ---- numbers of each cluster ---- */

/* A row for each cluster: its number, and its row of an array (k, width) */
static void
put_rows_of_clusters(const ResultSet *set, const FcModel *m, const double *array, int32 width)
{
	for (int32 c = 0; c < m->k; c++)
	{
		Datum		values[2];
		bool		nulls[2] = {false, false};

		CHECK_FOR_INTERRUPTS();
		values[0] = Int32GetDatum(c + 1);
		values[1] = fc_float8_array(array + (Size) c * width, width);
		tuplestore_putvalues(set->store, set->desc, values, nulls);
		pfree(DatumGetPointer(values[1]));
	}
}

/* ---- feature weights ---- */

static bool
has_feature_weights(const FcAlgorithm *algo)
{
	return algo->feature_weights != NULL;
}

/*
 * cluster_feature_weights(model bytea)
 * returns setof (cluster int, weights float8[])
 *
 * How much each number of a code counts in a cluster; they add up to 1.
 */
PG_FUNCTION_INFO_V1(cluster_feature_weights);
Datum
cluster_feature_weights(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	FcModel		m;
	int32		width;
	const double *weights;

	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	fc_refuse_without(m.algo, has_feature_weights, "", "feature weights");
	weights = m.algo->feature_weights(&m, &width);
	put_rows_of_clusters(&set, &m, weights, width);
	return (Datum) 0;
}

/* ---- codes ---- */

/*
 * cluster_code_centers(model bytea)
 * returns setof (cluster int, center float8[])
 *
 * Centers of a network's clusters among its codes.
 */
PG_FUNCTION_INFO_V1(cluster_code_centers);
Datum
cluster_code_centers(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	FcModel		m;

	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	fc_refuse_without(m.algo, fc_has_network, "a ", "network");
	put_rows_of_clusters(&set, &m, m.algo->network->centers(&m), m.algo->network->latent(&m));
	return (Datum) 0;
}

/* ---- history ---- */

/*
 * cluster_history(model bytea) returns setof (phase text, iteration int,
 * objective, change, temperature, q, reconstruction_loss, clustering_loss float8)
 *
 * NULL where the algorithm has no such value.  Iterations on a sample come first,
 * in a phase of their own.
 */
PG_FUNCTION_INFO_V1(cluster_history);
Datum
cluster_history(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	FcModel		m;

	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	for (int32 i = 0; i < m.history.count; i++)
	{
		const char *phase = fc_phase_text(&m, i);
		Datum		values[8];
		bool		nulls[8] = {phase == NULL, false};

		values[0] = phase ? CStringGetTextDatum(phase) : (Datum) 0;
		values[1] = Int32GetDatum((int32) fabs(fc_history_get(&m, i, FC_HISTORY_ITERATION)));
		values[2] = fc_float8_or_null(fc_history_get(&m, i, FC_HISTORY_OBJECTIVE), &nulls[2]);
		values[3] = fc_float8_or_null(fc_history_get(&m, i, FC_HISTORY_CHANGE), &nulls[3]);
		for (int column = FC_HISTORY_TEMPERATURE; column < FC_HISTORY_COLUMNS; column++)
			values[column] = fc_float8_or_null(fc_history_get(&m, i, column), &nulls[column]);
		tuplestore_putvalues(set.store, set.desc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- options ---- */

static Datum
choices_array(const FcOption *o)
{
	int			n = 0;

	/* explicit centers and models are not given by a word */
	while (o->choices[n] != NULL && (o->type != FC_START || n < FC_INIT_CENTERS))
		n++;
	return fc_text_array(o->choices, n);
}

static const char *
type_name(const FcOption *o)
{
	switch (o->type)
	{
		case FC_NUMBER:
			return "double precision";
		case FC_INTEGER:
			return "bigint";
		case FC_CHOICE:
		case FC_COLUMN:
			return "text";
		case FC_LIST:
			return "double precision[]";
		case FC_START:
			return "any";
	}
	return NULL;
}

static void
put_options(ResultSet *set, const FcAlgorithm *algo)
{
	for (int i = 0; i < fc_count_options(algo); i++)
	{
		const FcOption *o = fc_option_at(algo, i);
		bool		number = o->choices == NULL;
		Datum		values[8];
		bool		named = o->type == FC_COLUMN;
		bool		nulls[8] = {false, false, false, false, !number || named, !number || named, number, false};

		values[0] = CStringGetTextDatum(algo->name);
		values[1] = CStringGetTextDatum(o->name);
		values[2] = CStringGetTextDatum(type_name(o));
		values[3] = CStringGetTextDatum(fc_option_text(o, o->initial));
		values[4] = Float8GetDatum(o->min);
		values[5] = Float8GetDatum(o->max);
		values[6] = number ? (Datum) 0 : choices_array(o);
		values[7] = CStringGetTextDatum(o->help);
		tuplestore_putvalues(set->store, set->desc, values, nulls);
	}
}

/*
 * cluster_options(algorithm text) returns setof (algorithm text, option text,
 * type text, default_value text, min float8, max float8, choices text[],
 * description text)
 *
 * The options of an algorithm, or of all if it is NULL.
 */
PG_FUNCTION_INFO_V1(cluster_options);
Datum
cluster_options(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);

	if (PG_ARGISNULL(0))
		for (const FcAlgorithm *const *a = fc_algorithms; *a != NULL; a++)
			put_options(&set, *a);
	else
		put_options(&set, fc_algorithm_by_name(text_to_cstring(PG_GETARG_TEXT_PP(0))));
	return (Datum) 0;
}

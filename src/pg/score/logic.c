/*
 * logic.c - operators and distances of the fuzzy logic defined by a generator
 *
 * logical_distance and logical_dissimilarity have three signatures each.  Two
 * numbers of any type resolve to float8, the preferred numeric type.  Other
 * types resolve to "any", and are read as vectors of features.  Two untyped
 * literals would match both; the signature with text takes them, since
 * PostgreSQL prefers the string category for untyped literals, and the
 * contents of the text decide.
 */
#include "pg/score/score.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "core/logic.h"

#include <math.h>

/* What a call site keeps: the algebra, and how to read two vectors */
typedef struct LogicCall
{
	FcLogic		logic;
	FeatureReader *reader[2];
	double	   *x[2];			/* (room) features */
	int32		room;
} LogicCall;

/* From Sigma, see core/logic.c, to the result */
typedef double (*Outcome) (const FcLogic *l, double sigma);

/* ---- arguments ---- */

static void
reject_value(const char *what, int32 feature, double value)
{
	char	   *text = fc_double_text(value);

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 feature == 0 ? errmsg("%s must be between 0 and 1, not %s", what, text) :
			 errmsg("%s %d must be between 0 and 1, not %s", what, feature, text),
			 isfinite(value) ? errhint("Scale values into the unit interval first, as in (x - min) / (max - min).") : 0));
}

static double
unit_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	double		x = PG_GETARG_FLOAT8(arg);

	if (!(x >= 0 && x <= 1))
		reject_value(name, 0, x);
	return x;
}

static void
check_element(const char *name, double e)
{
	if (!(e >= FC_LOGIC_MARGIN && e <= 1 - FC_LOGIC_MARGIN))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is out of range: %s", name, fc_double_text(e)),
				 errdetail("Valid values are between %g and %.9g.", FC_LOGIC_MARGIN, 1 - FC_LOGIC_MARGIN)));
}

static void
reject_generator(const char *name, Size length)
{
	StringInfoData valid;

	initStringInfo(&valid);
	for (const FcGenerator *g = fc_generators; g->name != NULL; g++)
		fc_append_item(&valid, g->name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized generator \"%s\"", fc_beginning_of(pnstrdup(name, length))),
			 errhint("Valid values are %s.", valid.data)));
}

static const FcGenerator *
generator_argument(FunctionCallInfo fcinfo, int arg)
{
	text	   *name = PG_GETARG_TEXT_PP(arg);
	const FcGenerator *g = fc_find_generator(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	if (g == NULL)
		reject_generator(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	return g;
}

/* The algebra of arguments 2 to 4, made again only when they change */
static LogicCall *
logic_of(FunctionCallInfo fcinfo)
{
	LogicCall  *call = fc_call_memory(fcinfo, sizeof(LogicCall));
	double		theta = PG_GETARG_FLOAT8(2);
	double		vartheta = PG_GETARG_FLOAT8(3);
	const FcGenerator *generator = generator_argument(fcinfo, 4);

	if (generator != call->logic.generator || theta != call->logic.theta.e || vartheta != call->logic.vartheta.e)
	{
		check_element("theta", theta);
		check_element("vartheta", vartheta);
		fc_logic_begin(&call->logic, generator, theta, vartheta);
	}
	return call;
}

/* ---- operators ---- */

static FcLogic
one_element(double e, const char *name)
{
	FcLogic		l;

	check_element(name, e);
	fc_logic_begin(&l, fc_generators, e, e);
	return l;
}

/*
 * uninorm(x float8, y float8, theta float8) returns float8
 *
 * The "and" below theta and the "or" above it, of which theta is the neutral
 * element.
 */
PG_FUNCTION_INFO_V1(uninorm);
Datum
uninorm(PG_FUNCTION_ARGS)
{
	double		x = unit_argument(fcinfo, 0, "x");
	double		y = unit_argument(fcinfo, 1, "y");
	FcLogic		l = one_element(PG_GETARG_FLOAT8(2), "theta");

	PG_RETURN_FLOAT8(fc_uninorm(&l, x, y));
}

/*
 * absorbing_norm(x float8, y float8, vartheta float8) returns float8
 *
 * Above vartheta if x and y are on the same side of it, below if they are not;
 * vartheta, if one of them is.
 */
PG_FUNCTION_INFO_V1(absorbing_norm);
Datum
absorbing_norm(PG_FUNCTION_ARGS)
{
	double		x = unit_argument(fcinfo, 0, "x");
	double		y = unit_argument(fcinfo, 1, "y");
	FcLogic		l = one_element(PG_GETARG_FLOAT8(2), "vartheta");

	PG_RETURN_FLOAT8(fc_absorbing_norm(&l, x, y));
}

/*
 * logical_not(x float8, theta float8) returns float8
 *
 * What the uninorm joins with x to theta.
 */
PG_FUNCTION_INFO_V1(logical_not);
Datum
logical_not(PG_FUNCTION_ARGS)
{
	double		x = unit_argument(fcinfo, 0, "x");
	FcLogic		l = one_element(PG_GETARG_FLOAT8(1), "theta");

	PG_RETURN_FLOAT8(fc_logical_not(&l, x));
}

/* ---- two numbers ---- */

static Datum
compare_numbers(FunctionCallInfo fcinfo, Outcome outcome)
{
	double		x = unit_argument(fcinfo, 0, "x");
	double		y = unit_argument(fcinfo, 1, "y");
	LogicCall  *call = logic_of(fcinfo);

	PG_RETURN_FLOAT8(outcome(&call->logic, fc_logical_sigma(&call->logic, &x, &y, 1)));
}

/*
 * logical_distance(x float8, y float8, theta float8, vartheta float8, generator text) returns float8
 *
 * From 0, which equal values have if theta = vartheta, to 1.
 */
PG_FUNCTION_INFO_V1(logical_distance);
Datum
logical_distance(PG_FUNCTION_ARGS)
{
	return compare_numbers(fcinfo, fc_logical_distance);
}

/*
 * logical_dissimilarity(x float8, y float8, theta float8, vartheta float8, generator text) returns float8
 *
 * From theta, which equal values have if theta = vartheta, to 1.
 */
PG_FUNCTION_INFO_V1(logical_dissimilarity);
Datum
logical_dissimilarity(PG_FUNCTION_ARGS)
{
	return compare_numbers(fcinfo, fc_logical_dissimilarity);
}

/* ---- two vectors ---- */

static void
make_room(FunctionCallInfo fcinfo, LogicCall *call, int32 d)
{
	if (d <= call->room)
		return;
	call->room = 0;
	for (int i = 0; i < 2; i++)
	{
		if (call->x[i])
			pfree(call->x[i]);
		call->x[i] = NULL;
		call->x[i] = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(double) * d);
	}
	call->room = d;
}

/* The features of vector number i: where they lie if they can stay there, else a copy */
static const double *
read_vector(LogicCall *call, int i)
{
	FeatureReader *r = call->reader[i];
	int32		bad;

	if (r->kind == FEATURE_ARRAY && r->element == FLOAT8OID && r->bitmap == NULL &&
		r->data == (const char *) DOUBLEALIGN(r->data))
		return (const double *) r->data;
	bad = fc_features_get_double(r, call->x[i]);
	if (bad != 0)
		fc_features_reject(r, bad);
	return call->x[i];
}

/* Vector number i makes Sigma NaN, or the other one does */
static void
reject_outside(LogicCall *call, int i, int32 d)
{
	int32		bad = fc_features_get_double(call->reader[i], call->x[i]);

	if (bad != 0)
		fc_features_reject(call->reader[i], bad);
	bad = fc_outside_unit(call->x[i], d);
	if (bad >= 0)
		reject_value("feature", bad + 1, call->x[i][bad]);
}

static double
vector_sigma(FunctionCallInfo fcinfo, LogicCall *call)
{
	int32		d;
	int32		other;
	double		sigma;

	for (int i = 0; i < 2; i++)
		if (call->reader[i] == NULL)
			call->reader[i] = fc_feature_reader(fcinfo, i);
	d = fc_features_open(call->reader[0], PG_GETARG_DATUM(0));
	other = fc_features_open(call->reader[1], PG_GETARG_DATUM(1));
	if (d != other)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("feature vectors have different lengths: %d and %d", d, other)));
	make_room(fcinfo, call, d);
	sigma = fc_logical_sigma(&call->logic, read_vector(call, 0), read_vector(call, 1), d);
	if (isnan(sigma))
	{
		reject_outside(call, 0, d);
		reject_outside(call, 1, d);
	}
	return sigma;
}

static Datum
compare_vectors(FunctionCallInfo fcinfo, Outcome outcome)
{
	LogicCall  *call = logic_of(fcinfo);

	PG_RETURN_FLOAT8(outcome(&call->logic, vector_sigma(fcinfo, call)));
}

/*
 * logical_distance(x "any", y "any", theta float8, vartheta float8, generator text) returns float8
 *
 * The same of two vectors in the unit cube, of any type of features.
 */
PG_FUNCTION_INFO_V1(logical_distance_vectors);
Datum
logical_distance_vectors(PG_FUNCTION_ARGS)
{
	return compare_vectors(fcinfo, fc_logical_distance);
}

/*
 * logical_dissimilarity(x "any", y "any", theta float8, vartheta float8, generator text) returns float8
 */
PG_FUNCTION_INFO_V1(logical_dissimilarity_vectors);
Datum
logical_dissimilarity_vectors(PG_FUNCTION_ARGS)
{
	return compare_vectors(fcinfo, fc_logical_dissimilarity);
}

/* ---- two untyped literals ---- */

static bool
is_array_text(const char *text)
{
	text += strspn(text, " \t\n\r\f\v");
	return *text == '{' || *text == '[';
}

/* Two texts: arrays if the first begins with a brace or a bracket, else numbers */
static double
text_sigma(FunctionCallInfo fcinfo, LogicCall *call, const char *const written[2])
{
	double		x[2];

	if (is_array_text(written[0]))
		return vector_sigma(fcinfo, call);
	for (int i = 0; i < 2; i++)
	{
		x[i] = DatumGetFloat8(DirectFunctionCall1(float8in, CStringGetDatum(written[i])));
		if (fc_outside_unit(&x[i], 1) >= 0)
			reject_value(i == 0 ? "x" : "y", 0, x[i]);
	}
	return fc_logical_sigma(&call->logic, &x[0], &x[1], 1);
}

static Datum
compare_texts(FunctionCallInfo fcinfo, Outcome outcome)
{
	const char *const written[2] = {
		text_to_cstring(PG_GETARG_TEXT_PP(0)), text_to_cstring(PG_GETARG_TEXT_PP(1))
	};
	LogicCall  *call = logic_of(fcinfo);

	PG_RETURN_FLOAT8(outcome(&call->logic, text_sigma(fcinfo, call, written)));
}

/*
 * logical_distance(x text, y text, theta float8, vartheta float8, generator text) returns float8
 */
PG_FUNCTION_INFO_V1(logical_distance_text);
Datum
logical_distance_text(PG_FUNCTION_ARGS)
{
	return compare_texts(fcinfo, fc_logical_distance);
}

/*
 * logical_dissimilarity(x text, y text, theta float8, vartheta float8, generator text) returns float8
 */
PG_FUNCTION_INFO_V1(logical_dissimilarity_text);
Datum
logical_dissimilarity_text(PG_FUNCTION_ARGS)
{
	return compare_texts(fcinfo, fc_logical_dissimilarity);
}

/*
 * step_bytes.c - a step model as bytes, and the grid of a model
 *
 * Little-endian:
 *
 *	  0	char[4]		magic "FZSM"
 *	  4	uint32		format version: 2 where features may be missing, else 1
 *	  8	uint32		flags: 1 rows are float32, 2 has offsets, 4 has a shift, 8 centers are absolute
 *	 12	int32		what is gathered, stage of the kernel
 *	 20	int32		exponent of weights
 *	 24	int32		k, d
 *	 32	int64		length of the model
 *	 40	float64		offsets of the weights (k), if it has them
 *		float64		shift (d), if it has one: x' = x - shift; else rows are scaled as the model says
 *		int32		exponents (d) of x', and 0 up to a multiple of 8
 *		model		as in model_bytes.c, without history, names and lists
 *
 * It depends on nothing but the model and what is asked for, so that the grid (exact.c) is the
 * same wherever rows are.  A model by itself has one, too: rows are expected within 16 times the
 * radius of the widest cluster, or 16 standard deviations, around its centers; and they are shifted where
 * that is much less than the centers' distance to zero.
 */
#include "core/step_bytes.h"

#include "core/bytes.h"
#include "core/categories.h"
#include "core/direction.h"
#include "core/engine.h"
#include "core/optional.h"
#include "core/shape.h"

#include <string.h>

#define MAGIC			"FZSM"
#define VERSION			2
#define PLAIN			1
#define HEADER			40

#define IS_F32			1
#define HAS_OFFSET		2
#define HAS_SHIFT		4
#define IS_ABSOLUTE		8
#define ALL_FLAGS		15

#define MOST_F32		100		/* the largest exponent of a feature, and, negative, the least */
#define MOST_F64		500
#define MOST_WEIGHT		64		/* of a weight */
#define USUAL_WEIGHT	8		/* where nothing is known of the rows' weights: below 256 */
#define WIDE			16		/* radii, or standard deviations */
#define WORTH			32		/* times as far from zero: rows are shifted */

/* ---- exponents ---- */

static int32_t
clamp(int32_t exponent, int32_t most)
{
	return exponent < -most ? -most : exponent > most ? most : exponent;
}

int32_t
fc_step_exponent(double low, double high)
{
	double		most = fmax(fabs(low), fabs(high));
	int			exponent = 0;

	if (!(most <= DBL_MAX))
		return MOST_F64;
	if (most > 0)
		frexp(most, &exponent);
	return clamp(exponent, MOST_F64);
}

/* How far rows of cluster c are expected to be from its center in feature j */
static double
reach(const FcModel *m, int32_t c, int32_t j)
{
	const double *factor;
	double		sum = 0;

	if (!m->algo->kernel->has_shapes)
		return WIDE * m->radius[c];
	factor = FC_FACTOR(m) + ((int64_t) c * m->d + j) * m->d;
	for (int32_t b = 0; b <= j; b++)
		sum += factor[b] * factor[b];
	return WIDE * sqrt(sum);
}

/* Of feature j, the largest distance to "origin" that is expected */
static double
extent(const FcModel *m, int32_t j, double origin)
{
	double		widest = 0;

	for (int32_t c = 0; c < m->k; c++)
		widest = fmax(widest, fabs(m->centers[(int64_t) c * m->d + j] - origin) + reach(m, c, j));
	return widest;
}

/* What is subtracted from feature j of a model that is not scaled, whose centers are absolute */
static double
origin_of(const FcModel *m, int32_t j, FcPrecision precision)
{
	double		mean = 0;

	for (int32_t c = 0; c < m->k; c++)
		mean += m->centers[(int64_t) c * m->d + j] / m->k;
	if (precision == FC_F32)
		mean = (float) mean;
	if (fc_is_cosine(m))
		return 0;
	return extent(m, j, mean) * WORTH <= fabs(mean) && fabs(mean) <= FC_LIMIT(precision) ? mean : 0;
}

static void
find_origin(const FcModel *m, FcPrecision precision, double *origin)
{
	for (int32_t j = 0; j < m->d; j++)
		origin[j] = origin_of(m, j, precision);
}

/* Of feature j, whose centers in m are "origin" from those of x' */
static int32_t
feature_exponent(const FcModel *m, int32_t j, double origin)
{
	return m->algo->margin || fc_is_cosine(m) ? 1 : fc_step_exponent(extent(m, j, origin), 0);
}

/* ---- reading ---- */

bool
fc_step_supports(const FcAlgorithm *algo)
{
	return algo->team == &fc_engine_team && !(algo->traits & FC_EMBEDS);
}

/* May rows have features that a model does not know: missing ones, or values of categories that it has not learned? */
bool
fc_step_has_gaps(const FcModel *m)
{
	return m->common[FC_MISSING] == FC_MISSING_PARTIAL || fc_has_categories(m);
}

/* What is gathered of a model as such */
static int
usual_gather(const FcModel *m)
{
	return FC_GATHER_SUMS | FC_GATHER_SIZES | (fc_step_has_gaps(m) ? FC_GATHER_GAPS : 0);
}

bool
fc_step_is(const void *bytes, size_t length)
{
	return length >= HEADER && memcmp(bytes, MAGIC, 4) == 0;
}

/* The checksum of a model, which its writer need not know, does not count */
uint64_t
fc_step_hash(const void *bytes, size_t length)
{
	const char *p = bytes;
	bool		is_plain = !fc_step_is(bytes, length);
	uint64_t	hash = length;

	for (size_t i = 0; i < length; i += 8)
	{
		uint64_t	word = fc_get_bytes(p + i, length - i < 8 ? (int) (length - i) : 8);
		FcRng		rng = {hash ^ (is_plain && i == 8 ? word >> 32 : word)};

		hash = fc_rng_next(&rng);
	}
	return hash;
}

static uint32_t
flags_of(const FcStep *s)
{
	return s->header ? (uint32_t) fc_get_bytes(s->header + 8, 4) : 0;
}

static const char *
offsets_at(const FcStep *s)
{
	return s->header + HEADER;
}

static const char *
shift_at(const FcStep *s)
{
	return offsets_at(s) + (flags_of(s) & HAS_OFFSET ? 8 * (size_t) s->model.k : 0);
}

static const char *
exponents_at(const FcStep *s)
{
	return shift_at(s) + (flags_of(s) & HAS_SHIFT ? 8 * (size_t) s->model.d : 0);
}

/* What is before the model */
static size_t
front_size(uint32_t flags, size_t k, size_t d)
{
	return HEADER + (flags & HAS_OFFSET ? 8 * k : 0) + (flags & HAS_SHIFT ? 8 * d : 0) + FC_ROUND_UP(4 * d, 8);
}

bool
fc_step_has_origin(const FcStep *s)
{
	return s->is_plain ? !fc_is_scaled(&s->model) : (flags_of(s) & HAS_SHIFT) != 0;
}

bool
fc_step_is_absolute(const FcStep *s)
{
	return s->is_plain || (flags_of(s) & IS_ABSOLUTE) != 0;
}

/* Has the kernel such a stage?  0 is itself */
static bool
has_stage(const FcKernel *kernel, int32_t stage)
{
	int32_t		count = 0;

	while (kernel->stages && kernel->stages[count] != NULL)
		count++;
	return stage >= 0 && stage <= count;
}

static bool
are_finite(const char *p, int64_t count, double most)
{
	for (int64_t i = 0; i < count; i++)
		if (!(fabs(fc_get_double(p + 8 * i)) <= most))
			return false;
	return true;
}

/* Of a step model whose model has been read */
static bool
front_holds(const FcStep *s)
{
	uint32_t	flags = flags_of(s);
	int32_t		gather = fc_get_int(s->header + 12);
	int32_t		weight = fc_get_int(s->header + 20);

	if (!has_stage(s->model.algo->kernel, s->stage) ||
		(gather & ~(FC_GATHER_SUMS | FC_GATHER_SIZES | FC_GATHER_GAPS)) != 0 || (gather & (FC_GATHER_SUMS | FC_GATHER_SIZES)) == 0 ||
		weight < -MOST_WEIGHT || weight > MOST_WEIGHT)
		return false;
	if ((gather & FC_GATHER_GAPS) && !(s->model.algo->traits & FC_TAKES_GAPS))
		return false;
	if ((flags & HAS_SHIFT) && fc_is_scaled(&s->model))
		return false;
	if ((flags & HAS_OFFSET) && !are_finite(offsets_at(s), s->model.k, 1e6))
		return false;
	if ((flags & HAS_SHIFT) && !are_finite(shift_at(s), s->model.d, FC_LIMIT(s->precision)))
		return false;
	for (int32_t j = 0; j < s->model.d; j++)
	{
		int32_t		exponent = fc_get_int(exponents_at(s) + 4 * (int64_t) j);

		if (clamp(exponent, MOST_F64) != exponent)
			return false;
	}
	return true;
}

static FcStatus
open_step(FcStep *s, char *bytes, size_t length)
{
	uint32_t	flags;
	int32_t		k = fc_get_int(bytes + 24);
	int32_t		d = fc_get_int(bytes + 28);
	size_t		front;
	FcStatus	status;

	if (fc_get_bytes(bytes + 4, 4) > VERSION)
		return FC_NEWER_MODEL;
	s->header = bytes;
	flags = flags_of(s);
	if (fc_get_bytes(bytes + 4, 4) != (fc_get_int(bytes + 12) & FC_GATHER_GAPS ? VERSION : PLAIN) || (flags & ~ALL_FLAGS) || k < 1 || k > FC_MAX_CLUSTERS || d < 1 || d > FC_MAX_COLUMNS)
		return FC_DAMAGED_MODEL;
	front = front_size(flags, k, d);
	if (front > length || fc_get_bytes(bytes + 32, 8) != length - front)
		return FC_DAMAGED_MODEL;
	status = fc_model_read(&s->model, bytes + front, length - front);
	if (status != FC_OK)
		return status;
	s->precision = flags & IS_F32 ? FC_F32 : FC_F64;
	s->gather = fc_get_int(bytes + 12);
	s->stage = fc_get_int(bytes + 16);
	return s->model.k == k && s->model.d == d && front_holds(s) ? FC_OK : FC_DAMAGED_MODEL;
}

FcStatus
fc_step_open(FcStep *s, void *bytes, size_t length)
{
	FcStatus	status;

	memset(s, 0, sizeof(*s));
	s->hash = fc_step_hash(bytes, length);
	s->is_plain = !fc_step_is(bytes, length);
	if (s->is_plain)
	{
		status = fc_model_read(&s->model, bytes, length);
		s->precision = s->model.precision;
		s->gather = status == FC_OK ? usual_gather(&s->model) : 0;
	}
	else
		status = open_step(s, bytes, length);
	return status == FC_OK && !fc_step_supports(s->model.algo) ? FC_NO_STEP : status;
}

/* What a kernel, or one of its stages, gathers besides, of a model with noise or without */
int
fc_step_gather(const FcKernel *kernel, bool noise, int gather)
{
	gather &= FC_GATHER_SUMS | FC_GATHER_SIZES | FC_GATHER_GAPS;
	if ((gather & FC_GATHER_SUMS) && kernel->has_shapes)
		gather |= FC_GATHER_SQUARES | FC_GATHER_MASS;
	if (gather & FC_GATHER_SIZES)
		gather |= FC_GATHER_MASS;
	if (noise && (gather & FC_GATHER_MASS))
		gather |= FC_GATHER_NOISE;
	return gather;
}

/* offset (k) */
void
fc_step_read_offset(const FcStep *s, double *offset)
{
	for (int32_t c = 0; c < s->model.k; c++)
		offset[c] = flags_of(s) & HAS_OFFSET ? fc_get_double(offsets_at(s) + 8 * (int64_t) c) : 0;
}

/* origin (d) of a step that has one; the model's centers are as read */
void
fc_step_read_origin(const FcStep *s, double *origin)
{
	if (s->is_plain)
		find_origin(&s->model, s->precision, origin);
	else
		for (int32_t j = 0; j < s->model.d; j++)
			origin[j] = fc_get_double(shift_at(s) + 8 * (int64_t) j);
}

/* Of weights and features, while the model's centers are as read; a center is never beyond the grid */
void
fc_step_read_exponents(const FcStep *s, int32_t *exponents)
{
	const FcModel *m = &s->model;
	int32_t		most = s->precision == FC_F32 ? MOST_F32 : MOST_F64;
	bool		moves = fc_step_is_absolute(s) && fc_step_has_origin(s);

	exponents[FC_WEIGHT_EXPONENT] = s->is_plain ? USUAL_WEIGHT : fc_get_int(s->header + 20);
	for (int32_t j = 0; j < m->d; j++)
	{
		double		origin = moves ? s->origin[j] : 0;
		int32_t		exponent = s->is_plain ? feature_exponent(m, j, origin) : fc_get_int(exponents_at(s) + 4 * (int64_t) j);

		for (int32_t c = 0; c < m->k; c++)
		{
			int32_t		of_center = fc_step_exponent(m->centers[(int64_t) c * m->d + j] - origin, 0);

			exponent = of_center > exponent ? of_center : exponent;
		}
		exponents[FC_EXPONENTS + j] = clamp(exponent, most);
	}
}

/* ---- writing ---- */

/* The model without what a step does not need */
static FcModel
reduced(const FcModel *m)
{
	FcModel		copy = *m;

	copy.history = (FcHistory) {.step = 1};
	copy.names = NULL;
	copy.names_length = 0;
	copy.own.nraw = 0;
	copy.optional.arrays &= 1u << FC_WITH_FILL;
	for (int i = 0; m->algo->options[i].name != NULL; i++)
		if (m->algo->options[i].type == FC_LIST)
			copy.option[i] = 0;
	return copy;
}

static uint32_t
plan_flags(const FcModel *m, const FcStepPlan *plan)
{
	if (plan == NULL)
		return (m->precision == FC_F32 ? IS_F32 : 0) | IS_ABSOLUTE | (fc_is_scaled(m) ? 0 : HAS_SHIFT);
	return (plan->precision == FC_F32 ? IS_F32 : 0) | (plan->offset ? HAS_OFFSET : 0) | (plan->shift ? HAS_SHIFT : 0);
}

size_t
fc_step_size(const FcModel *m, const FcStepPlan *plan)
{
	FcModel		copy = reduced(m);

	return fc_plus(front_size(plan_flags(m, plan), m->k, m->d), fc_model_size(&copy));
}

static void
write_front(const FcModel *m, const FcStepPlan *plan, size_t model_size, char *p)
{
	uint32_t	flags = plan_flags(m, plan);
	int			gather = plan ? plan->gather : usual_gather(m);

	memset(p, 0, front_size(flags, m->k, m->d));
	memcpy(p, MAGIC, 4);
	fc_put(p + 4, gather & FC_GATHER_GAPS ? VERSION : PLAIN, 4);
	fc_put(p + 8, flags, 4);
	fc_put(p + 12, (uint32_t) gather, 4);
	fc_put(p + 16, plan ? (uint32_t) plan->stage : 0, 4);
	fc_put(p + 20, plan ? (uint32_t) clamp(plan->weight_exponent + 1, MOST_WEIGHT) : USUAL_WEIGHT, 4);
	fc_put(p + 24, (uint32_t) m->k, 4);
	fc_put(p + 28, (uint32_t) m->d, 4);
	fc_put(p + 32, model_size, 8);
	p += HEADER;
	for (int32_t c = 0; flags & HAS_OFFSET && c < m->k; c++, p += 8)
		fc_put_double(p, plan->offset[c]);
	for (int32_t j = 0; flags & HAS_SHIFT && j < m->d; j++, p += 8)
		fc_put_double(p, plan ? plan->shift[j] : origin_of(m, j, m->precision));
	for (int32_t j = 0; j < m->d; j++, p += 4)
	{
		double		origin = plan || fc_is_scaled(m) ? 0 : origin_of(m, j, m->precision);
		int32_t		exponent = plan && plan->exponent ? plan->exponent[j] : feature_exponent(m, j, origin);

		fc_put(p, (uint32_t) clamp(exponent, MOST_F64), 4);
	}
}

void
fc_step_write(const FcModel *m, const FcStepPlan *plan, const FcHooks *hooks, void *buf)
{
	FcModel		copy = reduced(m);
	size_t		front = front_size(plan_flags(m, plan), m->k, m->d);

	write_front(m, plan, fc_model_size(&copy), buf);
	fc_model_write(&copy, hooks, (char *) buf + front);
}

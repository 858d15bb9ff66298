/*
 * model.c - models as bytes: a model that is written can be read, and other
 * bytes are rejected
 */
#include "train.h"

#include "core/categories.h"
#include "core/optional.h"

/* As the head comment of src/core/model_bytes.c lays them out */
#define AT_VERSION		4
#define AT_ALGORITHM	16
#define AT_NOPTIONS		76
#define HEADER			88
#define OPTION_SIZE		32

/* Columns have names where a model is scaled, and one is a category where it may be and the scale is zscore */
static bool
has_categories(const FcAlgorithm *algo, int scale)
{
	return scale == FC_SCALE_ZSCORE && (algo->traits & FC_TAKES_CATEGORIES) != 0;
}

static void
name_columns(FcModel *m, int scale)
{
	static const char names[] = "a\0\0Gr\xC3\xB6\xC3\x9F" "e";
	static const char few_names[] = "\0Gr\xC3\xB6\xC3\x9F" "e";
	static const int32_t levels[] = {0, 2};

	m->names = names;
	m->names_length = sizeof(names);
	if (!has_categories(m->algo, scale))
		return;
	m->names = few_names;
	m->names_length = sizeof(few_names);
	m->categories = (FcCategories) {2, levels, "\0\xE2\x82\xAC", 5};
}

/* A trained model with nothing at its default; the training holds its memory */
static void
train_model(Training *t, const FcAlgorithm *algo, FcPrecision precision, int scale)
{
	static double x[60 * 3];
	double	   *blobs = make_blobs(60, 3, 3, 1);

	memcpy(x, blobs, sizeof(x));
	free(blobs);
	training_begin(t, algo, 3, precision, x, 60, 3);
	t->model.skipped = 12345678901;
	t->model.common[FC_SEED] = 9007199254740991.0;
	t->model.common[FC_MAX_ITERATIONS] = 200;
	t->model.common[FC_TOLERANCE] = 1e-3;
	t->model.common[FC_RESTARTS] = 2;
	t->model.common[FC_INIT] = FC_INIT_SAMPLE;
	t->model.common[FC_SCALE] = scale;
	t->model.common[FC_MISSING] = FC_MISSING_SKIP;
	t->model.common[FC_TOO_FEW] = FC_TOO_FEW_NULL;
	for (int i = 0; i < fc_count_options(algo) - FC_NCOMMON; i++)
	{
		const FcOption *o = fc_option_at(algo, i);

		if (o->type == FC_NUMBER && !isnan(o->initial) && o->initial * 1.25 < o->max)
			*fc_option_value(&t->model, i) = o->initial * 1.25;
	}
	if (scale != FC_SCALE_NONE)
		name_columns(&t->model, scale);
	CHECK_EQ(training_run(t), FC_OK);
}

static void
test_round_trip(const FcAlgorithm *algo, FcPrecision precision, int scale)
{
	bool		scaled = scale != FC_SCALE_NONE || scales_itself(algo);
	Training	t;
	FcModel		back;
	FcArray		put[FC_MAX_ARRAYS];
	FcArray		got[FC_MAX_ARRAYS];
	size_t		length;
	char	   *bytes;
	int			narrays;

	train_model(&t, algo, precision, scale);
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(length % 8, 0);
	CHECK_EQ(fc_model_clusters(bytes, length), 3);
	CHECK_EQ(fc_model_clusters(bytes, 87), 0);
	CHECK_EQ(fc_model_clusters(bytes + 8, length - 8), 0);
	CHECK_EQ(fc_model_groups(bytes, length), 3);
	memset(&back, 0xFF, sizeof(back));
	CHECK_EQ(fc_model_read(&back, bytes, length), FC_OK);
	CHECK(back.algo == algo && back.precision == precision && back.converged == t.model.converged);
	CHECK(back.k == 3 && back.d == 3 && back.rows == 60 && back.skipped == 12345678901);
	CHECK_EQ(back.iterations, t.model.iterations);
	CHECK_EQ(back.empty, t.model.empty);
	CHECK(back.objective == t.model.objective);
	CHECK_EQ(back.history.count, t.model.history.count);
	CHECK_EQ(back.history.step, t.model.history.step);
	for (int i = 0; i < fc_count_options(algo); i++)
		CHECK(memcmp(fc_option_value(&back, i), fc_option_value(&t.model, i), sizeof(double)) == 0);
	CHECK((back.shift != NULL) == scaled && (back.factor != NULL) == scaled);
	CHECK_EQ(fc_model_format(&back), 3);
	CHECK((back.names != NULL) == (scale != FC_SCALE_NONE));
	CHECK(back.names == NULL || (back.names_length == t.model.names_length &&
								 memcmp(back.names, t.model.names, back.names_length) == 0));

	CHECK(fc_has_categories(&back) == has_categories(algo, scale) && fc_same_categories(&back.categories, &t.model.categories));

	narrays = fc_model_arrays(&t.model, put);
	CHECK_EQ(fc_model_arrays(&back, got), narrays);
	for (int i = 0; i < narrays; i++)
	{
		CHECK(strcmp(put[i].name, got[i].name) == 0 && strlen(put[i].name) < 16);
		CHECK(put[i].rows == got[i].rows && put[i].columns == got[i].columns);
		CHECK((put[i].narrow == NULL) == (got[i].narrow == NULL) && (put[i].narrow == NULL) != (put[i].data == NULL));
		if (put[i].narrow)
			CHECK(memcmp(*put[i].narrow, *got[i].narrow, put[i].rows * put[i].columns * sizeof(float)) == 0);
		else
			CHECK(memcmp(*put[i].data, *got[i].data, put[i].rows * put[i].columns * sizeof(double)) == 0);
	}
	CHECK(same_model(&back, &t.model));
	free(bytes);
	training_end(&t);
}

/* Where the value of an option is among the bytes */
static char *
option_at(char *bytes, size_t length, const char *name)
{
	for (size_t at = HEADER; at + OPTION_SIZE <= length; at += OPTION_SIZE)
		if (strncmp(bytes + at, name, OPTION_SIZE - 8) == 0)
			return bytes + at + OPTION_SIZE - 8;
	abort();
}

/* What reading makes of the bytes if an option had another value */
static FcStatus
read_with(char *bytes, size_t length, const char *name, double value)
{
	char	   *copy = malloc(length);
	FcModel		m;
	FcStatus	status;

	memcpy(copy, bytes, length);
	memcpy(option_at(copy, length, name), &value, sizeof(value));
	status = fc_model_read(&m, copy, length);
	free(copy);
	return status;
}

/* Noise has a distance, which is a possible one, or there is none; and only some algorithms have it */
static void
test_noise(const FcAlgorithm *algo)
{
	static const double impossible[] = {0, -1, INFINITY, -INFINITY, 1e-160, 1e160, DBL_MAX, DBL_MIN};
	bool		takes = (algo->traits & FC_TAKES_NOISE) != 0;
	Training	t;
	size_t		length;
	char	   *bytes;

	train_model(&t, algo, FC_F64, FC_SCALE_NONE);
	t.model.common[FC_NOISE_DISTANCE] = 2;
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(fc_model_groups(bytes, length), 4);
	for (size_t end = 0; end < length; end++)
	{
		char	   *part = malloc(end > 0 ? end : 1);

		memcpy(part, bytes, end);
		CHECK(end < HEADER ? fc_model_groups(part, end) == 0 : fc_model_groups(part, end) >= 3);
		free(part);
	}
	CHECK_EQ(read_with(bytes, length, "noise_distance", 2), takes ? FC_OK : FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(bytes, length, "noise", 0.25), takes ? FC_OK : FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(bytes, length, "noise", 0.6), FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(bytes, length, "noise", NAN), FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(bytes, length, "noise_distance", NAN), FC_OK);
	for (size_t i = 0; i < sizeof(impossible) / sizeof(*impossible); i++)
		CHECK_EQ(read_with(bytes, length, "noise_distance", impossible[i]), FC_DAMAGED_MODEL);
	free(bytes);

	/* a share whose distance has not been found */
	t.model.common[FC_NOISE] = 0.25;
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(read_with(bytes, length, "noise_distance", NAN), FC_DAMAGED_MODEL);
	free(bytes);
	training_end(&t);
}

/* A row through everything that takes a model; true if no NaN comes out */
static bool
use_model(const FcModel *m)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	double	   *x = calloc(m->d, sizeof(double));
	double		sum = 0;
	bool		fine;

	x[0] = 7;
	fc_score_row(&s, x);
	fc_score_memberships(&s);
	for (int32_t c = 0; c < m->k; c++)
	{
		sum += s.u[c];
		fc_unscale_center(m, c, x);
	}
	fine = !isnan(sum) && !isnan(fc_score_outlier(&s)) && fc_score_nearest(&s) < m->k;
	for (int32_t i = 0; i < m->history.count; i++)
		for (int column = 0; column < FC_HISTORY_COLUMNS; column++)
		{
			double		value = fc_history_get(m, i, column);

			fine = fine && (column >= FC_HISTORY_PHASE || isfinite(value));
		}
	fine = fine && (m->names == NULL || fc_names_are_valid(m->names, m->names_length, fc_model_columns(m)));
	fine = fine && (!fc_has_categories(m) || fc_categories_are_valid(&m->categories));
	free(x);
	free(memory);
	return fine;
}

/* Refused, or a model that can be used and written again */
static bool
survives(const char *bytes, size_t length)
{
	char	   *copy = hostile_memory(length);
	FcModel		m;
	bool		fine = true;

	memcpy(copy, bytes, length);
	if (fc_model_read(&m, copy, length) == FC_OK)
	{
		size_t		again;
		char	   *written = model_bytes(&m, &again);

		fine = use_model(&m) && again <= length + FC_NCOMMON * OPTION_SIZE;
		free(written);
	}
	free(copy);
	return fine;
}

/* No bytes of it may be missing, none too many */
static void
test_lengths(const FcAlgorithm *algo, int scale)
{
	Training	t;
	FcModel		m;
	size_t		length;
	char	   *bytes;
	char	   *longer;
	int			accepted = 0;

	train_model(&t, algo, FC_F64, scale);
	bytes = model_bytes(&t.model, &length);
	for (size_t cut = 0; cut < length; cut++)
	{
		char	   *copy = malloc(cut > 0 ? cut : 1);	/* not a byte more */

		memcpy(copy, bytes, cut);
		accepted += fc_model_read(&m, copy, cut) == FC_OK;
		free(copy);
	}
	CHECK_EQ(accepted, 0);
	longer = hostile_memory(length + 64);
	memset(longer, 0, length + 64);
	memcpy(longer, bytes, length);
	for (size_t more = 1; more <= 64; more++)
		accepted += fc_model_read(&m, longer, length + more) == FC_OK;
	CHECK_EQ(accepted, 0);
	free(longer);
	free(bytes);
	training_end(&t);
}

static void
test_corruption(const FcAlgorithm *algo, int scale)
{
	static const uint64_t words[] = {
		0, 1, 2, UINT64_MAX, UINT64_C(0x7FFFFFFFFFFFFFFF), UINT64_C(0x8000000000000000),
		UINT64_C(0x7FFFFFFF), UINT64_C(0xFFFFFFFF), UINT64_C(0x100000003), UINT64_C(0x0000FFFF0000FFFF),
		UINT64_C(0x7FEFFFFFFFFFFFFF), UINT64_C(0xFFEFFFFFFFFFFFFF), UINT64_C(0x7FF0000000000000),
		UINT64_C(0x7FF8000000000000), UINT64_C(0x3FF0000000000000), UINT64_C(0x0010000000000000)
	};
	Training	t;
	size_t		length;
	char	   *bytes;
	int			bad = 0;

	train_model(&t, algo, FC_F32, scale);
	bytes = model_bytes(&t.model, &length);
	CHECK(survives(bytes, length));
	for (size_t at = 0; at < length; at++)
	{
		char		old = bytes[at];

		for (int flip = 1; flip < 256; flip += at < HEADER ? 1 : is_deep(algo) ? 85 : 23)
		{
			bytes[at] = (char) (old ^ flip);
			bad += !survives(bytes, length);
		}
		bytes[at] = old;
	}
	CHECK_EQ(bad, 0);
	for (size_t at = 0; at + 8 <= length; at += 4)
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		{
			char		old[8];

			memcpy(old, bytes + at, 8);
			memcpy(bytes + at, &words[w], 8);
			bad += !survives(bytes, length);
			memcpy(bytes + at, old, 8);
		}
	CHECK_EQ(bad, 0);
	free(bytes);
	training_end(&t);
}

/* The status of the bytes of t's model after "size" of them at "at" were replaced */
static FcStatus
status_with(const Training *t, size_t at, const void *with, size_t size)
{
	size_t		length;
	char	   *bytes = model_bytes(&t->model, &length);
	FcModel		m;
	FcStatus	status;

	memcpy(bytes + at, with, size);
	status = fc_model_read(&m, bytes, length);
	free(bytes);
	return status;
}

/* A cluster may be empty, but no number of rows and no radius is below 0 */
static void
check_sizes(Training *t)
{
	double	   *sizes[] = {t->model.weights, t->model.radius};

	for (int i = 0; i < 2; i++)
	{
		double		before = sizes[i][0];

		sizes[i][0] = 0;
		CHECK_EQ(status_with(t, 0, "FZCM", 4), FC_OK);
		sizes[i][0] = -1;
		CHECK_EQ(status_with(t, 0, "FZCM", 4), FC_DAMAGED_MODEL);
		sizes[i][0] = before;
	}
}

static void
test_refusals(const FcAlgorithm *algo)
{
	static const char unknown[24] = "no_such_option";
	static const double nan_value = NAN;
	static const double huge = 1e300;
	static const double half = 0.5;
	size_t		seed = HEADER + (size_t) (fc_count_options(algo) - FC_NCOMMON + FC_SEED) * OPTION_SIZE;
	size_t		scale = HEADER + (size_t) (fc_count_options(algo) - FC_NCOMMON + FC_SCALE) * OPTION_SIZE;
	Training	t;
	FcModel		m;
	char	   *tiny = hostile_memory(64);

	train_model(&t, algo, FC_F64, FC_SCALE_NONE);
	CHECK_EQ(status_with(&t, 0, "FZCM", 4), FC_OK);
	check_sizes(&t);
	CHECK_EQ(status_with(&t, 0, "FZCN", 4), FC_NOT_A_MODEL);
	CHECK_EQ(status_with(&t, AT_VERSION, "\0\0\0", 4), FC_NOT_A_MODEL);
	CHECK_EQ(status_with(&t, AT_VERSION, "\2\0\0", 4), FC_DAMAGED_MODEL);	/* it has no names */
	CHECK_EQ(status_with(&t, AT_VERSION, "\4\0\0", 4), FC_NEWER_MODEL);
	CHECK_EQ(status_with(&t, AT_VERSION, "\377\377\377\377", 4), FC_NEWER_MODEL);
	CHECK_EQ(status_with(&t, AT_ALGORITHM, "kmedians\0", 9), FC_UNKNOWN_ALGORITHM);
	CHECK_EQ(status_with(&t, AT_ALGORITHM, "sixteen_letters_", 16), FC_UNKNOWN_ALGORITHM);
	CHECK_EQ(status_with(&t, AT_ALGORITHM, "\0", 1), FC_UNKNOWN_ALGORITHM);
	CHECK_EQ(status_with(&t, seed, unknown, sizeof(unknown)), FC_NEWER_MODEL);
	CHECK_EQ(status_with(&t, seed + 24, &nan_value, 8), FC_DAMAGED_MODEL);
	CHECK_EQ(status_with(&t, seed + 24, &huge, 8), FC_DAMAGED_MODEL);
	CHECK_EQ(status_with(&t, seed + 24, &half, 8), FC_DAMAGED_MODEL);
	/* scaled, but where are shift and factor? */
	if (!scales_itself(algo))
		CHECK_EQ(status_with(&t, scale + 24, &(double) {FC_SCALE_ZSCORE}, 8), FC_DAMAGED_MODEL);

	memset(tiny, 0, 64);
	CHECK_EQ(fc_model_read(&m, tiny, 0), FC_NOT_A_MODEL);
	CHECK_EQ(fc_model_read(&m, tiny, 64), FC_NOT_A_MODEL);
	memcpy(tiny, "FZCM\4\0\0\0", 8);
	CHECK_EQ(fc_model_read(&m, tiny, 7), FC_NOT_A_MODEL);
	CHECK_EQ(fc_model_read(&m, tiny, 8), FC_NEWER_MODEL);
	tiny[4] = 1;
	CHECK_EQ(fc_model_read(&m, tiny, 8), FC_DAMAGED_MODEL);
	free(tiny);
	training_end(&t);
}

/* Finite numbers that no training gives, whose distances are not finite */
static void
test_forged_values(const FcAlgorithm *algo)
{
	Training	t;

	train_model(&t, algo, FC_F64, FC_SCALE_ZSCORE);
	CHECK(use_model(&t.model));
	t.model.centers[0] = 1e300;
	CHECK(use_model(&t.model));
	t.model.shift[0] = -1e300;
	t.model.factor[0] = 1e300;
	CHECK(use_model(&t.model));
	training_end(&t);
}

/* A writer that knew none of our options, or only the last */
static void
test_missing_options(const FcAlgorithm *algo)
{
	int			written = fc_count_options(algo) - (FC_NCOMMON - 1 - FC_WEIGHT);

	for (int kept = 0; kept <= 1; kept++)
	{
		Training	t;
		FcModel		m;
		size_t		length;
		size_t		gap = (size_t) (written - kept) * OPTION_SIZE;
		char	   *bytes;

		train_model(&t, algo, FC_F64, FC_SCALE_NONE);
		t.model.common[FC_WEIGHT] = 1;	/* else it is not written, as those behind it are not */
		bytes = model_bytes(&t.model, &length);
		memmove(bytes + HEADER, bytes + HEADER + gap, length - HEADER - gap);
		bytes[AT_NOPTIONS] = (char) kept;
		CHECK_EQ(fc_model_read(&m, bytes, length - gap),
				 algo->traits & FC_NEEDS_OPTIONS ? FC_DAMAGED_MODEL : FC_OK);
		for (int i = 0; i < written - kept; i++)
		{
			double		initial = fc_option_at(algo, i)->initial;

			CHECK(memcmp(fc_option_value(&m, i), &initial, sizeof(double)) == 0);
		}
		if (kept == 1)
			CHECK(m.common[FC_WEIGHT] == t.model.common[FC_WEIGHT]);
		CHECK(m.centers == NULL ? is_deep(algo) : memcmp(m.centers, t.model.centers, 9 * sizeof(double)) == 0);
		bytes[AT_NOPTIONS] = (char) (kept + 1);
		CHECK(fc_model_read(&m, bytes, length - gap) != FC_OK);
		free(bytes);
		training_end(&t);
	}
}

/* The weights of the centers, which only models have that were updated */
static void
test_mass(const FcAlgorithm *algo)
{
	double		mass[] = {1.5, 0, 3};
	int32_t		place[] = {2, 0, 1};
	int32_t		work[3];
	Training	t;
	FcModel		back;
	size_t		without;
	size_t		length;
	char	   *bytes;

	train_model(&t, algo, FC_F64, FC_SCALE_NONE);
	CHECK(!FC_HAS(&t.model, FC_WITH_MASS));
	free(model_bytes(&t.model, &without));
	FC_CENTER_MASS(&t.model) = mass;
	t.model.optional.arrays |= 1u << FC_WITH_MASS;
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(length, without + 32 + sizeof(mass));
	CHECK_EQ(fc_model_read(&back, bytes, length), FC_OK);
	CHECK(memcmp(FC_CENTER_MASS(&back), mass, sizeof(mass)) == 0);
	CHECK(same_model(&back, &t.model));
	fc_model_permute(&back, place, work);
	CHECK(FC_CENTER_MASS(&back)[2] == 1.5 && FC_CENTER_MASS(&back)[0] == 0 && FC_CENTER_MASS(&back)[1] == 3);
	free(bytes);

	mass[1] = -1;
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(fc_model_read(&back, bytes, length), FC_DAMAGED_MODEL);
	free(bytes);
	t.model.optional.arrays &= ~(1u << FC_WITH_MASS);
	training_end(&t);
}

/* As an older version wrote it: without moments, and in the format of that time */
static void
test_older(const FcAlgorithm *algo)
{
	Training	t;
	FcModel		back;
	size_t		length;
	char	   *bytes;

	train_model(&t, algo, FC_F64, FC_SCALE_NONE);
	CHECK(FC_HAS(&t.model, FC_WITH_MOMENTS));
	t.model.optional.arrays = 0;
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(bytes[AT_VERSION], 1);
	if (CHECK_EQ(fc_model_read(&back, bytes, length), FC_OK))
	{
		CHECK(!FC_HAS(&back, FC_WITH_MOMENTS));
		CHECK(use_model(&back));
		CHECK(same_model(&back, &t.model));
	}
	free(bytes);
	training_end(&t);
}

/* A list that is not given has no array: nothing of it is written */
static void
test_lists(const FcAlgorithm *algo)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	Training	t;
	int			n;

	train_model(&t, algo, FC_F64, FC_SCALE_NONE);
	n = fc_model_arrays(&t.model, arrays);
	for (int i = 0; i < fc_count_options(algo); i++)
	{
		const FcOption *option = fc_option_at(algo, i);
		int			found = 0;

		for (int a = 0; option->type == FC_LIST && a < n; a++)
			found += strcmp(arrays[a].name, option->name) == 0;
		CHECK_EQ(found, option->type == FC_LIST && *fc_option_value(&t.model, i) > 0);
	}
	training_end(&t);
}

/* The written form, field by field: a change of it is a new format version */
static void
test_format(void)
{
	const FcAlgorithm *fcm = fc_find_algorithm("fcm");
	static double x[] = {1, 2, 4};
	static const unsigned char header[HEADER] = {
		'F', 'Z', 'C', 'M', 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
		'f', 'c', 'm', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
		5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 1, 0, 0, 0, 9, 0, 0, 0,
		6, 0, 0, 0, 0, 0, 0, 0
	};
	static const unsigned char fuzzifier[OPTION_SIZE] = {
		'f', 'u', 'z', 'z', 'i', 'f', 'i', 'e', 'r', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0x40
	};
	static const unsigned char centers[40] = {
		'c', 'e', 'n', 't', 'e', 'r', 's', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0x40
	};
	Training	t;
	size_t		length;
	char	   *bytes;

	training_begin(&t, fcm, 1, FC_F64, x, 3, 1);
	CHECK_EQ(training_run(&t), FC_OK);
	t.model.skipped = 5;
	t.model.iterations = 7;
	t.model.objective = 1.5;
	t.model.centers[0] = 3.25;
	t.model.converged = true;
	bytes = model_bytes(&t.model, &length);
	CHECK(memcmp(bytes, header, HEADER) == 0);
	CHECK(memcmp(bytes + HEADER, fuzzifier, OPTION_SIZE) == 0);
	CHECK(memcmp(bytes + HEADER + 9 * OPTION_SIZE, centers, sizeof(centers)) == 0);
	free(bytes);
	training_end(&t);
}

/* The history never holds more than it may, and its rows stay evenly spaced */
static void
test_history(const FcAlgorithm *algo)
{
	FcModel		m;
	double	   *memory;

	fc_model_begin(&m, algo, 1, 1);
	memory = m.history.rows = hostile_memory((size_t) FC_MAX_HISTORY * FC_HISTORY_COLUMNS * sizeof(double));
	for (int32_t iteration = 1; iteration <= 20 * FC_MAX_HISTORY; iteration++)
	{
		double		values[FC_HISTORY_COLUMNS];
		int			wrong = 0;

		for (int column = 0; column < FC_HISTORY_COLUMNS; column++)
			values[column] = iteration + column / 16.0;
		fc_model_record(&m, values);
		if (iteration % 777 != 1 && iteration % FC_MAX_HISTORY > 2)
			continue;
		CHECK(m.history.count <= FC_MAX_HISTORY);
		CHECK(m.history.count >= (iteration < FC_MAX_HISTORY / 2 ? iteration : FC_MAX_HISTORY / 2));
		CHECK(m.history.count == (iteration - 1) / m.history.step + 1);
		for (int32_t i = 0; i < m.history.count; i++)
			for (int column = 0; column < FC_HISTORY_COLUMNS; column++)
			{
				double		got = fc_history_get(&m, i, column);

				if (column >= FC_HISTORY_PHASE && !(algo->history >> column & 1))
					wrong += !isnan(got);
				else
					wrong += got != 1 + i * m.history.step + column / 16.0;
			}
		CHECK_EQ(wrong, 0);
	}
	free(memory);
}

/* Algorithms may be named as arguments; else all are tested */
int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv))
			continue;
		for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
		{
			test_round_trip(algo, FC_F32, scale);
			test_round_trip(algo, FC_F64, scale);
			if (scale == FC_SCALE_ZSCORE || !is_deep(algo))
				test_lengths(algo, scale);
		}
		if (!is_deep(algo))
		{
			test_corruption(algo, FC_SCALE_NONE);
			test_noise(algo);
		}
		test_corruption(algo, FC_SCALE_ZSCORE);
		test_refusals(algo);
		test_forged_values(algo);
		test_missing_options(algo);
		test_mass(algo);
		test_older(algo);
		test_lists(algo);
		test_history(algo);
	}
	test_format();
	return check_report("model");
}

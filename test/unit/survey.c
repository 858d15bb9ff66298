/*
 * survey.c - surveys: exact sums, ranges and samples of rows, however these are divided
 *
 * Sums are compared with __int128 and with long double, samples with a count of all
 * rows, and bytes with those of the same rows in another order and division.
 */
#include "train.h"

#include "core/digits.h"
#include "core/survey.h"
#include "core/variants.h"

#include <float.h>

static const FcHooks no_hooks;

/* ---- surveys of rows ---- */

typedef struct Bytes
{
	void	   *p;
	size_t		length;
} Bytes;

typedef struct Rows
{
	double	   *x;				/* (n, d) */
	const uint64_t *key;		/* (n), or NULL */
	const double *weight;		/* (n), or NULL */
	bool		gaps;
	int			values;			/* of odd columns, whose numbers stand for them; 0: there are no categories */
	int64_t		n;
	int32_t		d;
	FcPrecision precision;
	int32_t		most;
	uint64_t	seed;
	int			isa;
} Rows;

static FcSurveyKind
kind_of(const Rows *rows)
{
	return (FcSurveyKind) {
		.d = rows->d, .precision = rows->precision, .keyed = rows->key != NULL, .gaps = rows->gaps,
		.weighted = rows->weight != NULL, .categories = rows->values > 0
	};
}

static FcSurveyState *
grow(FcSurveyState *s, const Rows *rows, FcSurveyRoom room)
{
	FcSurveyKind kind = kind_of(rows);
	FcSurveyState *larger = hostile_memory(fc_survey_state_size(&kind, room));

	fc_survey_move(s, larger, &kind, room);
	free(s);
	return larger;
}

static FcSurveyState *
begin_state(const Rows *rows)
{
	FcSurveyState *s = hostile_memory(fc_survey_state_size(&(FcSurveyKind) {0}, (FcSurveyRoom) {0}));

	fc_survey_begin(s, rows->most, rows->seed);
	return s;
}

/* The value that stands for a number: of different lengths, in another order than the numbers */
static void
value_text(const Rows *rows, double x, char *text)
{
	int			number = (int) fabs(fmod(x * 1000, rows->values));

	snprintf(text, 40, "%.*s%d", number % 7 == 1 ? 2 : number % 7, "\xC3\xA4xyz", number * 7 % rows->values);
	if (number == 0)
		text[0] = '\0';
}

/* Values of the next row in place of its numbers in odd columns; the state, which may have moved */
static FcSurveyState *
set_values(FcSurveyState *s, const Rows *rows, const double *x)
{
	for (int32_t j = 1; j < rows->d; j += 2)
	{
		char		text[40];
		int32_t		code = FC_NO_ROOM_FOR_CODE;

		if (isnan(x[j]))
			continue;
		value_text(rows, x[j], text);
		while ((code = fc_survey_code(s, j, text, strlen(text))) == FC_NO_ROOM_FOR_CODE)
			s = grow(s, rows, fc_survey_word_room(s, strlen(text)));
		CHECK(code >= 0);
		fc_survey_next(s)[j] = code;
	}
	return s;
}

/* Rows number place[first] to place[end - 1] */
static FcSurveyState *
gather(const Rows *rows, const int64_t *place, int64_t first, int64_t end)
{
	FcSurveyState *s = begin_state(rows);

	for (int64_t i = first; i < end; i++)
	{
		FcSurveyKind kind = kind_of(rows);
		FcSurveyRoom room = fc_survey_room(s, &kind, &no_hooks);
		bool		begins = s->kind.d == 0;

		if (begins || room.rows > s->room.rows)
			s = grow(s, rows, room);
		for (int32_t j = 1; begins && rows->values > 0 && j < rows->d; j += 2)
			fc_survey_set_category(s, j);
		memcpy(fc_survey_next(s), rows->x + place[i] * rows->d, sizeof(double) * rows->d);
		if (rows->values > 0)
			s = set_values(s, rows, rows->x + place[i] * rows->d);
		if (rows->weight)
			fc_survey_next(s)[rows->d] = rows->weight[place[i]];
		fc_survey_add(s, rows->key ? rows->key[place[i]] : 0, rows->isa);
	}
	return s;
}

static Bytes
finish(FcSurveyState *s, int isa)
{
	Bytes		bytes;

	CHECK(fc_survey_state_holds(s, fc_survey_state_size(&s->kind, s->room)));
	fc_survey_finish(s, isa, &no_hooks);
	bytes.length = fc_survey_size(s);
	bytes.p = hostile_memory(bytes.length);
	fc_survey_write(s, bytes.p, &no_hooks);
	free(s);
	return bytes;
}

static Bytes
survey(const Rows *rows, const int64_t *place, int64_t first, int64_t end)
{
	return finish(gather(rows, place, first, end), rows->isa);
}

static FcSurvey
read_survey(Bytes bytes)
{
	FcSurvey	s;

	CHECK_EQ(fc_survey_read(&s, bytes.p, bytes.length, &no_hooks), FC_OK);
	return s;
}

/* Frees both */
static Bytes
merge(Bytes a, Bytes b)
{
	FcSurvey	p = read_survey(a);
	FcSurvey	q = read_survey(b);
	size_t		most = fc_survey_merged_size(&p, &q);
	Bytes		bytes;

	CHECK_EQ(fc_survey_conflict(&p, &q), FC_SURVEYS_FIT);
	bytes.p = hostile_memory(most);
	bytes.length = fc_survey_merge(&p, &q, bytes.p, &no_hooks);
	CHECK(bytes.length <= most);
	free(a.p);
	free(b.p);
	return bytes;
}

static bool
same(Bytes a, Bytes b)
{
	return a.length == b.length && memcmp(a.p, b.p, a.length) == 0;
}

static int64_t *
in_order(int64_t n)
{
	int64_t    *place = calloc(n, sizeof(int64_t));

	for (int64_t i = 0; i < n; i++)
		place[i] = i;
	return place;
}

static void
shuffle(int64_t *place, int64_t n, FcRng *rng)
{
	for (int64_t i = n - 1; i > 0; i--)
	{
		int64_t		j = fc_rng_below(rng, i + 1);
		int64_t		other = place[i];

		place[i] = place[j];
		place[j] = other;
	}
}

/* Merged as a random tree */
static Bytes
survey_in_parts(const Rows *rows, const int64_t *place, int parts, FcRng *rng)
{
	Bytes	   *part = calloc(parts, sizeof(Bytes));
	Bytes		whole;

	for (int p = 0; p < parts; p++)
		part[p] = survey(rows, place, rows->n * p / parts, rows->n * (p + 1) / parts);
	for (; parts > 1; parts--)
	{
		int			a = (int) fc_rng_below(rng, parts);
		int			b = (int) fc_rng_below(rng, parts - 1);

		b += b >= a;
		part[a] = merge(part[a], part[b]);
		part[b] = part[parts - 1];
	}
	whole = part[0];
	free(part);
	return whole;
}

/* The same bytes in any order, division and instruction set */
static void
check_invariance(Rows rows)
{
	int64_t    *place = in_order(rows.n);
	Bytes		whole;
	FcRng		rng;

	fc_rng_start(&rng, 17, rows.n);
	rows.isa = fc_best_isa();
	whole = survey(&rows, place, 0, rows.n);
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
		for (int parts = 1; parts <= 33; parts = 2 * parts + 1)
		{
			Bytes		other;

			rows.isa = isa;
			shuffle(place, rows.n, &rng);
			other = survey_in_parts(&rows, place, parts, &rng);
			CHECK(same(whole, other));
			free(other.p);
		}
	free(whole.p);
	free(place);
}

/* ---- rows ---- */

/* Of distinct rows that repeat, some more often than others */
static double *
repeated_rows(int64_t n, int32_t d, int64_t distinct, FcPrecision precision)
{
	double	   *noise = make_noise(distinct, d, 5);
	double	   *x = calloc(n * d, sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, 3, n);
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		from = fc_rng_below(&rng, 1 + fc_rng_below(&rng, distinct));

		for (int32_t j = 0; j < d; j++)
			x[i * d + j] = precision == FC_F32 ? (float) noise[from * d + j] : noise[from * d + j];
	}
	free(noise);
	return x;
}

/* Any finite doubles; zeros of either sign among them */
static double *
any_doubles(int64_t n, int32_t d, uint64_t seed)
{
	double	   *x = calloc(n * d, sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, seed, 1);
	for (int64_t i = 0; i < n * d; i++)
		do
		{
			uint64_t	bits = fc_rng_next(&rng);

			if (i % 7 == 0)
				bits &= UINT64_C(1) << 63;
			memcpy(&x[i], &bits, sizeof(bits));
		} while (!isfinite(x[i]));
	return x;
}

static void
test_invariance(void)
{
	static const int32_t columns[] = {1, 2, 7, 8, 9, 16, 17};

	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			Rows		rows = {.n = 1500, .d = columns[c], .precision = precision, .most = 100, .seed = 9};

			rows.x = repeated_rows(rows.n, rows.d, 700, precision);
			check_invariance(rows);
			rows.most = 2000;
			check_invariance(rows);
			rows.most = 1;
			check_invariance(rows);
			free(rows.x);
		}
}

/* Weights of a few sizes, some of which are 0 */
static double *
any_weights(int64_t n, uint64_t seed)
{
	double	   *weight = calloc(n, sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, seed, 2);
	for (int64_t i = 0; i < n; i++)
		weight[i] = i % 7 == 0 ? (double) fc_rng_below(&rng, 3) : i % 7 == 1 ? pow(10, 30 * fc_rng_uniform(&rng) - 15) : 0.1 * (double) (i % 5);
	return weight;
}

/* Features that are missing, in each row all but one at most; the last one perhaps in all */
static void
make_gaps(double *x, int64_t n, int32_t d, bool never)
{
	FcRng		rng;

	fc_rng_start(&rng, d, 3);
	for (int64_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
			if ((int64_t) j != i % (d - never) && ((never && j == d - 1) || (i % 400 > 150 && fc_rng_below(&rng, 5) == 0)))
				x[i * d + j] = j % 2 ? NAN : -NAN;
}

/* Rows with gaps, rows with weights, and both */
static void
test_invariance_of_others(void)
{
	static const int32_t columns[] = {2, 7, 8, 9};

	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
		for (int kind = 1; kind < 4; kind++)
			for (int precision = FC_F32; precision <= FC_F64; precision++)
			{
				Rows		rows = {.n = 900, .d = columns[c], .precision = precision, .most = 100, .seed = 9, .gaps = kind & 1};
				double	   *weight = any_weights(rows.n, 7);

				rows.weight = kind & 2 ? weight : NULL;
				rows.x = repeated_rows(rows.n, rows.d, 200, precision);
				if (rows.gaps)
					make_gaps(rows.x, rows.n, rows.d, c % 2);
				check_invariance(rows);
				rows.most = 2000;
				check_invariance(rows);
				free(rows.x);
				free(weight);
			}
}

/* Categories: some with more values than there is room for at first, in rows with gaps and weights or without */
static void
test_invariance_of_categories(void)
{
	for (int kind = 0; kind < 4; kind++)
		for (int values = 5; values < 1000; values *= 11)
		{
			Rows		rows = {.n = 900, .d = 4, .precision = FC_F64, .most = 100, .seed = 9, .gaps = kind & 1, .values = values};
			double	   *weight = any_weights(rows.n, 7);

			rows.weight = kind & 2 ? weight : NULL;
			rows.x = repeated_rows(rows.n, rows.d, 600, FC_F64);
			if (rows.gaps)
				make_gaps(rows.x, rows.n, rows.d, true);
			check_invariance(rows);
			rows.most = 2000;
			check_invariance(rows);
			free(rows.x);
			free(weight);
		}
}

static void
test_invariance_of_extremes(void)
{
	Rows		rows = {.n = 700, .d = 11, .precision = FC_F64, .most = 50, .seed = UINT64_MAX};

	rows.x = any_doubles(rows.n, rows.d, 1);
	check_invariance(rows);
	free(rows.x);
}

/* More features than a block has rows for */
static void
test_wide(void)
{
	Rows		rows = {.n = 60, .d = 5003, .precision = FC_F64, .most = 7, .seed = 1};

	rows.x = make_noise(rows.n, rows.d, 8);
	check_invariance(rows);
	free(rows.x);
}

/* Rows with the same key may differ */
static void
test_keys(void)
{
	Rows		rows = {.n = 1500, .d = 3, .precision = FC_F64, .most = 100, .seed = 4};
	uint64_t   *key = calloc(rows.n, sizeof(uint64_t));
	int64_t    *place = in_order(rows.n);
	FcSurvey	s;
	Bytes		bytes;
	int64_t		sum = 0;

	for (int64_t i = 0; i < rows.n; i++)
		key[i] = (uint64_t) (i * i % 211);
	rows.key = key;
	rows.x = make_noise(rows.n, rows.d, 2);
	check_invariance(rows);

	rows.most = 1000;
	bytes = survey(&rows, place, 0, rows.n);
	s = read_survey(bytes);
	CHECK(s.keyed);
	CHECK_EQ(s.count, 106);		/* squares modulo 211 */
	for (int32_t i = 0; i < s.count; i++)
	{
		double		x[3];

		sum += fc_survey_row(&s, i, x);
	}
	CHECK_EQ(sum, rows.n);
	free(bytes.p);
	free(key);
	free(place);
	free(rows.x);
}

/* ---- the sample ---- */

static int64_t
count_row(const Rows *rows, const double *x)
{
	int64_t		count = 0;

	for (int64_t i = 0; i < rows->n; i++)
		count += memcmp(rows->x + i * rows->d, x, sizeof(double) * rows->d) == 0;
	return count;
}

/* Counts are exact, and the rows of a smaller sample are the first of a larger one */
static void
test_sample(void)
{
	Rows		rows = {.n = 4000, .d = 2, .precision = FC_F32, .most = 300, .seed = 6, .isa = fc_best_isa()};
	int64_t    *place = in_order(rows.n);
	Bytes		bytes;
	Bytes		all;
	FcSurvey	s;
	FcSurvey	complete;
	double		x[2];
	double		y[2];
	int64_t		sum = 0;

	rows.x = repeated_rows(rows.n, rows.d, 900, rows.precision);
	bytes = survey(&rows, place, 0, rows.n);
	rows.most = 1000;
	all = survey(&rows, place, 0, rows.n);
	s = read_survey(bytes);
	complete = read_survey(all);
	CHECK_EQ(s.rows, rows.n);
	CHECK_EQ(s.count, 300);
	CHECK(complete.count > 600 && complete.count <= 900);
	for (int32_t i = 0; i < complete.count; i++)
	{
		int64_t		count = fc_survey_row(&complete, i, y);

		CHECK_EQ(count, count_row(&rows, y));
		sum += count;
		if (i >= s.count)
			continue;
		CHECK_EQ(fc_survey_row(&s, i, x), count);
		CHECK(memcmp(x, y, sizeof(x)) == 0);
	}
	CHECK_EQ(sum, rows.n);
	free(bytes.p);
	free(all.p);
	free(place);
	free(rows.x);
}

/* Each row is in samples of different seeds equally often */
static void
test_seeds(void)
{
	Rows		rows = {.n = 64, .d = 1, .precision = FC_F64, .most = 16, .isa = fc_best_isa()};
	int64_t    *place = in_order(rows.n);
	int			hits[64] = {0};

	rows.x = calloc(rows.n, sizeof(double));
	for (int64_t i = 0; i < rows.n; i++)
		rows.x[i] = (double) i;
	for (rows.seed = 0; rows.seed < 1600; rows.seed++)
	{
		Bytes		bytes = survey(&rows, place, 0, rows.n);
		FcSurvey	s = read_survey(bytes);

		for (int32_t i = 0; i < s.count; i++)
		{
			double		x;

			(void) fc_survey_row(&s, i, &x);
			hits[(int) x]++;
		}
		free(bytes.p);
	}
	for (int i = 0; i < 64; i++)	/* mean 400, standard deviation 17.3 */
		CHECK(hits[i] > 310 && hits[i] < 490);
	free(place);
	free(rows.x);
}

/* A number is the same in either precision, as is zero with either sign */
static void
test_precisions(void)
{
	double		x[] = {1, 0.5, -0.0, 3, 1, 0.5, 0.0, 3};
	Rows		rows = {.x = x, .n = 4, .d = 2, .precision = FC_F32, .most = 5, .seed = 3, .isa = fc_best_isa()};
	int64_t		place[] = {0, 1, 2, 3};
	Bytes		single = survey(&rows, place, 0, 2);
	Bytes		wide;
	Bytes		merged;
	FcSurvey	s;

	rows.precision = FC_F64;
	wide = survey(&rows, place, 2, 4);
	CHECK(!same(single, wide));
	merged = merge(single, wide);
	s = read_survey(merged);
	CHECK_EQ(s.precision, FC_F64);
	CHECK_EQ(s.count, 2);
	for (int32_t i = 0; i < s.count; i++)
	{
		double		row[2];

		CHECK_EQ(fc_survey_row(&s, i, row), 2);
	}
	wide = survey(&rows, place, 0, 4);
	CHECK(same(merged, wide));
	free(wide.p);
	free(merged.p);
}

/* Without rows, but with some that were skipped */
static void
test_empty(void)
{
	double		x[] = {1, 2, 3};
	Rows		rows = {.x = x, .n = 3, .d = 1, .precision = FC_F32, .most = 2, .isa = fc_best_isa()};
	int64_t    *place = in_order(3);
	FcSurveyState *none = begin_state(&rows);
	FcSurveyState *also_none = begin_state(&rows);
	FcSurvey	s;
	Bytes		bytes;

	none->skipped = 3;
	also_none->skipped = 4;
	bytes = finish(none, 0);
	CHECK_EQ(bytes.length, FC_SURVEY_HEADER);
	bytes = merge(bytes, survey(&rows, place, 0, 3));
	bytes = merge(bytes, finish(also_none, 0));
	s = read_survey(bytes);
	CHECK_EQ(s.skipped, 7);
	CHECK_EQ(s.rows, 3);
	CHECK_EQ(s.d, 1);
	CHECK_EQ(s.precision, FC_F32);
	free(bytes.p);
	free(place);
}

static void
test_conflicts(void)
{
	double		x[] = {1, 2, 3, 4};
	uint64_t	key[] = {1, 2, 3, 4};
	Rows		rows = {.x = x, .n = 2, .d = 2, .precision = FC_F32, .most = 2, .seed = 1};
	Rows		other[] = {rows, rows, rows, rows, rows, rows};
	static const FcSurveyConflict expected[] = {
		FC_SURVEYS_FEATURES, FC_SURVEYS_MOST, FC_SURVEYS_SEED, FC_SURVEYS_KEY, FC_SURVEYS_GAPS, FC_SURVEYS_WEIGHT
	};
	int64_t		place[] = {0, 1};
	Bytes		a = survey(&rows, place, 0, 2);
	FcSurvey	p = read_survey(a);

	other[0].d = 1;
	other[1].most = 3;
	other[2].seed = 2;
	other[3].key = key;
	other[4].gaps = true;
	other[5].weight = x;
	for (int i = 0; i < 6; i++)
	{
		Bytes		b = survey(&other[i], place, 0, 2);
		FcSurvey	q = read_survey(b);

		CHECK_EQ(fc_survey_conflict(&p, &q), expected[i]);
		CHECK_EQ(fc_survey_conflict(&q, &p), expected[i]);
		free(b.p);
	}
	p.rows = FC_MAX_SURVEYED;
	CHECK_EQ(fc_survey_conflict(&p, &p), FC_SURVEYS_ROWS);
	free(a.p);
}

/* ---- exact sums ---- */

/* Columns of a survey of rows, which the caller frees by low */
static FcColumns
columns_of(const Rows *rows)
{
	int64_t    *place = in_order(rows->n);
	Bytes		bytes = survey(rows, place, 0, rows->n);
	FcSurvey	s = read_survey(bytes);
	FcColumns	c = {.low = calloc(5 * rows->d, sizeof(double))};

	c.high = c.low + rows->d;
	c.mean = c.high + rows->d;
	c.squares = c.mean + rows->d;
	c.weight = c.squares + rows->d;
	fc_survey_columns(&s, &c);
	free(bytes.p);
	free(place);
	return c;
}

/* Whole numbers, whose sums an integer holds */
static void
test_against_integers(void)
{
	Rows		rows = {.n = 1000, .d = 9, .precision = FC_F64, .most = 5, .isa = fc_best_isa()};
	FcColumns	c;
	FcRng		rng;

	fc_rng_start(&rng, 8, 8);
	rows.x = calloc(rows.n * rows.d, sizeof(double));
	for (int64_t i = 0; i < rows.n * rows.d; i++)
		rows.x[i] = (double) (fc_rng_below(&rng, INT64_C(1) << 50) - (INT64_C(1) << 49) * (i % rows.d)) + 12345;
	c = columns_of(&rows);
	for (int32_t j = 0; j < rows.d; j++)
	{
		__int128	sum = 0;
		__int128	squares = 0;	/* of differences to a whole number near the mean */
		__int128	near;

		for (int64_t i = 0; i < rows.n; i++)
			sum += (int64_t) rows.x[i * rows.d + j];
		near = sum / rows.n;
		for (int64_t i = 0; i < rows.n; i++)
		{
			__int128	difference = (int64_t) rows.x[i * rows.d + j] - near;

			squares += difference * difference;
		}
		CHECK(c.mean[j] == (double) sum / (double) rows.n);
		CHECK(fabs(c.squares[j] / (double) squares - 1) < 4 * DBL_EPSILON);
	}
	free(c.low);
	free(rows.x);
}

/* Weights that are whole numbers are those rows repeated: the same columns, to the bit, and the same weights in the sample */
static void
test_repeated(bool gaps)
{
	enum {N = 200, D = 5, MOST = 9};
	Rows		rows = {.n = N, .d = D, .precision = FC_F64, .most = 1000, .seed = 3, .gaps = gaps, .isa = fc_best_isa()};
	Rows		repeated = rows;
	double		weight[N];
	FcColumns	c;
	FcColumns	other;
	int64_t    *place = in_order(N * MOST);
	Bytes		bytes;
	FcSurvey	s;
	double		sum = 0;

	rows.x = make_noise(N, D, 12);
	for (int i = 0; i < N * D; i++)
		rows.x[i] = rows.x[i] * pow(10, i % 30) + 1e6;
	if (gaps)
		make_gaps(rows.x, N, D, true);
	rows.weight = weight;
	repeated.x = calloc(N * MOST * D, sizeof(double));
	repeated.n = 0;
	for (int i = 0; i < N; i++)
	{
		weight[i] = i % MOST;
		for (int r = 0; r < i % MOST; r++)
			memcpy(repeated.x + D * repeated.n++, rows.x + i * D, sizeof(double) * D);
	}
	c = columns_of(&rows);
	other = columns_of(&repeated);
	CHECK(c.n == (double) repeated.n && other.n == c.n);
	for (int j = 0; j < D; j++)
		CHECK(c.mean[j] == other.mean[j] && c.squares[j] == other.squares[j]);
	bytes = survey(&rows, place, 0, N);
	s = read_survey(bytes);
	CHECK_EQ(s.rows, N);
	CHECK(fc_survey_total(&s) == (double) repeated.n);
	for (int32_t i = 0; i < s.count; i++)
		sum += fc_survey_weight(&s, i);
	CHECK(sum == (double) repeated.n);
	free(bytes.p);
	free(c.low);
	free(other.low);
	free(place);
	free(rows.x);
	free(repeated.x);
}

/* A feature is described by the rows that have it; one that none has is 0 */
static void
test_gaps(void)
{
	double		x[] = {1, NAN, 5, NAN, 3, NAN, 2, NAN, NAN, NAN, NAN, -7};
	Rows		rows = {.x = x, .n = 4, .d = 3, .precision = FC_F32, .most = 5, .gaps = true, .isa = fc_best_isa()};
	FcColumns	c = columns_of(&rows);
	int64_t    *place = in_order(4);
	Bytes		bytes = survey(&rows, place, 0, 4);
	FcSurvey	s = read_survey(bytes);
	double		row[3];
	int			missing = 0;

	CHECK(c.n == 4);
	CHECK(c.low[0] == 1 && c.high[0] == 2 && c.mean[0] == 1.5);
	CHECK(c.squares[0] == 0.5 && c.weight[0] == 2);
	CHECK(c.low[1] == 3 && c.high[1] == 3 && c.mean[1] == 3 && c.squares[1] == 0);
	CHECK(c.low[2] == -7 && c.high[2] == 5 && c.mean[2] == -1);
	for (int32_t i = 0; i < s.count; i++)
	{
		CHECK_EQ(fc_survey_row(&s, i, row), 1);
		for (int j = 0; j < 3; j++)
			missing += isnan(row[j]);
	}
	CHECK_EQ(missing, 7);
	free(bytes.p);
	free(c.low);
	rows.n = 1;
	c = columns_of(&rows);
	CHECK(c.low[1] == 0 && c.high[1] == 0 && c.mean[1] == 0 && c.squares[1] == 0);
	free(c.low);
	free(place);
}

/* Values in the order of their bytes, shares of rows, indicators; what a sample has of them */
static void
test_categories(bool weighted)
{
	static const char *const text[] = {"b", "a", "b", "", "c"};
	double		weight[] = {2, 1, 2, 1, 4};
	Rows		rows = {.d = 2, .precision = FC_F64, .gaps = true, .values = 1, .weight = weighted ? weight : NULL};
	FcSurveyKind kind = kind_of(&rows);
	FcSurveyState *s = hostile_memory(fc_survey_state_size(&(FcSurveyKind) {0}, (FcSurveyRoom) {0}));
	FcColumns	c = {.low = calloc(5 * 5, sizeof(double))};
	double		total = weighted ? 10 : 5;
	int32_t		levels[2];
	FcCategories categories;
	FcSurvey	survey;
	Bytes		bytes;
	int			missing = 0;

	fc_survey_begin(s, 10, 1);
	s = grow(s, &rows, fc_survey_room(s, &kind, &no_hooks));
	fc_survey_set_category(s, 1);
	for (int i = 0; i < 6; i++)
	{
		double	   *x = fc_survey_next(s);

		x[0] = i;
		x[1] = i == 5 ? NAN : fc_survey_code(s, 1, text[i], strlen(text[i]));
		if (weighted)
			x[2] = i == 5 ? 3 : weight[i];
		fc_survey_add(s, 0, fc_best_isa());
	}
	bytes = finish(s, fc_best_isa());
	survey = read_survey(bytes);
	CHECK_EQ(fc_survey_features(&survey), 5);
	categories = fc_survey_categories(&survey, levels);
	CHECK(levels[0] == 0 && levels[1] == 4 && categories.length == 7 && memcmp(categories.values, "\0a\0b\0c", 7) == 0);
	c.high = c.low + 5;
	c.mean = c.high + 5;
	c.squares = c.mean + 5;
	c.weight = c.squares + 5;
	fc_survey_columns(&survey, &c);
	CHECK(c.high[0] == 5 && c.high[4] == 1 && c.low[4] == 0);
	CHECK_NEAR(c.mean[3], (weighted ? 4 : 2) / total, 1e-15);
	CHECK_NEAR(c.squares[3], total * c.mean[3] * (1 - c.mean[3]), 1e-15);
	CHECK_NEAR(c.weight[3], total, 1e-15);
	for (int32_t i = 0; i < survey.count; i++)
	{
		double		x[5];
		double		sum = 0;

		CHECK_EQ(fc_survey_row(&survey, i, x), 1);
		missing += isnan(x[1]) && isnan(x[4]);
		for (int code = 0; code < 4; code++)
			sum += x[1 + code];
		CHECK(x[0] == 5 ? isnan(sum) : sum == 1);
		CHECK(x[0] != 3 || x[1] == 1);
		CHECK(x[0] != 2 || x[3] == 1);
	}
	CHECK_EQ(missing, 1);
	free(bytes.p);
	free(c.low);
}

/* More values than a category may have, in one survey or in two that are merged, are refused */
static void
test_many_values(void)
{
	Rows		rows = {.d = 2, .precision = FC_F64, .values = 1};
	FcSurveyKind kind = kind_of(&rows);
	Bytes		half[2];
	FcSurvey	survey[2];
	void	   *merged;

	for (int h = 0; h < 2; h++)
	{
		FcSurveyState *s = hostile_memory(fc_survey_state_size(&(FcSurveyKind) {0}, (FcSurveyRoom) {0}));

		fc_survey_begin(s, 10, 1);
		s = grow(s, &rows, fc_survey_room(s, &kind, &no_hooks));
		fc_survey_set_category(s, 1);
		for (int i = 0; i <= FC_MAX_CATEGORY_VALUES; i++)
		{
			char		text[20];
			int32_t		code;

			snprintf(text, sizeof(text), "%d", i + h);
			while ((code = fc_survey_code(s, 1, text, strlen(text))) == FC_NO_ROOM_FOR_CODE)
				s = grow(s, &rows, fc_survey_word_room(s, strlen(text)));
			if (i == FC_MAX_CATEGORY_VALUES)
				CHECK_EQ(code, FC_TOO_MANY_CODES);
			else if (i % 100 == 0)
			{
				fc_survey_next(s)[0] = i;
				fc_survey_next(s)[1] = code;
				fc_survey_add(s, 0, fc_best_isa());
			}
		}
		half[h] = finish(s, fc_best_isa());
		survey[h] = read_survey(half[h]);
	}
	CHECK_EQ(fc_survey_conflict(&survey[0], &survey[1]), FC_SURVEYS_FIT);
	merged = hostile_memory(fc_survey_merged_size(&survey[0], &survey[1]));
	CHECK_EQ(fc_survey_merge(&survey[0], &survey[1], merged, &no_hooks), 0);
	free(merged);
	free(half[0].p);
	free(half[1].p);
}

/* w x and w x^2 of whole numbers, whose sums an integer holds; and of others, beyond what doubles have */
static void
test_weighted_digits(void)
{
	uint64_t	digits[3][FC_SQUARE_DIGITS] = {{0}};
	uint64_t	words[3][FC_SQUARE_DIGITS];
	__int128	weight = 0;
	__int128	sum = 0;
	__int128	squares = 0;
	FcRng		rng;

	fc_rng_start(&rng, 4, 4);
	for (int i = 0; i < 1000; i++)
	{
		int64_t		w = fc_rng_below(&rng, 1 << 20);
		int64_t		x = fc_rng_below(&rng, INT64_C(1) << 40) - (INT64_C(1) << 39);

		weight += w;
		sum += (__int128) w * x;
		squares += (__int128) w * x * x;
		fc_digits_add(digits[0], (double) w, FC_SQUARE_POINT);
		fc_digits_add_weighted(digits[1], (double) w, (double) x);
		fc_digits_add_weighted_square(digits[2], (double) w, (double) x);
	}
	for (int i = 0; i < 3; i++)
		(void) fc_digits_pack(digits[i], FC_SQUARE_DIGITS, words[i]);
	CHECK(fc_digits_weight(words[0]) == (double) weight);
	CHECK(fc_digits_weighted_mean(words[0], words[1]) == (double) sum / (double) weight);
	CHECK(fabs(fc_digits_weighted_spread(words[0], words[1], words[2]) /
			   (double) (squares - (__int128) ((long double) sum / (long double) weight * (long double) sum)) - 1) < 1e-9);

	/* one row has no spread, however large or small it is, and its mean is itself */
	for (int exponent = -1000; exponent <= 460; exponent += 73)
		for (int of_weight = -49; of_weight < 50; of_weight += 7)
		{
			double		w = ldexp(1 + fc_rng_uniform(&rng), of_weight);
			double		x = ldexp(-1 - fc_rng_uniform(&rng), exponent);

			memset(digits, 0, sizeof(digits));
			fc_digits_add(digits[0], w, FC_SQUARE_POINT);
			fc_digits_add_weighted(digits[1], w, x);
			fc_digits_add_weighted_square(digits[2], w, x);
			for (int i = 0; i < 3; i++)
				(void) fc_digits_pack(digits[i], FC_SQUARE_DIGITS, words[i]);
			CHECK(fc_digits_weight(words[0]) == w);
			CHECK(fabs(fc_digits_weighted_mean(words[0], words[1]) / x - 1) <= 2 * DBL_EPSILON);
			CHECK(fc_digits_weighted_spread(words[0], words[1], words[2]) == 0);
		}
}

/* The covariance of weighted pairs, far from zero, is that of the same pairs near it, times 2^-exponent */
static void
test_weighted_covariance(void)
{
	const double offset[] = {0, 0x1p40, -0x1p45};
	const int	power[] = {0, -500, 500};

	for (int o = 0; o < 3; o++)
		for (int p = 0; p < 3; p++)
		{
			uint64_t	digits[4][FC_SQUARE_DIGITS] = {{0}};
			uint64_t	words[4][FC_SQUARE_DIGITS];
			double		got;

			/* (1, 2), (2, 1) and, three times, (4, -1): means 3, 0; the covariance is (-4 - 1 - 3) / 5 = -8 / 5 */
			for (int i = 0; i < 3; i++)
			{
				double		w = i == 2 ? 3 : 1;
				double		x = ldexp((double[]) {1, 2, 4}[i] + offset[o], power[p]);
				double		y = ldexp((double[]) {2, 1, -1}[i] - offset[o], -power[p]);

				fc_digits_add(digits[0], w, FC_SQUARE_POINT);
				fc_digits_add_weighted(digits[1], w, x);
				fc_digits_add_weighted(digits[2], w, y);
				fc_digits_add_weighted_product(digits[3], w, x, y);
			}
			for (int i = 0; i < 4; i++)
				(void) fc_digits_pack(digits[i], FC_SQUARE_DIGITS, words[i]);
			got = fc_digits_weighted_covariance(words[0], words[1], words[2], words[3], 3);
			CHECK(fabs(got * 8 / -1.6 - 1) < 4 * DBL_EPSILON);
		}
}

/* One rounding only: digits that doubles would lose are there */
static void
test_cancellation(void)
{
	double		x[] = {1e140, 3, -1e140, 5e-324, -3, 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 2, 1e9 + 2};
	Rows		rows = {.x = x, .n = 5, .d = 1, .precision = FC_F64, .most = 5, .isa = fc_best_isa()};
	FcColumns	c = columns_of(&rows);

	CHECK(c.mean[0] == 5e-324 / 5);
	CHECK(c.low[0] == -1e140 && c.high[0] == 1e140);
	CHECK(fabs(c.squares[0] / (2 * (1e140 * 1e140)) - 1) < 2 * DBL_EPSILON);
	free(c.low);
	rows.x = x + 5;
	c = columns_of(&rows);
	CHECK(c.mean[0] == 1e9 + 2);
	CHECK(c.squares[0] == 2);
	free(c.low);
}

/* The sum and the spread of numbers, by digits alone */
static void
sum_of(const double *x, int n, double *sum, double *spread)
{
	uint64_t	digits[FC_SUM_DIGITS + FC_SQUARE_DIGITS] = {0};
	uint64_t	words[FC_SUM_DIGITS + FC_SQUARE_DIGITS];
	size_t		used;

	for (int i = 0; i < n; i++)
	{
		fc_digits_add(digits, x[i], FC_SUM_POINT);
		fc_digits_add_square(digits + FC_SUM_DIGITS, x[i]);
	}
	used = fc_digits_pack(digits, FC_SUM_DIGITS, words);
	CHECK_EQ(fc_digits_packed(words, used, FC_SUM_DIGITS), used);
	(void) fc_digits_pack(digits + FC_SUM_DIGITS, FC_SQUARE_DIGITS, words + used);
	*sum = fc_digits_sum(words);
	*spread = fc_digits_spread(words, words + used, n);
}

static void
test_digits(void)
{
	double		sum;
	double		spread;

	sum_of((double[]) {DBL_MAX, -DBL_MAX, 5e-324, -0.0}, 4, &sum, &spread);
	CHECK(sum == 5e-324);
	CHECK(isinf(spread));
	sum_of((double[]) {1, 0x1p-53}, 2, &sum, &spread);	/* ties go to even ... */
	CHECK(sum == 1);
	sum_of((double[]) {1, 0x1p-53, 0x1p-1074}, 3, &sum, &spread);	/* ... but for what is beyond */
	CHECK(sum == 1 + DBL_EPSILON);
	sum_of((double[]) {-1, -0x1p-53, -0x1p-1074}, 3, &sum, &spread);
	CHECK(sum == -1 - DBL_EPSILON);
	sum_of((double[]) {0x1p-500, -0x1p-500}, 2, &sum, &spread);
	CHECK(sum == 0);
	CHECK(spread == 0x1p-999);
	for (int i = 0; i < 1000; i++)
	{
		double	   *x = make_noise(1, 5, i);
		long double exact = 0;

		for (int j = 0; j < 5; j++)
			exact += x[j];
		sum_of(x, 5, &sum, &spread);
		CHECK_NEAR(sum, (double) exact, 1e-15);
		sum_of(x, 1, &sum, &spread);
		CHECK(sum == x[0] && spread == 0);
		free(x);
	}
}

/* Blocks are summed as numbers are one by one */
static void
check_block(const double *x, int64_t n, int32_t d, FcPrecision precision)
{
	Rows		rows = {.x = (double *) x, .n = n, .d = d, .precision = precision, .most = 1};
	double	   *column = calloc(n, sizeof(double));

	for (rows.isa = 0; rows.isa <= (int) fc_best_isa(); rows.isa++)
	{
		FcColumns	c = columns_of(&rows);

		for (int32_t j = 0; j < d; j++)
		{
			double		sum;
			double		spread;

			for (int64_t i = 0; i < n; i++)
				column[i] = x[i * d + j];
			sum_of(column, (int) n, &sum, &spread);
			CHECK(c.mean[j] == fmin(fmax(sum / (double) n, c.low[j]), c.high[j]));
			CHECK(c.squares[j] == spread);
		}
		free(c.low);
	}
	free(column);
}

/* Numbers 2^-wide to 1 times 2^exponent, with all bits or those of a float */
static void
test_levels(void)
{
	static const int widths[] = {0, 1, 8, 14, 20, 30, 37, 38, 39, 40, 44, 45, 46, 60, 92, 140};
	FcRng		rng;
	double		x[128 * 3];

	fc_rng_start(&rng, 1, 2);
	for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
		for (int exponent = -560; exponent <= 505; exponent += exponent < -380 || exponent >= 490 ? 5 : 174)
		{
			for (int i = 0; i < 128 * 3; i++)
				x[i] = ldexp(fc_rng_uniform(&rng) - 0.5, exponent - (int) fc_rng_below(&rng, widths[w] + 1));
			check_block(x, 128, 3, FC_F64);
			if (exponent > -30 && exponent < 30)
			{
				for (int i = 0; i < 128 * 3; i++)
					x[i] = (float) x[i];
				check_block(x, 128, 3, FC_F32);
			}
		}
}

/* The largest sums of a level: all numbers equal, and just below a power of two */
static void
test_full_levels(void)
{
	double		x[128];

	for (int i = 0; i < 128; i++)
		x[i] = 1 - DBL_EPSILON / 2;
	check_block(x, 128, 1, FC_F64);
	for (int i = 0; i < 128; i++)
		x[i] = -1;
	check_block(x, 128, 1, FC_F64);
	for (int i = 0; i < 128; i++)
		x[i] = (float) (1 - FLT_EPSILON / 2);
	check_block(x, 128, 1, FC_F32);
}

/* ---- the grid ---- */

static void
test_exponents(void)
{
	double		x[] = {0.75, -1, 0, 1e140, -0.25, 4, 0, -3};
	Rows		rows = {.x = x, .n = 2, .d = 4, .precision = FC_F64, .most = 2};
	int64_t		place[] = {0, 1};
	Bytes		bytes = survey(&rows, place, 0, 2);
	FcSurvey	s = read_survey(bytes);
	int32_t		e[4];
	double		shift[] = {0.25, 0, 0, 0};
	double		factor[] = {2, 0.5, 1, 1e-140};

	fc_survey_exponents(&s, NULL, NULL, e);
	CHECK_EQ(e[0], 0);
	CHECK_EQ(e[1], 3);			/* 4 is not below 2^2 */
	CHECK_EQ(e[2], 0);
	CHECK_EQ(e[3], 466);
	fc_survey_exponents(&s, shift, factor, e);
	CHECK_EQ(e[0], 1);
	CHECK_EQ(e[1], 2);
	CHECK_EQ(e[3], 1);
	free(bytes.p);

	/* rounding to single precision can reach the next power */
	x[0] = 1 - FLT_EPSILON / 2;
	x[4] = 0.5;
	rows.precision = FC_F32;
	rows.d = 1;
	bytes = survey(&rows, place, 0, 1);
	s = read_survey(bytes);
	shift[0] = 0;
	factor[0] = 1 + 0x1.8p-25;
	fc_survey_exponents(&s, shift, factor, e);
	CHECK_EQ(e[0], 1);
	free(bytes.p);
}

/* ---- forged bytes ---- */

/* Whatever is read can be used, and merged with itself to what can be read */
static void
use(Bytes bytes)
{
	FcSurvey	s;
	FcSurvey	merged;
	FcColumns	c;
	Bytes		both;
	int32_t		features;

	if (fc_survey_read(&s, bytes.p, bytes.length, &no_hooks) != FC_OK)
		return;
	features = fc_survey_features(&s);
	c.low = calloc(5 * features + 1, sizeof(double));
	c.high = c.low + features;
	c.mean = c.high + features;
	c.squares = c.mean + features;
	c.weight = c.squares + features;
	fc_survey_columns(&s, &c);
	for (int32_t j = 0; j < features; j++)
		CHECK(c.squares[j] >= 0 && c.mean[j] >= c.low[j] && c.mean[j] <= c.high[j]);
	if (fc_survey_conflict(&s, &s) == FC_SURVEYS_FIT)
	{
		both.p = hostile_memory(fc_survey_merged_size(&s, &s));
		both.length = fc_survey_merge(&s, &s, both.p, &no_hooks);
		CHECK_EQ(fc_survey_read(&merged, both.p, both.length, &no_hooks), FC_OK);
		free(both.p);
	}
	free(c.low);
}

static void
test_forged_bytes(void)
{
	int			refused = 0;

	for (int kind = 0; kind < 16; kind++)
	{
		uint64_t	key[40];
		int			precision = kind & 9 ? FC_F64 : FC_F32;
		Rows		rows = {.n = 40, .d = 3, .precision = precision, .most = 8, .seed = 5, .isa = fc_best_isa(), .gaps = kind & 2, .values = kind & 8};
		double	   *weight = any_weights(rows.n, 3);
		int64_t    *place = in_order(rows.n);
		FcSurvey	s;
		Bytes		bytes;
		FcRng		rng;

		for (int i = 0; i < 40; i++)
			key[i] = i;
		rows.key = kind == 0 ? key : NULL;
		rows.weight = kind & 4 ? weight : NULL;
		rows.x = repeated_rows(rows.n, rows.d, 20, precision);
		if (rows.gaps)
			make_gaps(rows.x, rows.n, rows.d, false);
		bytes = survey(&rows, place, 0, rows.n);
		for (size_t length = 0; length < bytes.length; length++)
		{
			Bytes		part = {hostile_memory(length), length};

			memcpy(part.p, bytes.p, length);
			CHECK(fc_survey_read(&s, part.p, length, &no_hooks) != FC_OK);
			free(part.p);
		}
		fc_rng_start(&rng, 4, kind);
		for (int i = 0; i < 5000; i++)
		{
			Bytes		forged = {hostile_memory(bytes.length), bytes.length};

			memcpy(forged.p, bytes.p, bytes.length);
			for (int changes = 1 + (int) fc_rng_below(&rng, 3); changes > 0; changes--)
				((unsigned char *) forged.p)[fc_rng_below(&rng, bytes.length)] ^= 1 << fc_rng_below(&rng, 8);
			refused += fc_survey_read(&s, forged.p, forged.length, &no_hooks) != FC_OK;
			use(forged);
			free(forged.p);
		}
		free(bytes.p);
		free(place);
		free(rows.x);
		free(weight);
	}
	CHECK(refused > 20000);
}

static void
test_forged_states(int kind)
{
	Rows		rows = {.n = 150, .d = 3, .precision = FC_F64, .most = 8, .seed = 5, .isa = fc_best_isa(), .gaps = kind & 1, .values = kind & 4};
	double	   *weight = any_weights(rows.n, 5);
	int64_t    *place = in_order(rows.n);
	FcSurveyState *s;
	size_t		size;
	FcRng		rng;

	rows.weight = kind & 2 ? weight : NULL;
	rows.x = repeated_rows(rows.n, rows.d, 20, FC_F64);
	if (rows.gaps)
		make_gaps(rows.x, rows.n, rows.d, false);
	s = gather(&rows, place, 0, rows.n);
	size = fc_survey_state_size(&s->kind, s->room);
	CHECK(fc_survey_state_holds(s, size));
	CHECK(!fc_survey_state_holds(s, size - 1));
	fc_rng_start(&rng, 4, kind);
	for (int i = 0; i < 8000; i++)
	{
		FcSurveyState *forged = hostile_memory(size);
		size_t		within = i % 2 ? size : sizeof(FcSurveyState);

		memcpy(forged, s, size);
		for (int changes = 1 + (int) fc_rng_below(&rng, 3); changes > 0; changes--)
			((unsigned char *) forged)[fc_rng_below(&rng, within)] ^= 1 << fc_rng_below(&rng, 8);
		if (fc_survey_state_holds(forged, size))
		{
			Bytes		bytes = finish(forged, rows.isa);

			use(bytes);
			free(bytes.p);
		}
		else
			free(forged);
	}
	free(s);
	free(place);
	free(rows.x);
	free(weight);
}

int
main(void)
{
	test_digits();
	test_weighted_digits();
	test_repeated(false);
	test_repeated(true);
	test_gaps();
	test_invariance_of_others();
	test_invariance_of_categories();
	test_categories(false);
	test_categories(true);
	test_many_values();
	test_levels();
	test_full_levels();
	test_against_integers();
	test_weighted_covariance();
	test_cancellation();
	test_precisions();
	test_empty();
	test_conflicts();
	test_sample();
	test_seeds();
	test_keys();
	test_exponents();
	test_invariance();
	test_invariance_of_extremes();
	test_wide();
	test_forged_bytes();
	for (int kind = 0; kind < 8; kind++)
		test_forged_states(kind);
	return check_report("survey");
}

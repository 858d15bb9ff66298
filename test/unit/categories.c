/*
 * categories.c - columns and their features, dictionaries of values, and both in the bytes of a model
 */
#include "mixed.h"

#include "core/match.h"
#include "core/step.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

static const int32_t levels[] = {0, 3, 0, 2, 1};
static const char values[] = "\0a\0ab\0" "\xC3\xB6\0\xE2\x82\xAC\0" "only\0";
static const int	starts[] = {0, 1, 4, 5, 7};

enum {COLUMNS = 5, FEATURES = 8};

static FcModel
model_of(const FcCategories *c)
{
	FcModel		m;

	fc_model_begin(&m, fc_find_algorithm("kmeans"), 2, (int32_t) fc_count_features(c));
	m.categories = *c;
	return m;
}

static FcCategories
usual(void)
{
	return CATEGORIES(COLUMNS, levels, values);
}

/* ---- columns and features ---- */

static void
test_columns(void)
{
	FcCategories c = usual();
	FcModel		m = model_of(&c);
	double		share[FEATURES];
	float		narrow[FEATURES];
	int			column = 0;

	CHECK_EQ(fc_count_features(&c), FEATURES);
	CHECK_EQ(fc_count_values(&c), 6);
	CHECK(fc_has_categories(&m) && fc_is_scaled(&m));
	CHECK_EQ(fc_model_columns(&m), COLUMNS);
	m.names = "x\0\0y\0z\0w";
	fc_feature_shares(&m, FC_F64, share);
	fc_feature_shares(&m, FC_F32, narrow);
	for (FcField at = fc_fields(&m); fc_next_field(&at); column++)
	{
		CHECK_EQ(at.column, column);
		CHECK_EQ(at.first, starts[column]);
		CHECK_EQ(fc_first_feature(&c, column), starts[column]);
		CHECK_EQ(at.features, levels[column] > 0 ? levels[column] : 1);
		CHECK((at.values != NULL) == (levels[column] > 0));
		CHECK(strcmp(at.name, (const char *[]) {"x", "", "y", "z", "w"}[column]) == 0);
		for (int32_t j = at.first; j < at.first + at.features; j++)
		{
			CHECK_EQ(fc_column_of_feature(&c, j), column);
			CHECK(share[j] == 1.0 / at.features && fc_feature_share(&m, j) == share[j] && narrow[j] == (float) share[j]);
		}
		if (column == 3)
			CHECK(strcmp(at.values, "\xC3\xB6") == 0 && strcmp(fc_nth_value(at.values, 1), "\xE2\x82\xAC") == 0);
		if (column == 4)
			CHECK(strcmp(at.values, "only") == 0);
	}
	CHECK_EQ(column, COLUMNS);
	CHECK_EQ(fc_likeliest_value((const double[]) {0.1, 0.45, 0.45}, 3), 1);
	CHECK_EQ(fc_likeliest_value((const double[]) {1}, 1), 0);
}

/* Without categories each feature is a column */
static void
test_numbers(void)
{
	FcModel		m;
	int			column = 0;

	fc_model_begin(&m, fc_find_algorithm("fcm"), 2, 3);
	CHECK(!fc_has_categories(&m) && !fc_is_scaled(&m));
	CHECK_EQ(fc_model_columns(&m), 3);
	CHECK_EQ(fc_first_feature(&m.categories, 2), 2);
	CHECK_EQ(fc_column_of_feature(&m.categories, 2), 2);
	CHECK(fc_feature_share(&m, 1) == 1);
	for (FcField at = fc_fields(&m); fc_next_field(&at); column++)
		CHECK(at.column == column && at.first == column && at.features == 1 && at.values == NULL && at.name == NULL);
	CHECK_EQ(column, 3);
}

/* ---- dictionaries ---- */

/* Different texts, many of which begin like others; some are not ASCII */
static void
make_value(int number, char *text)
{
	static const char *const digits[] = {"a", "A", "ab", "\xC3\xB6", "0", "\xE2\x82\xAC", "\xF0\x9F\x90\x98", " "};
	int			length = 0;

	for (*text = '\0'; number > 0; number /= 8)
	{
		strcpy(text + length, digits[number % 8]);
		length += (int) strlen(digits[number % 8]);
	}
}

static int
greatest_divisor(int a, int b)
{
	return b == 0 ? a : greatest_divisor(b, a % b);
}

/* A dictionary on the heap, in any order */
typedef struct Dictionary
{
	FcCategories c;
	int32_t    *levels;
	char	   *values;
} Dictionary;

enum {MOST = 200, ROOM = 64};

/* Each of the numbers below "universe" with this chance, in each of two columns, between numbers */
static Dictionary
make_dictionary(FcRng *rng, int universe, double chance)
{
	Dictionary	d = {.levels = calloc(4, sizeof(int32_t)), .values = malloc(2 * MOST * ROOM)};
	int32_t		length = 0;

	for (int column = 1; column < 4; column += 2)
	{
		int			stride = 7 + 2 * (int) fc_rng_below(rng, 20);

		while (greatest_divisor(stride, universe) > 1)
			stride += 2;
		for (int i = 0; i < universe; i++)
			if (fc_rng_uniform(rng) < chance || (i == universe - 1 && d.levels[column] == 0))
			{
				make_value(i * stride % universe, d.values + length);
				length += (int32_t) strlen(d.values + length) + 1;
				d.levels[column]++;
			}
	}
	d.c = (FcCategories) {4, d.levels, d.values, length};
	return d;
}

static void
end_dictionary(Dictionary *d)
{
	free(d->levels);
	free(d->values);
}

/* Whose values are sorted; place (2 * MOST) */
static void
sort_dictionary(Dictionary *d, int32_t *place)
{
	const char *work[2 * MOST];
	char	   *sorted = malloc(d->c.length);

	d->c = fc_sort_categories(&d->c, sorted, place, work);
	free(d->values);
	d->values = sorted;
}

/* Value "code" of a column */
static const char *
value_of(const FcCategories *c, int column, int32_t code)
{
	const char *value = c->values;

	for (int before = 0; before < column; before++)
		value = fc_nth_value(value, c->levels[before]);
	return fc_nth_value(value, code);
}

static void
test_sort(void)
{
	FcRng		rng;

	fc_rng_start(&rng, 5, 0);
	for (int universe = 1; universe <= MOST; universe += universe < 5 ? 1 : 64)
		for (int trial = 0; trial < 4; trial++)
		{
			Dictionary	found = make_dictionary(&rng, universe, 0.6);
			Dictionary	sorted = {.c = found.c, .levels = found.levels, .values = malloc(found.c.length)};
			int32_t		place[2 * MOST];
			int			at = 0;
			int			wrong = 0;

			memcpy(sorted.values, found.values, found.c.length);
			sort_dictionary(&sorted, place);
			CHECK(fc_categories_are_valid(&sorted.c));
			for (int column = 0; column < 4; column++)
				for (int32_t code = 0; code < found.levels[column]; code++, at++)
					wrong += strcmp(value_of(&found.c, column, code), value_of(&sorted.c, column, place[at])) != 0;
			CHECK_EQ(wrong, 0);
			free(sorted.values);
			end_dictionary(&found);
		}
}

static void
test_find(void)
{
	FcArena		arena = {0};
	FcValueIndex index;
	FcCategories c = usual();
	double		x[FEATURES] = {9, 9, 9, 9, 9, 9, 9, 9};

	fc_value_index_layout(&arena, &index, &c);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_value_index_layout(&arena, &index, &c);
	fc_value_index_begin(&index);
	CHECK_EQ(fc_find_value(&index, 1, "", 0), 0);
	CHECK_EQ(fc_find_value(&index, 1, "ab", 0), 0);
	CHECK_EQ(fc_find_value(&index, 1, "abc", 1), 1);
	CHECK_EQ(fc_find_value(&index, 1, "abc", 2), 2);
	CHECK_EQ(fc_find_value(&index, 1, "abc", 3), -1);
	CHECK_EQ(fc_find_value(&index, 1, "A", 1), -1);
	CHECK_EQ(fc_find_value(&index, 1, "b", 1), -1);
	CHECK_EQ(fc_find_value(&index, 3, "\xE2\x82\xAC", 3), 1);
	CHECK_EQ(fc_find_value(&index, 3, "\xE2\x82\xAC", 2), -1);
	CHECK_EQ(fc_find_value(&index, 4, "only", 4), 0);
	CHECK_EQ(fc_find_value(&index, 4, "", 0), -1);

	fc_set_indicators(&index, 1, 2, x);
	CHECK(x[0] == 9 && x[1] == 0 && x[2] == 0 && x[3] == 1 && x[4] == 9);
	fc_set_indicators(&index, 3, -1, x);
	CHECK(x[4] == 9 && isnan(x[5]) && isnan(x[6]) && x[7] == 9);
	free(arena.base);
}

/* Each value of each dictionary is among the merged ones, where it is said to be; and these are no more */
static void
check_merged(const FcCategories *merged, const FcCategories *a, const int32_t *from_a, const FcCategories *b, const int32_t *from_b)
{
	int			wrong = 0;
	bool		met[4][2 * MOST] = {{false}};
	int			count = 0;

	for (int side = 0; side < 2; side++)
	{
		const FcCategories *c = side ? b : a;
		const int32_t *from = side ? from_b : from_a;

		for (int column = 0; column < 4; column++)
			for (int32_t code = 0; code < c->levels[column]; code++, from++)
			{
				wrong += strcmp(value_of(c, column, code), value_of(merged, column, *from)) != 0;
				count += !met[column][*from];
				met[column][*from] = true;
			}
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(count, fc_count_values(merged));
	CHECK(fc_categories_are_valid(merged));
}

/* The same in either order, and merged in any order */
static void
test_merge(void)
{
	FcRng		rng;

	fc_rng_start(&rng, 6, 0);
	for (int trial = 0; trial < 20; trial++)
	{
		Dictionary	d[3];
		FcCategories merged[4];
		int32_t		merged_levels[4][4];
		char	   *merged_values[4];
		int32_t		place[2 * MOST];
		int32_t		from[2][2 * MOST];

		for (int i = 0; i < 3; i++)
		{
			d[i] = make_dictionary(&rng, 1 + trial * 10, 0.1 + 0.2 * i);
			sort_dictionary(&d[i], place);
		}
		for (int i = 0; i < 4; i++)
			merged_values[i] = malloc(6 * MOST * ROOM);
		CHECK_EQ(fc_merge_categories(&d[0].c, &d[1].c, merged_levels[0], merged_values[0], from[0], from[1], &merged[0]), FC_OK);
		check_merged(&merged[0], &d[0].c, from[0], &d[1].c, from[1]);
		CHECK_EQ(fc_merge_categories(&merged[0], &d[2].c, merged_levels[1], merged_values[1], NULL, NULL, &merged[1]), FC_OK);
		CHECK_EQ(fc_merge_categories(&d[2].c, &d[1].c, merged_levels[2], merged_values[2], NULL, NULL, &merged[2]), FC_OK);
		CHECK_EQ(fc_merge_categories(&merged[2], &d[0].c, merged_levels[3], merged_values[3], NULL, NULL, &merged[3]), FC_OK);
		CHECK(fc_same_categories(&merged[1], &merged[3]));
		CHECK(trial < 3 || !fc_same_categories(&merged[0], &merged[3]));
		for (int i = 0; i < 4; i++)
			free(merged_values[i]);
		for (int i = 0; i < 3; i++)
			end_dictionary(&d[i]);
	}
}

/* A category of values "from" to "to" - 1, four digits each */
static FcCategories
numbered(int from, int to, int32_t *level, char *text)
{
	*level = to - from;
	for (int i = from; i < to; i++, text += 5)
	{
		for (int digit = 3, left = i; digit >= 0; digit--, left /= 10)
			text[digit] = (char) ('0' + left % 10);
		text[4] = '\0';
	}
	text -= 5 * (to - from);
	return (FcCategories) {1, level, text, (to - from) * 5};
}

static void
test_merge_limits(void)
{
	static char text[3][5 * FC_MAX_CATEGORY_VALUES + 5];
	static char merged_values[10 * FC_MAX_CATEGORY_VALUES];
	int32_t		level[3];
	int32_t		merged_levels[COLUMNS];
	static const int32_t other_kinds[] = {2, 0, 0, 2, 1};
	FcCategories a = numbered(0, 600, &level[0], text[0]);
	FcCategories b = numbered(400, 1000, &level[1], text[1]);
	FcCategories over = numbered(500, 1001, &level[2], text[2]);
	FcCategories merged;
	FcCategories c = usual();
	FcCategories kinds = CATEGORIES(COLUMNS, other_kinds, "a\0b\0c\0d\0e\0");

	CHECK_EQ(fc_merge_categories(&a, &b, merged_levels, merged_values, NULL, NULL, &merged), FC_OK);
	CHECK_EQ(merged.levels[0], 1000);
	CHECK(fc_categories_are_valid(&merged));
	CHECK_EQ(fc_merge_categories(&a, &over, merged_levels, merged_values, NULL, NULL, &merged), FC_TOO_MANY_VALUES);
	CHECK_EQ(fc_merge_categories(&a, &c, merged_levels, merged_values, NULL, NULL, &merged), FC_OTHER_CATEGORIES);
	CHECK_EQ(fc_merge_categories(&c, &kinds, merged_levels, merged_values, NULL, NULL, &merged), FC_OTHER_CATEGORIES);
}

static void
test_map(void)
{
	static const int32_t few_levels[] = {0, 2, 0, 1, 2};
	static const int32_t wanted[] = {0, -1, 2, 4, 5, -1, 7};
	static const int32_t back[] = {0, -1, 2, -1, 3, 4, -1, 6};
	static const int32_t kinds[] = {0, 2, 1, 1, 2};
	FcCategories c = usual();
	FcCategories few = CATEGORIES(5, few_levels, "A\0a\0\xC3\xB6\0never\0only\0");
	FcCategories other = CATEGORIES(5, kinds, "A\0a\0x\0\xC3\xB6\0never\0only\0");
	FcModel		from = model_of(&c);
	FcModel		to = model_of(&few);
	FcModel		wrong = model_of(&other);
	FcModel		numbers;
	int32_t		map[FEATURES];

	CHECK(fc_map_features(&from, &to, map));
	CHECK(memcmp(map, wanted, sizeof(wanted)) == 0);
	CHECK(fc_map_features(&to, &from, map));
	CHECK(memcmp(map, back, sizeof(back)) == 0);
	CHECK(fc_map_features(&from, &from, map));
	for (int j = 0; j < FEATURES; j++)
		CHECK_EQ(map[j], j);
	CHECK(!fc_map_features(&from, &wrong, map));
	fc_model_begin(&numbers, from.algo, 2, 5);
	CHECK(!fc_map_features(&from, &numbers, map));
	numbers.d = FEATURES;
	CHECK(!fc_map_features(&from, &numbers, map));
	CHECK(fc_map_features(&numbers, &numbers, map) && map[7] == 7);
}

/* Clusters are found again by their centers, whose categories have other values by now */
static void
test_match(void)
{
	static const int32_t old_levels[] = {0, 2};
	static const int32_t new_levels[] = {0, 3};
	FcCategories before = CATEGORIES(2, old_levels, "left\0right\0");
	FcCategories after = CATEGORIES(2, new_levels, "above\0left\0right\0");
	double		old_centers[] = {1, 0.9, 0.1, 1, 0.1, 0.9};
	double		new_centers[] = {1, 0.2, 0.1, 0.7, 1, 0.1, 0.8, 0.1};
	FcModel		old = model_of(&before);
	FcModel		new = model_of(&after);
	FcArena		arena = {0};
	FcMatching	s;

	old.centers = old_centers;
	new.centers = new_centers;
	fc_match_layout(&arena, &s, &old, &new);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_match_layout(&arena, &s, &old, &new);
	fc_match_begin(&s);
	fc_match_finish(&s, NULL, NULL);
	CHECK(s.match[0] == 1 && s.match[1] == 0);
	CHECK(s.place[0] == 1 && s.place[1] == 0);
	CHECK_NEAR(s.centers[0], 1, 0);
	CHECK_NEAR(s.centers[1], 0.1, 0);
	CHECK_NEAR(s.centers[2], 0.7, 0);
	free(arena.base);
}

static bool
valid(int32_t columns, const int32_t *of, const char *text, int32_t length)
{
	char	   *exact = malloc(length > 0 ? length : 1);	/* nothing is read behind the end, where ASan watches */
	FcCategories c = {columns, of, exact, length};
	bool		result;

	memcpy(exact, text, length);
	result = fc_categories_are_valid(&c);
	free(exact);
	return result;
}

#define VALID(of, text)	valid(COUNT(of), of, text, sizeof(text) - 1)

static void
test_validity(void)
{
	static const int32_t one[] = {1};
	static const int32_t two[] = {0, 2};
	static const int32_t none[] = {0, 0};
	static const int32_t negative[] = {2, -1};
	static const int32_t pair[] = {1, 1};
	static const int32_t huge[] = {INT32_MAX, INT32_MAX, 2};
	static char text[5 * FC_MAX_CATEGORY_VALUES + 5];
	static int32_t wide[FC_MAX_COLUMNS];
	int32_t		level;
	FcCategories c = numbered(0, FC_MAX_CATEGORY_VALUES, &level, text);

	CHECK(VALID(one, "\0"));
	CHECK(VALID(two, "a\0b\0"));
	CHECK(VALID(pair, "b\0a\0"));
	CHECK(!VALID(two, "b\0a\0"));
	CHECK(!VALID(two, "a\0a\0"));
	CHECK(!VALID(two, "a\0b\0c\0"));
	CHECK(!VALID(two, "a\0bb"));
	CHECK(!VALID(two, "ab\0"));
	CHECK(!VALID(one, ""));
	CHECK(!VALID(one, "\xFF\0"));
	CHECK(!VALID(none, "\0"));
	CHECK(!VALID(none, ""));
	CHECK(!VALID(negative, "a\0"));
	CHECK(!VALID(huge, "a\0"));
	CHECK(!valid(0, one, "\0", 1));
	CHECK(fc_categories_are_valid(&c));
	c = numbered(0, FC_MAX_CATEGORY_VALUES + 1, &level, text);
	CHECK(!fc_categories_are_valid(&c));
	/* as many features as there may be, and one more */
	wide[0] = 2;
	CHECK(valid(FC_MAX_COLUMNS - 1, wide, "a\0b\0", 4));
	CHECK(!valid(FC_MAX_COLUMNS, wide, "a\0b\0", 4));
}

/* ---- in the bytes of a model ---- */

/* A model of few rows, trained with the memory of t */
static void
train_model(Training *t, FcCategories *c, const char *names, int32_t names_length)
{
	static double x[4 * FEATURES];

	for (int i = 0; i < 4 * FEATURES; i++)
		x[i] = (i * 7 % 13) / 4.0;
	training_begin(t, fc_find_algorithm("kmeans"), 2, FC_F64, x, 4, (int32_t) fc_count_features(c));
	t->model.categories = *c;
	t->model.names = names;
	t->model.names_length = names_length;
	CHECK_EQ(training_run(t), FC_OK);
}

static void
test_bytes(void)
{
	static const char names[] = "x\0\0y\0z\0w";

	for (int named = 0; named < 2; named++)
	{
		FcCategories c = usual();
		Training	t;
		FcModel		back;
		size_t		length;
		char	   *bytes;

		train_model(&t, &c, named ? names : NULL, named ? sizeof(names) : 0);
		bytes = model_bytes(&t.model, &length);
		CHECK_EQ(fc_model_format(&t.model), 3);
		CHECK_EQ(length % 8, 0);
		CHECK_EQ(fc_model_read(&back, bytes, length), FC_OK);
		CHECK(fc_same_categories(&back.categories, &c));
		CHECK(!named || memcmp(back.names, names, sizeof(names)) == 0);
		CHECK((back.names != NULL) == named && back.shift != NULL);
		CHECK(same_model(&back, &t.model));
		free(bytes);
		training_end(&t);
	}
}

static void
test_section(void)
{
	FcCategories c = usual();
	FcModel		m = model_of(&c);
	FcModel		back = m;
	size_t		size = fc_categories_size(&m);
	char	   *bytes = hostile_memory(size);
	int			wrong = 0;

	fc_categories_write(&m, bytes);
	CHECK_EQ(size, 8 + 24 + 24);
	CHECK_EQ(fc_categories_read(&back, bytes, size), size);
	for (size_t cut = 0; cut < size; cut++)
		wrong += fc_categories_read(&back, bytes, cut) != 0;
	CHECK_EQ(wrong, 0);
	/* no padding may be used */
	for (size_t at = 0; at < size; at++)
	{
		bool		padding = (at >= 28 && at < 32) || at >= 32 + sizeof(values) - 1;

		bytes[at] ^= 1;
		wrong += padding && fc_categories_read(&back, bytes, size) != 0;
		bytes[at] ^= 1;
	}
	CHECK_EQ(wrong, 0);
	back.d = FEATURES + 1;
	CHECK_EQ(fc_categories_read(&back, bytes, size), 0);
	free(bytes);
}

/* A step model says how rows are to be read, like its model */
static void
test_step(void)
{
	FcCategories c = usual();
	Training	t;
	FcStep		step;
	size_t		size;
	char	   *bytes;

	train_model(&t, &c, NULL, 0);
	size = fc_step_size(&t.model, NULL);
	bytes = hostile_memory(size);
	fc_step_write(&t.model, NULL, &(FcHooks) {0}, bytes);
	CHECK_EQ(fc_step_open(&step, bytes, size), FC_OK);
	CHECK(fc_same_categories(&step.model.categories, &c));
	free(bytes);
	training_end(&t);
}

int
main(void)
{
	test_columns();
	test_numbers();
	test_sort();
	test_find();
	test_merge();
	test_merge_limits();
	test_map();
	test_match();
	test_validity();
	test_bytes();
	test_section();
	test_step();
	return check_report("categories");
}

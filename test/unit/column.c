/*
 * column.c - per-row data of a training: the same from memory and from a file
 */
#include "deep_images.h"
#include "spill.h"

/* ---- portions ---- */

static void
count_portion(void *arg)
{
	++*(int *) arg;
}

/* Portions follow each other from 0 to n, all as large as may be but the last, and each has a check */
static void
test_portions(int64_t n, int64_t most)
{
	int			checks = 0;
	FcHooks		hooks = {.check = count_portion, .arg = &checks};
	int64_t		end = 0;
	int			portions = 0;

	for (FcPortion p = fc_portions(&hooks, n, most); fc_next_portion(&p);)
	{
		CHECK_EQ(p.first, end);
		CHECK(p.rows > 0 && p.rows <= most);
		CHECK(p.rows == most || p.first + p.rows == n);
		end += p.rows;
		portions++;
	}
	CHECK_EQ(end, n);
	CHECK_EQ(portions, (n + most - 1) / most);
	CHECK_EQ(checks, portions);
}

/* ---- columns ---- */

/* Rows written in pieces, read in others, taken, swapped and copied, in memory and in a file */
static void
test_rows(size_t room, bool in_memory)
{
	enum {ROWS = 100, MOST = 16};
	File		file = {NULL, 0, 0, 0};
	FcSpill		spill = spill_to(&file, room);
	FcColumn	c[2];
	FcArena		arena = {0};
	int32_t		list[] = {99, 0, 50, 99};
	int32_t		got[4][2];
	int			wrong = 0;

	for (int pass = 0; pass < 2; pass++)
	{
		FcColumnSpace space = fc_column_space(&spill);

		arena.used = 0;
		for (int i = 0; i < 2; i++)
			fc_column_layout(&arena, &c[i], &space, ROWS, 2 * sizeof(int32_t), MOST);
		if (pass == 0)
			arena.base = hostile_memory(arena.used);
	}
	CHECK_EQ(c[1].place < 0, in_memory);
	CHECK_EQ(c[1].most, in_memory ? ROWS : MOST);
	for (int first = 0; first < ROWS; first += MOST)
	{
		int			count = ROWS - first < MOST ? ROWS - first : MOST;
		int32_t    *x = fc_column_place(&c[0], first, count);

		for (int i = 0; i < 2 * count; i++)
			x[i] = 2 * first + i;
		fc_column_write(&c[0], first, count);
	}
	fc_column_copy(&c[1], &c[0]);
	fc_column_swap(&c[1], 3, 97);
	fc_column_swap(&c[1], 5, 5);
	for (int i = 0; i < ROWS; i++)
	{
		const int32_t *x = fc_column_read(&c[1], i, 1);
		int			expected = i == 3 ? 97 : i == 97 ? 3 : i;

		wrong += x[0] != 2 * expected || x[1] != 2 * expected + 1;
	}
	CHECK_EQ(wrong, 0);
	fc_column_take(&c[0], list, 4, got);
	for (int i = 0; i < 4; i++)
		CHECK(got[i][0] == 2 * list[i] && got[i][1] == 2 * list[i] + 1);
	CHECK_EQ(file.writes > 0, room == 0 || !in_memory);
	free(arena.base);
	file_end(&file);
}

/* ---- trainings ---- */

/* Options that use per-row data, alternating with their values */
typedef struct Case
{
	const char *name;
	const char *options[7];
	double		values[7];
} Case;

static const Case cases[] = {
	{"autoencoder", {"start"}, {FC_START_KMEANS}},
	{"autoencoder", {"start"}, {FC_START_GRAPH}},
	{"dec", {"start", "refine", "refine_epochs"}, {FC_START_KMEANS, FC_SELFLABEL, 4}},
	{"idec", {"smoothing", "refine", "refine_head", "refine_epochs"}, {2, FC_SELFLABEL, FC_HEAD_OWN, 4}},
	{"dfmec", {"epochs", "label_tolerance"}, {3, 0}},
	{"edcwrn", {"neighbors", "epochs", "label_tolerance", "refine", "refine_epochs"}, {2, 3, 0, FC_SELFLABEL, 4}},
};

/* n rows of two features about four places, for a small net */
static void
begin_case(Training *t, const Case *c, const double *x, int64_t n)
{
	static const double narrow[] = {4};

	training_begin(t, fc_find_algorithm(c->name), 4, FC_F32, x, n, 2);
	t->fit.list[0] = narrow;
	*own_option(&t->model, "hidden") = 1;
	*own_option(&t->model, "latent") = 2;
	*own_option(&t->model, "batch_size") = n / 10;
	*own_option(&t->model, "pretrain_epochs") = 3;
	for (int i = 0; i < 7 && c->options[i]; i++)
		*own_option(&t->model, c->options[i]) = c->values[i];
}

typedef struct State
{
	int			after;			/* epochs */
	char	   *bytes;
	size_t		length;
} State;

static void
take_state(FcFit *f, void *work)
{
	State	   *s = f->resume.arg;

	if (f->model->iterations != s->after)
		return;
	s->length = fc_deep_state_size(work);
	s->bytes = malloc(s->length);
	fc_deep_save(work, s->bytes);
}

/* The same model, whatever room there is; and going on from a state that was taken with another */
static void
test_training(const Case *c, int64_t n)
{
	static const size_t rooms[] = {0, 9000, 40000};
	double	   *x = make_blobs(n, 2, 4, 3);
	Training	whole;
	State		state = {.after = 5};

	begin_case(&whole, c, x, n);
	run(&whole);
	for (int i = 0; i < 4; i++)
	{
		Training	t;
		File		file = {NULL, 0, 0, 0};

		begin_case(&t, c, x, n);
		t.fit.memory.spill = spill_to(&file, rooms[i % 3]);
		if (i == 1)
		{
			t.fit.resume.epoch = take_state;
			t.fit.resume.arg = &state;
		}
		t.fit.resume.state = i == 3 ? state.bytes : NULL;
		t.fit.resume.length = i == 3 ? state.length : 0;
		run(&t);
		CHECK(same_model(&t.model, &whole.model));
		CHECK(i > 0 || file.writes > 0);
		training_end(&t);
		file_end(&file);
	}
	free(state.bytes);
	training_end(&whole);
	free(x);
}

/* A head on embeddings, likewise; it has no state */
static void
test_head(void)
{
	static const size_t rooms[] = {0, 9000, 40000, SIZE_MAX};
	double	   *x = make_blobs(1500, 3, 4, 3);
	Training	t[4];

	for (int i = 0; i < 4; i++)
	{
		File		file = {NULL, 0, 0, 0};

		training_begin(&t[i], fc_find_algorithm("head"), 4, FC_F32, x, 1500, 3);
		t[i].fit.memory.spill = spill_to(&file, rooms[i]);
		run(&t[i]);
		CHECK_EQ(file.writes > 0, i < 3);
		file_end(&file);
	}
	for (int i = 0; i < 3; i++)
		CHECK(same_model(&t[i].model, &t[3].model));
	for (int i = 0; i < 4; i++)
		training_end(&t[i]);
	free(x);
}

/* There is a check for each row of a head's batch, and for its neighbour, however large batches are */
static void
test_head_checks(void)
{
	enum {ROWS = 1000, EPOCHS = 20};
	double	   *x = make_blobs(ROWS, 5, 3, 3);
	int			checks = 0;
	Training	t;

	training_begin(&t, fc_find_algorithm("head"), 3, FC_F32, x, ROWS, 5);
	*own_option(&t.model, "heads") = 1;
	*own_option(&t.model, "epochs") = EPOCHS;
	*own_option(&t.model, "batch_size") = ROWS;
	t.fit.hooks = (FcHooks) {.check = count_portion, .arg = &checks};
	run(&t);
	CHECK(checks > EPOCHS * 2 * ROWS);
	training_end(&t);
	free(x);
}

static void
keep_work(FcFit *f, void *work)
{
	*(FcDeep **) f->resume.arg = work;
}

/* Of more rows than are in the graph a random sample is: the model keeps its codes, each with the label of its row */
static void
test_sample(void)
{
	enum {ROWS = 10300};
	double	   *x = make_blobs(ROWS, 2, 4, 3);
	bool	   *met = calloc(ROWS, sizeof(bool));
	FcDeep	   *work = NULL;
	Training	t;
	int			wrong = 0;

	begin_case(&t, &cases[1], x, ROWS);
	t.fit.resume.epoch = keep_work;
	t.fit.resume.arg = &work;
	run(&t);
	CHECK_EQ(FC_DEEP_CODES(&t.model).rows, 10000);
	for (int i = 0; i < FC_DEEP_CODES(&t.model).rows; i++)
	{
		int32_t		row = *(const int32_t *) fc_column_read(&work->rows.order, i, 1);
		int32_t		label = *(const int32_t *) fc_column_read(&work->clusters.label, row, 1);
		const float *code = FC_DEEP_CODES(&t.model).data + i * 3;

		wrong += met[row] || memcmp(code, fc_column_read(&work->clusters.z, row, 1), 2 * sizeof(float)) != 0 || code[2] != label;
		met[row] = true;
	}
	CHECK(wrong <= 20);			/* rows of one code may have two labels */
	training_end(&t);
	free(met);
	free(x);
}

/* Without room for columns it takes less memory, by about the size of the per-row data; the rest does not grow with the rows */
static void
test_memory(void)
{
	size_t		used[2][2];

	for (int i = 0; i < 2; i++)
		for (int spills = 0; spills < 2; spills++)
		{
			int64_t		n = i ? 2000000 : 1000000;
			Training	t;
			File		file = {NULL, 0, 0, 0};
			FcArena		arena = {0};

			begin_case(&t, &cases[4], NULL, n);
			*own_option(&t.model, "batch_size") = 100;
			t.fit.rows = t.source.rows;
			if (spills)
				t.fit.memory.spill = spill_to(&file, 0);
			CHECK_EQ(fc_fit_begin(&t.fit), FC_OK);
			(void) fc_fit_layout(&arena, &t.fit);
			used[i][spills] = arena.used;
			CHECK(t.fit.memory.rows > 0 && t.fit.memory.rows < arena.used);
			training_end(&t);
		}
	CHECK(used[1][0] - used[0][0] >= 1000000 * (4 + 8 + 4 + 16));	/* order, code, label, targets */
	CHECK(used[1][1] - used[0][1] < 100000);
}

int
main(void)
{
	test_portions(0, 5);
	test_portions(4, 5);
	test_portions(5, 5);
	test_portions(11, 5);
	test_portions(3, 1);
	test_rows(0, false);
	test_rows(1000, false);		/* one of them */
	test_rows(1 << 20, true);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		test_training(&cases[i], 1300);
		test_training(&cases[i], 90);
	}
	test_training(&cases[4], 10300);	/* more than are in the graph */
	test_head();
	test_head_checks();
	test_sample();
	test_memory();
	return check_report("column");
}

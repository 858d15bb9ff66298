/*
 * lineage.c - what became of clusters: known cases, and what holds for all masses
 */
#include "train.h"

#include "core/lineage.h"

#define MOST			7		/* clusters */

/* A lineage with its masses */
typedef struct Case
{
	FcModel		old;
	FcModel		new;
	FcMatching	matching;
	FcLineage	lineage;
	void	   *memory;
} Case;

static void
lay_out(FcArena *a, Case *c)
{
	fc_match_layout(a, &c->matching, &c->old, &c->new);
	fc_lineage_layout(a, &c->lineage, &c->matching);
}

/* mass (old k, new k); match (old k) the partners */
static void
case_begin(Case *c, int32_t old_k, int32_t new_k, const double *mass, const int32_t *match)
{
	FcArena		arena = {0};

	fc_model_begin(&c->old, fc_find_algorithm("kmeans"), old_k, 1);
	fc_model_begin(&c->new, fc_find_algorithm("kmeans"), new_k, 1);
	lay_out(&arena, c);
	c->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	lay_out(&arena, c);
	memcpy(c->matching.match, match, sizeof(int32_t) * old_k);
	fc_lineage_begin(&c->lineage);
	for (int32_t a = 0; a < old_k; a++)
		for (int32_t b = 0; b < new_k; b++)
			fc_lineage_add(&c->lineage, a, b, mass[a * new_k + b], false, false);
	fc_lineage_finish(&c->lineage, NULL, NULL);
}

/* The name of what became of old cluster a in b, or "" */
static const char *
event(const Case *c, int32_t a, int32_t b)
{
	FcDescent	descent;

	return fc_lineage_descent(&c->lineage, a, b, &descent) ? fc_event_name(descent.event) : "";
}

/* In the order of pairs: one letter for each event, "-" for none */
static void
check_events(int32_t old_k, int32_t new_k, const double *mass, const int32_t *match, const char *expected)
{
	char		found[MOST * MOST + 1] = "";
	Case		c;

	case_begin(&c, old_k, new_k, mass, match);
	for (int32_t a = 0; a < old_k; a++)
		for (int32_t b = 0; b < new_k; b++)
		{
			const char *name = event(&c, a, b);

			found[a * new_k + b] = name[0] == '\0' ? '-' : strcmp(name, "mixed") == 0 ? 'x' : name[0];
		}
	CHECK(strcmp(found, expected) == 0);
	free(c.memory);
}

static void
test_known_cases(void)
{
	/* nothing happens, whatever is lost at the borders */
	check_events(2, 2, (double[]) {80, 20, 10, 90}, (int32_t[]) {0, 1}, "k--k");
	/* a small part of a large cluster is all that a new one has */
	check_events(1, 2, (double[]) {900, 100}, (int32_t[]) {0}, "ss");
	/* a small cluster joins a large one */
	check_events(2, 1, (double[]) {900, 100}, (int32_t[]) {0, -1}, "mm");
	/* parts are exchanged */
	check_events(2, 2, (double[]) {50, 50, 50, 50}, (int32_t[]) {0, 1}, "xxxx");
	/* an old cluster without rows, a new one from crumbs of all: partners only by number */
	check_events(4, 4, (double[]) {70, 0, 0, 30, 0, 70, 0, 30, 0, 0, 70, 30, 0, 0, 0, 0}, (int32_t[]) {0, 1, 2, 3},
				 "k----k----k-----");
	/* neither has rows, and their centers are near each other */
	check_events(2, 2, (double[]) {70, 0, 0, 0}, (int32_t[]) {0, 1}, "k--k");
	/* partners need a quarter, others half */
	check_events(2, 3, (double[]) {30, 40, 30, 0, 60, 0}, (int32_t[]) {0, 1}, "s-s-k-");
	/* what is no number has no mass */
	check_events(1, 2, (double[]) {5, NAN}, (int32_t[]) {0}, "k-");
}

static void
test_shares(void)
{
	FcDescent	descent;
	Case		c;

	case_begin(&c, 2, 2, (double[]) {6, 2, 0, 0}, (int32_t[]) {0, 1});
	CHECK(fc_lineage_descent(&c.lineage, 0, 0, &descent) && descent.share == 1 && descent.old_share == 0.75);
	CHECK(fc_lineage_descent(&c.lineage, 0, 1, &descent) && descent.share == 1 && descent.old_share == 0.25);
	CHECK(!fc_lineage_descent(&c.lineage, 1, 1, &descent));
	free(c.memory);

	case_begin(&c, 1, 1, (double[]) {0}, (int32_t[]) {0});
	CHECK(fc_lineage_descent(&c.lineage, 0, 0, &descent) && isnan(descent.share) && isnan(descent.old_share));
	free(c.memory);
}

/* Rows that are nearest to a cluster, but far from it, are none of it unless it is their partner */
static void
test_outliers(void)
{
	FcDescent	descent;
	Case		c;

	case_begin(&c, 2, 3, (double[]) {0, 0, 0, 0, 0, 0}, (int32_t[]) {0, 1});
	fc_lineage_begin(&c.lineage);
	fc_lineage_add(&c.lineage, 0, 0, 8, true, false);
	fc_lineage_add(&c.lineage, 1, 1, 6, false, false);
	fc_lineage_add(&c.lineage, 1, 2, 9, true, false);
	fc_lineage_add(&c.lineage, 1, 0, 2, false, true);
	fc_lineage_add(&c.lineage, 1, 0, 2, true, true);
	fc_lineage_finish(&c.lineage, NULL, NULL);
	CHECK(strcmp(event(&c, 0, 0), "kept") == 0 && strcmp(event(&c, 1, 1), "kept") == 0);
	CHECK(event(&c, 1, 2)[0] == '\0' && c.lineage.origins[2] == 0);
	CHECK(fc_lineage_descent(&c.lineage, 1, 1, &descent) && descent.share == 1 && descent.old_share == 0.75);
	CHECK(fc_lineage_descent(&c.lineage, 0, 0, &descent) && descent.share == 1 && descent.old_share == 1);
	free(c.memory);
}

/* Rows that became noise are what their cluster has lost, and those that were noise what it has gained; an outlier is neither */
static void
test_noise(void)
{
	FcDescent	descent;
	Case		c;

	case_begin(&c, 3, 3, (double[]) {6, 0, 0, 0, 4, 0, 0, 0, 0}, (int32_t[]) {0, 1, 2});
	CHECK(strcmp(event(&c, 2, 2), "kept") == 0);
	fc_lineage_begin(&c.lineage);
	fc_lineage_add(&c.lineage, 0, 0, 6, false, false);
	fc_lineage_add(&c.lineage, 0, -1, 2, false, false);
	fc_lineage_add(&c.lineage, 0, -1, 100, true, true);
	fc_lineage_add(&c.lineage, -1, -1, 100, false, false);
	fc_lineage_add(&c.lineage, 1, 1, 4, false, false);
	fc_lineage_add(&c.lineage, -1, 1, 12, false, false);
	fc_lineage_add(&c.lineage, -1, 1, 100, true, true);
	fc_lineage_add(&c.lineage, 2, -1, 5, false, false);
	fc_lineage_finish(&c.lineage, NULL, NULL);
	CHECK(fc_lineage_descent(&c.lineage, 0, 0, &descent) && descent.share == 1 && descent.old_share == 0.75);
	CHECK(fc_lineage_descent(&c.lineage, 1, 1, &descent) && descent.share == 0.25 && descent.old_share == 1);
	CHECK(event(&c, 2, 2)[0] == '\0' && c.lineage.heirs[2] == 0);
	free(c.memory);
}

/* Seen from the other side, what was split has merged */
static bool
is_reversed(const char *forth, const char *back)
{
	if (strcmp(forth, "split") == 0)
		return strcmp(back, "merged") == 0;
	if (strcmp(forth, "merged") == 0)
		return strcmp(back, "split") == 0;
	return strcmp(forth, back) == 0;
}

static void
test_both_directions(FcRng *rng)
{
	int32_t		old_k = 1 + (int32_t) fc_rng_below(rng, MOST);
	int32_t		new_k = 1 + (int32_t) fc_rng_below(rng, MOST);
	double		mass[MOST * MOST] = {0};
	double		reversed[MOST * MOST] = {0};
	int32_t		match[MOST];
	int32_t		back[MOST];
	int32_t		pairs = 0;
	int			wrong = 0;
	Case		c;
	Case		r;

	for (int32_t b = 0; b < new_k; b++)
		back[b] = b < old_k ? b : -1;
	for (int32_t a = 0; a < old_k; a++)
	{
		match[a] = a < new_k ? a : -1;
		for (int32_t b = 0; b < new_k; b++)
			reversed[b * old_k + a] = mass[a * new_k + b] = (double) fc_rng_below(rng, 3) * (double) fc_rng_below(rng, 50);
	}
	case_begin(&c, old_k, new_k, mass, match);
	case_begin(&r, new_k, old_k, reversed, back);
	for (int32_t a = 0; a < old_k; a++)
		for (int32_t b = 0; b < new_k; b++)
		{
			const char *forth = event(&c, a, b);

			wrong += !is_reversed(forth, event(&r, b, a));
			pairs += forth[0] != '\0';
		}
	CHECK_EQ(wrong, 0);
	CHECK(pairs <= 3 * (old_k + new_k));
	free(c.memory);
	free(r.memory);
}

int
main(void)
{
	FcRng		rng;

	fc_rng_start(&rng, 13, 0);
	test_known_cases();
	test_shares();
	test_outliers();
	test_noise();
	for (int i = 0; i < 2000; i++)
		test_both_directions(&rng);
	return check_report("lineage");
}

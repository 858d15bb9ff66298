/*
 * row.c - one row against all centers: the same bits as in a block of rows
 */
#include "check.h"

#include "algo/fcm.h"
#include "core/row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST	200				/* centers: several panels, and every rest of one */

static double
number(int64_t i)
{
	return sin((double) i * 1.7) * 5 + (double) (i % 7);
}

/* The same as a block operation computes for the row in the first lane */
static void
test_distances(int isa, int32_t k, int32_t d)
{
	int32_t		lanes = FC_ROUND_UP(k, FC_LANES);
	double	   *x = aligned_alloc(64, sizeof(double) * d * FC_LANES);
	double	   *v = malloc(sizeof(double) * k * d);
	double	   *panels = malloc(sizeof(double) * lanes * d);
	double	   *expected = aligned_alloc(64, sizeof(double) * k * FC_LANES);
	double	   *row = malloc(sizeof(double) * d);
	double	   *out = malloc(sizeof(double) * lanes);
	int			wrong = 0;

	for (int64_t i = 0; i < (int64_t) d * FC_LANES; i++)
		x[i] = number(3 * i + 1);
	for (int32_t c = 0; c < lanes; c++)
		for (int32_t j = 0; j < d; j++)
		{
			double		value = number((int64_t) c * d + j);

			if (c < k)
				v[(int64_t) c * d + j] = value;
			panels[fc_row_place(lanes, d, c, j)] = c < k ? value : INFINITY;
		}
	for (int32_t j = 0; j < d; j++)
		row[j] = x[(int64_t) j * FC_LANES];
	fc_block_ops(isa, FC_F64)->distance(x, FC_LANES, FC_LANES, d, v, k, expected, FC_LANES);
	fc_row_ops(isa)->distance(row, d, panels, lanes, out);
	for (int32_t c = 0; c < lanes; c++)
		wrong += c < k ? out[c] != expected[(int64_t) c * FC_LANES] : out[c] != INFINITY;
	CHECK_EQ(wrong, 0);
	free(x);
	free(v);
	free(panels);
	free(expected);
	free(row);
	free(out);
}

/* Numbers with many ties, infinity among them */
static void
fill(double *distance, int32_t k, int seed)
{
	for (int32_t c = 0; c < FC_ROUND_UP(k, FC_LANES); c++)
	{
		double		value = floor(fabs(number((int64_t) c * 31 + seed * 17)) * (seed % 5));

		distance[c] = c >= k || (seed % 4 == 3 && (c + seed) % 3 > 0) ? INFINITY : value;
	}
}

static void
test_nearest(int isa)
{
	double		distance[FC_ROUND_UP(MOST, FC_LANES)];
	int			wrong = 0;

	for (int32_t k = 1; k <= MOST; k++)
		for (int seed = 0; seed < 40; seed++)
		{
			int32_t		best = 0;

			fill(distance, k, seed);
			for (int32_t c = 1; c < k; c++)
				if (distance[c] < distance[best])
					best = c;
			wrong += fc_row_ops(isa)->nearest(distance, k) != best;
		}
	CHECK_EQ(wrong, 0);
}

/* As memberships of a row on its own have always been: one lane at a time */
static void
test_memberships(int isa)
{
	double		distance[FC_ROUND_UP(MOST, FC_LANES)];
	double		u[FC_ROUND_UP(MOST, FC_LANES)];
	double		expected[MOST];
	FcWeighing	weighing = {.parameters = {2}};
	FcModel		m = {.option = {2}};
	int			wrong = 0;

	for (int32_t k = 1; k <= MOST; k++)
		for (int seed = 0; seed < 40; seed++)
		{
			double		least = INFINITY;

			fill(distance, k, seed);
			for (int32_t c = 0; c < k; c++)
			{
				least = distance[c] < least ? distance[c] : least;
				expected[c] = distance[c] < DBL_MAX ? distance[c] : DBL_MAX;
			}
			if (least == INFINITY)
				continue;
			fc_fcm_memberships[isa][FC_F64] (&weighing, expected, 1, 1, 1, k);
			fc_fcm_row_memberships(&m)[isa] (distance, least, k, u);
			wrong += memcmp(u, expected, sizeof(double) * k) != 0;
		}
	CHECK_EQ(wrong, 0);
	m.option[0] = 1.5;
	CHECK(fc_fcm_row_memberships(&m) == NULL);
}

int
main(void)
{
	for (int isa = FC_ISA_BASE; isa <= (int) fc_best_isa(); isa++)
	{
		for (int32_t k = 1; k <= MOST; k += k < 20 ? 1 : 13)
			for (int32_t d = 1; d <= 40; d += 13)
				test_distances(isa, k, d);
		test_nearest(isa);
		test_memberships(isa);
	}
	return check_report("row");
}

/*
 * targets.c - labels and targets of all rows, which the second and the third phase learn
 *
 * A refresh leaves memberships in t->clusters.target; labels are the largest
 * of them.
 */
#include "deep/training.h"

#include <string.h>

/* ---- labels ---- */

/* Rows of each cluster, by t->clusters.label */
void
fc_deep_count(FcDeep *t)
{
	memset(t->clusters.count, 0, sizeof(int64_t) * t->k);
	for (int64_t first = 0; first < t->n; first += t->rows.portion)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->rows.portion);
		const int32_t *label = fc_column_read(&t->clusters.label, first, rows);

		for (int64_t i = 0; i < rows; i++)
			t->clusters.count[label[i]]++;
	}
}

/* The first of the largest memberships */
static int32_t
largest_of(const FcReal *q, int32_t k)
{
	int32_t		best = 0;

	for (int32_t c = 1; c < k; c++)
		if (q[c] > q[best])
			best = c;
	return best;
}

/* Labels by the largest membership; the share of them that changed */
double
fc_deep_label_rows(FcDeep *t)
{
	int64_t		changed = 0;

	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		const FcReal *q = fc_column_read(&t->clusters.target, first, rows);
		int32_t    *label = fc_column_read(&t->clusters.label, first, rows);

		fc_check(&t->fit->hooks);
		for (int64_t i = 0; i < rows; i++)
		{
			int32_t		best = largest_of(q + i * t->k, t->k);

			changed += label[i] != best;
			label[i] = best;
		}
		fc_column_write(&t->clusters.label, first, rows);
	}
	return (double) changed / t->n;
}

/* ---- targets ---- */

/* Targets are labels */
void
fc_deep_take_labels(FcDeep *t)
{
	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		const int32_t *label = fc_column_read(&t->clusters.label, first, rows);
		FcReal	   *target = fc_column_place(&t->clusters.target, first, rows);

		fc_clear(&t->fit->hooks, target, sizeof(FcReal) * rows * t->k);
		for (int64_t i = 0; i < rows; i++)
			target[i * t->k + label[i]] = 1;
		fc_column_write(&t->clusters.target, first, rows);
	}
}

/* Targets of nn/target.c from memberships */
void
fc_deep_sharpen(FcDeep *t)
{
	memset(t->clusters.frequency, 0, sizeof(double) * t->k);
	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);

		fc_check(&t->fit->hooks);
		fc_add_frequencies(fc_column_read(&t->clusters.target, first, rows), rows, t->k, t->clusters.frequency);
	}
	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		FcReal	   *q = fc_column_read(&t->clusters.target, first, rows);

		fc_check(&t->fit->hooks);
		fc_target(q, t->clusters.frequency, rows, t->k, q);
		fc_column_write(&t->clusters.target, first, rows);
	}
}

/* t->work.p becomes the targets of these rows */
void
fc_deep_take_targets(FcDeep *t, const int32_t *rows, int32_t count)
{
	fc_column_take(&t->clusters.target, rows, count, t->work.p);
}

/*
 * model.c - a model in memory: its arrays, the order of its clusters, its history
 *
 * The arrays of a model are listed in one place, fc_model_arrays(), which
 * determines their memory, the bytes of a model (model_bytes.c), the checks
 * (model_check.c) and the changes when clusters are renumbered.
 */
#include "core/categories.h"
#include "core/kernel.h"
#include "core/optional.h"

#include <math.h>
#include <string.h>

/* A model with the default options of its algorithm */
void
fc_model_begin(FcModel *m, const FcAlgorithm *algo, int32_t k, int32_t d)
{
	memset(m, 0, sizeof(*m));
	m->algo = algo;
	m->k = k;
	m->d = d;
	m->history.step = 1;
	for (int i = 0; i < fc_count_options(algo); i++)
		*fc_option_value(m, i) = fc_option_at(algo, i)->initial;
}

/* ---- arrays ---- */

int
fc_history_width(const FcAlgorithm *algo)
{
	int			width = FC_HISTORY_PHASE;

	for (int column = FC_HISTORY_PHASE; column < FC_HISTORY_COLUMNS; column++)
		width += (algo->history >> column) & 1;
	return width;
}

bool
fc_is_scaled(const FcModel *m)
{
	return m->common[FC_SCALE] != FC_SCALE_NONE || m->algo->margin != NULL || fc_has_categories(m);
}

FcArray
fc_optional_array(FcModel *m, int which)
{
	double	  **data = &m->optional.array[which];

	switch (which)
	{
		case FC_WITH_MASS:
			return (FcArray) {"mass", m->k, 1, data, NULL, NULL, FC_OF_CLUSTERS};
		case FC_WITH_MOMENTS:
			return (FcArray) {"moments", 2, m->d, data, NULL, NULL, FC_OF_MODEL};
		case FC_WITH_FILL:
			return (FcArray) {"fill", m->d, 1, data, NULL, NULL, FC_OF_MODEL};
		case FC_WITH_PROJECTION:
			return (FcArray) {"projection", 3, fc_projection_width(m), data, NULL, NULL, FC_OF_MODEL};
		default:
			return (FcArray) {"total_weight", 1, 1, data, NULL, NULL, FC_OF_MODEL};
	}
}

/* All arrays of m, whose k, d, options, optional arrays and number of rows in the history are set; returns how many */
int
fc_model_arrays(FcModel *m, FcArray *arrays)
{
	int			n = 0;

	arrays[n++] = (FcArray) {"centers", m->k, m->d, &m->centers, NULL, NULL, FC_OF_CLUSTERS};
	arrays[n++] = (FcArray) {"weights", m->k, 1, &m->weights, NULL, NULL, FC_OF_CLUSTERS};
	arrays[n++] = (FcArray) {"radius", m->k, 1, &m->radius, NULL, NULL, FC_OF_CLUSTERS};
	if (fc_is_scaled(m))
	{
		arrays[n++] = (FcArray) {"shift", m->d, 1, &m->shift, NULL, NULL, FC_OF_MODEL};
		arrays[n++] = (FcArray) {"factor", m->d, 1, &m->factor, NULL, NULL, FC_OF_MODEL};
	}
	for (int i = 0; m->algo->options[i].name != NULL; i++)
		if (m->algo->options[i].type == FC_LIST && m->option[i] > 0)
			arrays[n++] = (FcArray) {m->algo->options[i].name, (int64_t) m->option[i], 1,
			&m->list[fc_list_position(m->algo, i)], NULL, NULL, FC_OF_MODEL};
	if (m->algo->arrays)
		n += m->algo->arrays(m, arrays + n);
	arrays[n++] = (FcArray) {"history", m->history.count, fc_history_width(m->algo), &m->history.rows, &m->history.count, NULL, FC_OF_MODEL};
	for (int which = 0; which < FC_ALL_OPTIONAL; which++)
		if (FC_HAS(m, which))
			arrays[n++] = fc_optional_array(m, which);
	return n;
}

/* Memory for all arrays of m, and for as much history as there can be; all members of a team see them */
void
fc_model_layout(FcArena *a, FcModel *m)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n;

	m->history.count = m->common[FC_MAX_ITERATIONS] < FC_MAX_HISTORY ? (int32_t) m->common[FC_MAX_ITERATIONS] : FC_MAX_HISTORY;
	m->history.count += m->algo->kernel->tries_on_sample ? FC_MAX_SAMPLE_HISTORY : 0;
	n = fc_model_arrays(m, arrays);
	for (int i = 0; i < n; i++)
	{
		size_t		values = fc_times(arrays[i].rows, arrays[i].columns);

		if (arrays[i].narrow)
			*arrays[i].narrow = fc_take_shared(a, values, sizeof(float));
		else
			*arrays[i].data = fc_take_shared(a, values, sizeof(double));
	}
	m->history.count = 0;
}

/* ---- two models ---- */

/* After fc_model_layout(), another model of the same training uses what starts do not change */
void
fc_model_share(FcModel *m, const FcModel *with)
{
	m->shift = with->shift;
	m->factor = with->factor;
	FC_FILL(m) = FC_FILL(with);
	FC_PROJECTION(m) = FC_PROJECTION(with);
	memcpy(m->list, with->list, sizeof(m->list));
}

static void
swap_bytes(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
	{
		char		byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

static void
swap_arrays(const FcArray *a, const FcArray *b)
{
	size_t		values = a->rows * a->columns;

	if (a->narrow)
		swap_bytes((char *) *a->narrow, (char *) *b->narrow, values * sizeof(float));
	else if (*a->data != *b->data)
		swap_bytes((char *) *a->data, (char *) *b->data, values * sizeof(double));
}

static void
swap_addresses(const FcArray *a, const FcArray *b)
{
	if (a->narrow)
		swap_bytes((char *) a->narrow, (char *) b->narrow, sizeof(float *));
	else
		swap_bytes((char *) a->data, (char *) b->data, sizeof(double *));
}

/*
 * Exchanges two models of the same sizes, which may share arrays.  Their arrays stay
 * where they are, because the members of a team know them by their addresses.
 */
void
fc_model_swap(FcModel *a, FcModel *b)
{
	FcHistory	history[2] = {a->history, b->history};
	FcModel		kept = *a;
	FcArray		of_a[FC_MAX_ARRAYS];
	FcArray		of_b[FC_MAX_ARRAYS];
	int			n;

	a->history.count = b->history.count = history[0].count > history[1].count ? history[0].count : history[1].count;
	n = fc_model_arrays(a, of_a);
	(void) fc_model_arrays(b, of_b);
	for (int i = 0; i < n; i++)
		swap_arrays(&of_a[i], &of_b[i]);
	*a = *b;
	*b = kept;
	for (int i = 0; i < n; i++)
		swap_addresses(&of_a[i], &of_b[i]);
	a->history.count = history[1].count;
	b->history.count = history[0].count;
}

/* ---- clusters in another order ---- */

/* Moves row c of the array to place[c]; work (rows) is overwritten */
void
fc_permute_rows(const FcArray *array, const int32_t *place, int32_t *work)
{
	size_t		size = array->columns * (array->narrow ? sizeof(float) : sizeof(double));
	char	   *data = array->narrow ? (char *) *array->narrow : (char *) *array->data;

	for (int64_t c = 0; c < array->rows; c++)
		work[c] = place[c];
	for (int64_t c = 0; c < array->rows; c++)
		while (work[c] != c)	/* move this element to its place, and take the one that was there */
		{
			int32_t		home = work[c];
			char	   *a = data + size * c;
			char	   *b = data + size * home;

			swap_bytes(a, b, size);
			work[c] = work[home];
			work[home] = home;
		}
}

static void
permute_labels(const FcArray *array, const int32_t *place)
{
	for (int64_t i = 1; i <= array->rows; i++)
	{
		int64_t		at = i * array->columns - 1;

		if (array->narrow)
			(*array->narrow)[at] = (float) place[(int32_t) (*array->narrow)[at]];
		else
			(*array->data)[at] = place[(int32_t) (*array->data)[at]];
	}
}

/*
 * Cluster c becomes cluster place[c]; place (k) is a permutation, work (k) is
 * work space.  The model scores every row as before, except for the numbers.
 */
void
fc_model_permute(FcModel *m, const int32_t *place, int32_t *work)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(m, arrays);

	for (int i = 0; i < n; i++)
		if (arrays[i].kind == FC_OF_CLUSTERS)
			fc_permute_rows(&arrays[i], place, work);
		else if (arrays[i].kind == FC_LABELLED)
			permute_labels(&arrays[i], place);
	if (m->algo->permute)
		m->algo->permute(m, place, work);
}

/* ---- history ---- */

/* Where a column is in a row of the history, or -1 */
static int
history_position(const FcAlgorithm *algo, FcHistoryColumn column)
{
	int			position = FC_HISTORY_PHASE;

	if (column < FC_HISTORY_PHASE)
		return column;
	if (!((algo->history >> column) & 1))
		return -1;
	for (int before = FC_HISTORY_PHASE; before < (int) column; before++)
		position += (algo->history >> before) & 1;
	return position;
}

/* Drops every other row from the first of this descent on */
static void
thin(FcHistory *h, int width)
{
	int32_t		kept = (h->count - h->first) / 2;
	double	   *rows = h->rows + (size_t) h->first * width;

	for (int32_t i = 0; i < kept; i++)
		memcpy(rows + i * width, rows + 2 * i * width, width * sizeof(double));
	h->count = h->first + kept;
	h->step *= 2;
}

/*
 * Adds a row, given with all columns.  When the history is full every other
 * row is dropped, and from then on only every second, fourth, ... iteration is
 * stored.  Iterations below 0, on a sample, have a history of their own before
 * the others.
 */
void
fc_model_record(FcModel *m, const double *values)
{
	FcHistory  *h = &m->history;
	int			width = fc_history_width(m->algo);
	int32_t		iteration = (int32_t) fabs(values[FC_HISTORY_ITERATION]);
	int32_t		most = values[FC_HISTORY_ITERATION] < 0 ? FC_MAX_SAMPLE_HISTORY : FC_MAX_HISTORY;

	if ((iteration - 1) % h->step == 0 && h->count - h->first == most)
		thin(h, width);
	if ((iteration - 1) % h->step != 0)
		return;
	for (int column = 0; column < FC_HISTORY_COLUMNS; column++)
	{
		int			position = history_position(m->algo, column);

		if (position >= 0)
			h->rows[(size_t) h->count * width + position] = values[column];
	}
	h->count++;
}

/* NaN if the algorithm has no such column */
double
fc_history_get(const FcModel *m, int32_t row, FcHistoryColumn column)
{
	int			position = history_position(m->algo, column);

	return position < 0 ? NAN : m->history.rows[row * fc_history_width(m->algo) + position];
}

/* A center in the units of the user's features; out is (d) */
void
fc_unscale(const FcModel *m, const double *v, double *out)
{
	for (int32_t j = 0; j < m->d; j++)
		out[j] = m->shift ? v[j] / m->factor[j] + m->shift[j] : v[j];
}

void
fc_unscale_center(const FcModel *m, int32_t c, double *out)
{
	fc_unscale(m, m->centers + (int64_t) c * m->d, out);
}

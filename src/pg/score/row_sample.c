/*
 * row_sample.c - some of the rows that a model scores, whatever the order of the rows
 *
 * Each row is as likely to be in the sample as any other, and equal ones are rows of their own.
 * The hash of a row, seeded by the model, says where it is among the rows of the sample, so that
 * sums over them have the same bits in any order of the rows.  If there are more rows than the
 * sample has, their hashes are sorted, which may take a file; copy number j of a row gets number
 * j of the random sequence that its hash begins, and the smallest numbers are in the sample.
 * Equal rows cannot be told apart: of each there are so many in the sample, the first that come.
 */
#include "pg/score/rules.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/tuplesort.h"

#include "core/survey_parts.h"

#define MOST_ROWS	20000

/* A copy of a row */
typedef struct Copy
{
	uint64		number;
	uint64		hash;			/* of the row */
} Copy;

/* Those with the smallest numbers so far */
typedef struct Copies
{
	Copy	   *copy;			/* (2 * MOST_ROWS) */
	int32		count;
	uint64		most;			/* larger numbers are not among them */
} Copies;

/* ---- rows ---- */

/*
 * Reads the row at hand: its columns, x (columns of the model), with values of categories as the
 * model numbers them, -1 for one that it does not know; and features, into slot->x.  False: the
 * model does not score it.
 */
bool
fc_read_sampled_row(const RowCursor *c, ModelSlot *slot, double *x)
{
	fc_cursor_get(c, x);
	if (!fc_takes_row(&slot->model, c->reader.store, x) || !fc_cursor_features(c, slot->x))
		return false;
	for (int32 j = 0; j < c->rows.d; j++)
	{
		if (isnan(x[j]))
			x[j] = NAN;			/* of one sign, as zero is */
		else if (c->values && c->code[j])
			x[j] = c->code[j][(int32) x[j]];
		else
			x[j] += 0.0;
	}
	return true;
}

static uint64
hash_row(const RowCursor *c, const FcModel *m, const double *x)
{
	uint64		hash = fc_survey_hash((const FcBits *) x, c->rows.d, (uint64) m->common[FC_SEED], FC_F64);
	double		weight = fc_cursor_weight(c);
	FcBits		bits;

	memcpy(&bits, &weight, sizeof(bits));
	return c->weights ? fc_survey_hash_on(hash, bits) : hash;
}

/* The next row that the model scores, and its hash; false: there are no more */
static bool
next_row(RowCursor *c, ModelSlot *slot, double *x, uint64 *hash)
{
	while (fc_cursor_next(c))
		if (fc_read_sampled_row(c, slot, x))
		{
			*hash = hash_row(c, &slot->model, x);
			return true;
		}
	return false;
}

/* ---- hashes of the sample ---- */

static int
compare_hashes(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return x < y ? -1 : x > y;
}

static int
compare_copies(const void *a, const void *b)
{
	const Copy *x = a;
	const Copy *y = b;
	int			order = compare_hashes(&x->number, &y->number);

	return order ? order : compare_hashes(&x->hash, &y->hash);
}

static void
keep_smallest(Copies *c)
{
	qsort(c->copy, c->count, sizeof(Copy), compare_copies);
	c->count = Min(c->count, MOST_ROWS);
	if (c->count == MOST_ROWS)
		c->most = c->copy[MOST_ROWS - 1].number;
}

/* The hash of a row that occurs a number of times */
static void
add_copies(Copies *c, uint64 hash, int64 times)
{
	FcRng		rng;

	fc_rng_start(&rng, hash, 0);
	for (int64 j = 0; j < times; j++)
	{
		Copy		copy = {fc_rng_next(&rng), hash};

		fc_check_interrupts(NULL);
		if (copy.number > c->most)
			continue;
		if (c->count == 2 * MOST_ROWS)
			keep_smallest(c);
		c->copy[c->count++] = copy;
	}
}

/* Of all rows, in any order */
static Tuplesortstate *
sort_hashes(RowStore *rows, ModelSlot *slot, double *x)
{
	Tuplesortstate *sort = tuplesort_begin_datum(INT8OID, Int8LessOperator, InvalidOid, false, maintenance_work_mem, NULL, 0);
	RowCursor	cursor;
	uint64		hash;

	fc_cursor_begin_for(&cursor, rows, slot);
	while (next_row(&cursor, slot, x, &hash))
		tuplesort_putdatum(sort, Int64GetDatum((int64) hash), false);
	tuplesort_performsort(sort);
	return sort;
}

static void
choose_copies(RowStore *rows, ModelSlot *slot, double *x, Copies *c)
{
	Tuplesortstate *sort = sort_hashes(rows, slot, x);
	int64		times = 0;
	uint64		hash = 0;
	Datum		datum;
	bool		null;

	while (fc_sort_next_datum(sort, &datum, &null))
	{
		uint64		next = (uint64) DatumGetInt64(datum);

		if (times > 0 && next != hash)
		{
			add_copies(c, hash, times);
			times = 0;
		}
		hash = next;
		times++;
	}
	add_copies(c, hash, times);
	keep_smallest(c);
	tuplesort_end(sort);
}

/* Returns how many rows are in the sample; hash (MOST_ROWS) are theirs */
static int32
choose_rows(RowStore *rows, ModelSlot *slot, double *x, uint64 *hash)
{
	Copies		copies = {.most = PG_UINT64_MAX};
	RowCursor	cursor;
	int32		n = 0;

	if (rows->n <= MOST_ROWS)
	{
		fc_cursor_begin_for(&cursor, rows, slot);
		while (next_row(&cursor, slot, x, &hash[n]))
			n++;
		return n;
	}
	copies.copy = palloc(sizeof(Copy) * 2 * MOST_ROWS);
	choose_copies(rows, slot, x, &copies);
	for (; n < copies.count; n++)
		hash[n] = copies.copy[n].hash;
	pfree(copies.copy);
	return n;
}

/* ---- the sample ---- */

/* The first of sorted hashes (n) that is not smaller */
static int32
find_hash(const uint64 *hashes, int32 n, uint64 hash)
{
	int32		low = 0;

	while (low < n)
	{
		int32		middle = (low + n) / 2;

		if (hashes[middle] < hash)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

/* Copies the rows with these hashes, (n) sorted, of which equal ones are for equal rows */
static void
copy_rows(RowStore *rows, ModelSlot *slot, double *x, const uint64 *hashes, int32 n, RowSample *s)
{
	int32	   *taken = palloc0(sizeof(int32) * n); /* from the first of equal ones on */
	double	   *row = palloc(sizeof(double) * rows->d);
	RowCursor	cursor;
	uint64		hash;

	fc_store_begin_part(&s->rows, rows);
	s->place = palloc(sizeof(int32) * n);
	fc_cursor_begin_for(&cursor, rows, slot);
	while (next_row(&cursor, slot, x, &hash))
	{
		int32		first = find_hash(hashes, n, hash);
		int32		place = first < n ? first + taken[first] : n;

		if (place >= n || hashes[place] != hash)
			continue;
		taken[first]++;
		s->place[s->rows.n] = place;
		fc_cursor_get(&cursor, row);
		fc_store_weigh(&s->rows, fc_cursor_weight(&cursor));
		fc_store_add_doubles(&s->rows, row);
	}
	pfree(taken);
	pfree(row);
}

/* Rows of a store, which the model in the slot takes: all of them, if there are not too many.  The caller closes s->rows */
void
fc_sample_rows(RowStore *rows, ModelSlot *slot, RowSample *s)
{
	uint64	   *hash = palloc(sizeof(uint64) * MOST_ROWS);
	double	   *x = palloc(sizeof(double) * rows->d);
	int32		n = choose_rows(rows, slot, x, hash);

	qsort(hash, n, sizeof(uint64), compare_hashes);
	copy_rows(rows, slot, x, hash, n, s);
	pfree(hash);
	pfree(x);
}

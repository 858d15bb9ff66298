/*
 * row_sample.c - a sample of rows that depends on the rows alone
 *
 * It is the sample of a survey without the survey: of the distinct rows those with the smallest hashes, each with
 * the number of rows that are equal to it.  Neither the order of the rows nor the way in which they were
 * divided and merged matters: see survey_state.c and survey_sample.c, which does the work.
 */
#include "core/row_sample.h"

#include "core/survey_parts.h"

#include <string.h>

#define SEED	UINT64_C(0x73616D706C65)

void
fc_row_sample_begin(FcRowSample *s, int32_t d, bool weighted, int32_t most)
{
	memset(s, 0, sizeof(FcRowSample));
	fc_survey_begin(&s->state, most, SEED);
	s->state.kind = (FcSurveyKind) {.d = d, .precision = FC_F64, .gaps = true, .weighted = weighted};
}

/* The places of rows in the memory */
static FcSurveySample
table_of(const FcRowSample *s)
{
	FcSurveySample table = {
		.state = (FcSurveyState *) &s->state, .cells = fc_row_sample_cells(s), .rows = (uint64_t *) (void *) s->memory,
		.width = FC_ROW_HEADER + (size_t) fc_row_sample_cells(s), .mask = fc_slots(s->state.room.rows) - 1,
	};

	table.slots = (uint32_t *) (void *) (table.rows + table.width * (size_t) s->state.room.rows);
	return table;
}

int32_t
fc_row_sample_room(FcRowSample *s, const FcHooks *hooks)
{
	FcSurveySample table;

	if (s->state.count < s->state.room.rows)
		return s->state.room.rows;
	table = table_of(s);
	return fc_sample_room(&table, hooks);
}

size_t
fc_row_sample_size(const FcRowSample *s, int32_t room)
{
	return (FC_ROW_HEADER + (size_t) fc_row_sample_cells(s)) * sizeof(uint64_t) * (size_t) room +
		sizeof(uint32_t) * (size_t) fc_slots(room);
}

void
fc_row_sample_move(FcRowSample *s, void *memory, int32_t room)
{
	FcSurveySample table = table_of(s);

	if (s->state.count > 0)
		memcpy(memory, table.rows, sizeof(uint64_t) * table.width * (size_t) s->state.count);
	s->memory = memory;
	s->state.room.rows = room;
	table = table_of(s);
	fc_sample_hash_slots(&table);
}

/* "count" rows that are equal to x, whose form is canonical */
static void
add(FcRowSample *s, const double *x, uint64_t count)
{
	uint64_t	hash = fc_survey_hash((const FcBits *) x, fc_row_sample_cells(s), s->state.seed, FC_F64);
	FcSurveySample table;

	if (hash > s->state.threshold)
		return;
	table = table_of(s);
	fc_sample_add(&table, hash, x, count);
}

void
fc_row_sample_add(FcRowSample *s, double *x)
{
	fc_sample_normalize(&s->state.kind, x);
	s->state.rows++;
	add(s, x, 1);
}

/* ---- other samples ---- */

void
fc_row_sample_add_bytes(FcRowSample *s, const void *bytes, int32_t i)
{
	const FcRowSampleHeader *header = bytes;
	const uint64_t *row = (const uint64_t *) (const void *) (header + 1) + (size_t) header->width * (size_t) i;

	add(s, (const double *) (const void *) (row + FC_ROW_HEADER), row[1]);
}

void
fc_row_sample_add_count(FcRowSample *s, const void *bytes)
{
	s->state.rows += ((const FcRowSampleHeader *) bytes)->rows;
}

void
fc_row_sample_settle(FcRowSample *s, const FcHooks *hooks)
{
	FcSurveySample table = table_of(s);

	if (s->state.count > s->state.most)
		fc_sample_purge(&table, hooks);
}

size_t
fc_row_sample_bytes_size(const FcRowSample *s)
{
	return sizeof(FcRowSampleHeader) + table_of(s).width * sizeof(uint64_t) * (size_t) s->state.count;
}

void
fc_row_sample_write(const FcRowSample *s, void *bytes)
{
	FcSurveySample table = table_of(s);
	FcRowSampleHeader header = {.rows = s->state.rows, .count = s->state.count, .width = (int32_t) table.width};

	memcpy(bytes, &header, sizeof(header));
	if (header.count > 0)
		memcpy((char *) bytes + sizeof(header), table.rows, fc_row_sample_bytes_size(s) - sizeof(header));
}

/* ---- the rows ---- */

const uint32_t *
fc_row_sample_sort(const FcRowSample *s, uint32_t *work, const FcHooks *hooks)
{
	FcSurveySample table = table_of(s);

	table.slots = work;			/* the table itself stays as it is */
	return fc_sample_sort(&table, hooks);
}

FcSampledRow
fc_row_sample_get(const FcRowSample *s, uint32_t i)
{
	FcSurveySample table = table_of(s);
	const uint64_t *row = table.rows + table.width * i;
	const double *x = (const double *) (const void *) (row + FC_ROW_HEADER);

	return (FcSampledRow) {.x = x, .count = (int64_t) row[1], .weight = s->state.kind.weighted ? x[s->state.kind.d] : 1};
}

/*
 * row_sample.h - a sample of rows that depends on the rows alone: see row_sample.c
 */
#ifndef FC_ROW_SAMPLE_H
#define FC_ROW_SAMPLE_H

#include "core/survey.h"

/* As bytes, within a query and on a server: this, and rows of "width" words behind it */
typedef struct FcRowSampleHeader
{
	int64_t		rows;			/* all that were added */
	int32_t		count;			/* in the sample */
	int32_t		width;
} FcRowSampleHeader;

/* Memory for rows is the caller's */
typedef struct FcRowSample
{
	FcSurveyState state;		/* of which a sample needs kind, most, count, threshold, room and rows */
	char	   *memory;			/* for room.rows rows; NULL: none */
} FcRowSample;

/* A row of the sample */
typedef struct FcSampledRow
{
	const double *x;			/* (d) */
	int64_t		count;			/* how many rows are equal to it */
	double		weight;			/* of each of them */
} FcSampledRow;

/* Without rows, of d features and perhaps a weight; at most "most" will be in the sample */
extern void fc_row_sample_begin(FcRowSample *s, int32_t d, bool weighted, int32_t most);

/* How many rows there must be room for before the next one; s->state.room.rows if there is, perhaps now */
extern int32_t fc_row_sample_room(FcRowSample *s, const FcHooks *hooks);

/* More room, in fc_row_sample_size() bytes aligned to 8; what was there can be freed then */
extern size_t fc_row_sample_size(const FcRowSample *s, int32_t room);
extern void fc_row_sample_move(FcRowSample *s, void *memory, int32_t room);

/* Numbers of a row: its features, and its weight, if rows have one */
static inline int32_t
fc_row_sample_cells(const FcRowSample *s)
{
	return s->state.kind.d + s->state.kind.weighted;
}

/* A row, x (cells), which becomes canonical; there is room for it */
extern void fc_row_sample_add(FcRowSample *s, double *x);

/* The rows of another sample: for each the caller makes room */
extern void fc_row_sample_add_bytes(FcRowSample *s, const void *bytes, int32_t i);
extern void fc_row_sample_add_count(FcRowSample *s, const void *bytes);

/* No more rows than will be in the sample, which stays the same */
extern void fc_row_sample_settle(FcRowSample *s, const FcHooks *hooks);
extern size_t fc_row_sample_bytes_size(const FcRowSample *s);
extern void fc_row_sample_write(const FcRowSample *s, void *bytes);

/* Of a settled sample, positions of the rows in an order that depends on them alone; work is (2, count) */
extern const uint32_t *fc_row_sample_sort(const FcRowSample *s, uint32_t *work, const FcHooks *hooks);
extern FcSampledRow fc_row_sample_get(const FcRowSample *s, uint32_t i);

#endif

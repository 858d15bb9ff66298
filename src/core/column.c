/*
 * column.c - per-row data of a training: in memory if it fits, else in a file
 *
 * Columns that are laid out first stay in memory first.  A column in the file
 * has a buffer for some of its rows: the result of fc_column_read() is valid
 * until the next call for the same column, and changes there are written by
 * fc_column_write().  Where a column is stored does not affect results.
 */
#include "core/column.h"

#include <string.h>

#define MOST_WIDTH	16			/* bytes of rows that are swapped */

/* A new layout; without a file all columns are in memory */
FcColumnSpace
fc_column_space(const FcSpill *spill)
{
	return (FcColumnSpace) {.spill = spill, .room = spill->read ? spill->room : SIZE_MAX};
}

/* "most" rows at a time, at least */
void
fc_column_layout(FcArena *a, FcColumn *c, FcColumnSpace *space, int64_t n, size_t width, int64_t most)
{
	size_t		size = fc_times(n, width);
	bool		fits = size <= space->room;

	most = fits || most > n ? n : most;
	*c = (FcColumn) {
		.n = n, .width = width, .most = most, .rows = fc_take(a, most, width), .place = fits ? -1 : space->end,
		.spill = fits ? NULL : space->spill
	};
	if (fits)
		space->room -= size;
	else
		space->end += (int64_t) size;
}

/* Rows that are in memory anyway; they are not changed unless the column is written */
FcColumn
fc_column_of(const void *rows, int64_t n, size_t width)
{
	return (FcColumn) {.n = n, .width = width, .most = n, .rows = (char *) rows, .place = -1};
}

FcSlice
fc_column_whole(FcColumn *c)
{
	return (FcSlice) {c, 0, c->n};
}

/* Where rows are to be put before they are written: count <= c->most */
void *
fc_column_place(FcColumn *c, int64_t first, int64_t count)
{
	(void) count;
	return c->place < 0 ? c->rows + (size_t) first * c->width : c->rows;
}

void *
fc_column_read(FcColumn *c, int64_t first, int64_t count)
{
	if (c->place >= 0)
		c->spill->read(c->spill->arg, c->place + first * (int64_t) c->width, c->rows, (size_t) count * c->width);
	return fc_column_place(c, first, count);
}

/* The rows at the position of fc_column_place() */
void
fc_column_write(FcColumn *c, int64_t first, int64_t count)
{
	if (c->place >= 0)
		c->spill->write(c->spill->arg, c->place + first * (int64_t) c->width, c->rows, (size_t) count * c->width);
}

static void
get_row(FcColumn *c, int64_t row, char *to)
{
	int64_t		at = row * (int64_t) c->width;

	if (c->place < 0)
		memcpy(to, c->rows + at, c->width);
	else
		c->spill->read(c->spill->arg, c->place + at, to, c->width);
}

static void
put_row(FcColumn *c, int64_t row, const char *from)
{
	int64_t		at = row * (int64_t) c->width;

	if (c->place < 0)
		memcpy(c->rows + at, from, c->width);
	else
		c->spill->write(c->spill->arg, c->place + at, from, c->width);
}

/* to (count, width) becomes the rows of a list */
void
fc_column_take(FcColumn *c, const int32_t *rows, int64_t count, void *to)
{
	for (int64_t i = 0; i < count; i++)
		get_row(c, rows[i], (char *) to + (size_t) i * c->width);
}

void
fc_column_swap(FcColumn *c, int64_t i, int64_t j)
{
	char		kept[2][MOST_WIDTH];

	get_row(c, i, kept[0]);
	get_row(c, j, kept[1]);
	put_row(c, i, kept[1]);
	put_row(c, j, kept[0]);
}

/* Two columns of the same shape */
void
fc_column_copy(FcColumn *to, FcColumn *from)
{
	for (FcPortion p = fc_portions(NULL, to->n, to->most < from->most ? to->most : from->most); fc_next_portion(&p);)
	{
		memcpy(fc_column_place(to, p.first, p.rows), fc_column_read(from, p.first, p.rows), (size_t) p.rows * to->width);
		fc_column_write(to, p.first, p.rows);
	}
}

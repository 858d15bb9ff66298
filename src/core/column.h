/*
 * column.h - per-row data of a training: in memory if it fits, else in a file
 */
#ifndef FC_COLUMN_H
#define FC_COLUMN_H

#include "core/fc.h"

/* n rows of "width" bytes */
typedef struct FcColumn
{
	int64_t		n;
	size_t		width;
	int64_t		most;			/* rows that can be had at once; n if all are in memory */
	char	   *rows;			/* (n, width); or (most, width), those at hand */
	int64_t		place;			/* of the first row in the file; -1: all are in memory */
	const FcSpill *spill;
} FcColumn;

/* Rows of a column that lie next to each other */
typedef struct FcSlice
{
	FcColumn   *column;
	int64_t		first;
	int64_t		n;
} FcSlice;

/* What is left of the memory, and where the file ends, while columns are laid out */
typedef struct FcColumnSpace
{
	const FcSpill *spill;
	size_t		room;
	int64_t		end;
} FcColumnSpace;

/*
 * All of n rows, at most this many at a time:
 *
 *	for (FcPortion p = fc_portions(hooks, n, most); fc_next_portion(&p);)
 *		rows p.first to p.first + p.rows - 1
 */
typedef struct FcPortion
{
	const FcHooks *hooks;		/* checked before each portion; or NULL */
	int64_t		n;
	int64_t		most;
	int64_t		first;
	int64_t		rows;
} FcPortion;

static inline FcPortion
fc_portions(const FcHooks *hooks, int64_t n, int64_t most)
{
	return (FcPortion) {.hooks = hooks, .n = n, .most = most};
}

static inline bool
fc_next_portion(FcPortion *p)
{
	p->first += p->rows;
	if (p->first >= p->n)
		return false;
	p->rows = p->n - p->first < p->most ? p->n - p->first : p->most;
	if (p->hooks)
		fc_check(p->hooks);
	return true;
}

extern FcColumnSpace fc_column_space(const FcSpill *spill);
extern void fc_column_layout(FcArena *a, FcColumn *c, FcColumnSpace *space, int64_t n, size_t width, int64_t most);
extern FcColumn fc_column_of(const void *rows, int64_t n, size_t width);
extern FcSlice fc_column_whole(FcColumn *c);
extern void *fc_column_place(FcColumn *c, int64_t first, int64_t count);
extern void *fc_column_read(FcColumn *c, int64_t first, int64_t count);
extern void fc_column_write(FcColumn *c, int64_t first, int64_t count);
extern void fc_column_take(FcColumn *c, const int32_t *rows, int64_t count, void *to);
extern void fc_column_swap(FcColumn *c, int64_t i, int64_t j);
extern void fc_column_copy(FcColumn *to, FcColumn *from);

#endif

/*
 * rowcopy.h - copies of the rows of a training, for parallel workers
 */
#ifndef FUZZYCLUST_ROWCOPY_H
#define FUZZYCLUST_ROWCOPY_H

#include "pg/train/orders.h"
#include "pg/train/train.h"

typedef struct RowCopies RowCopies;

/* Of a worker */
typedef struct RowCopy
{
	char	   *memory;
	Size		size;			/* of a block ... */
	Size		features;		/* ... and of its features, behind which weights may be */
} RowCopy;

extern Size fc_copies_size(const RowStore *s, int workers);
extern void fc_copies_begin(RowCopies *c, RowStore *s, int workers);
extern void fc_copies_send(RowCopies *c, RowStore *s, bool spins);
extern void fc_copies_end(RowCopies *c);
extern bool fc_copies_receive(RowCopies *c, int worker, bool spins, RowCopy *copy, FcRows *rows);

#endif

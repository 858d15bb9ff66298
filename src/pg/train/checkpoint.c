/*
 * checkpoint.c - the state of a training in epochs as a value, to resume from
 *
 *	  0	uint32		CRC-32C of the rows
 *	  4	uint32		CRC-32C of the state
 *	  8	state		see FcEpochHooks
 *
 * A training resumes from a checkpoint of the same rows, in the same order,
 * and with the same options; otherwise it starts over.
 */
#include "pg/train/team.h"

#include "port/pg_crc32c.h"
#include "utils/memutils.h"

#define HEADER	8

static uint32
checksum_of_rows(const FcRows *rows)
{
	Size		size = FC_SIZE(rows->precision) * rows->stride * rows->d;
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	for (int64 b = 0; b < fc_blocks(rows); b++)
	{
		fc_check_interrupts(NULL);
		COMP_CRC32C(crc, rows->block(rows->source, b), size);
	}
	FIN_CRC32C(crc);
	return crc;
}

/* After an epoch.  A state that no value can hold is not kept. */
static void
keep(FcFit *f, void *work)
{
	Checkpoints *c = f->resume.arg;
	const FcEpochHooks *epochs = f->model->algo->epochs;
	Size		size = epochs->state_size(work);
	bytea	   *bytes;
	uint32		sums[2];

	if (f->model->iterations % c->every != 0 || size > MaxAllocSize - VARHDRSZ - HEADER)
		return;
	bytes = fc_bytea(HEADER + size);
	epochs->save_state(work, VARDATA(bytes) + HEADER);
	sums[0] = c->rows;
	sums[1] = fc_checksum(VARDATA(bytes) + HEADER, size);
	memcpy(VARDATA(bytes), sums, HEADER);
	fc_team_dismiss(c->team);
	c->save(c->arg, f->model, epochs->phases[f->course.phase], bytes);
	fc_team_gather(c->team);
	pfree(bytes);
}

/* Is the checkpoint whole, and of these rows? */
static bool
is_of_rows(const Checkpoints *c)
{
	Size		size = VARSIZE_ANY_EXHDR(c->last);
	uint32		sums[2];

	if (size < HEADER)
		return false;
	memcpy(sums, VARDATA_ANY(c->last), HEADER);
	return sums[0] == c->rows && sums[1] == fc_checksum(VARDATA_ANY(c->last) + HEADER, size - HEADER);
}

/* Call before fc_fit(), when rows and model are set in f */
void
fc_checkpoints_begin(Checkpoints *c, FcFit *f)
{
	c->resumed = false;
	if (f->model->algo->epochs == NULL || c->every < 1)
		return;
	c->rows = checksum_of_rows(&f->rows);
	f->resume.epoch = keep;
	f->resume.arg = c;
	if (c->last == NULL || !is_of_rows(c))
		return;
	c->resumed = true;
	f->resume.state = VARDATA_ANY(c->last) + HEADER;
	f->resume.length = VARSIZE_ANY_EXHDR(c->last) - HEADER;
}

/* fc_fit() rejected the state: it belongs to other options */
void
fc_checkpoints_forget(Checkpoints *c, FcFit *f)
{
	c->resumed = false;
	f->resume.state = NULL;
}

/*
 * rowmemory.c - memory for the rows of a training, which parallel workers can
 * read
 *
 * Blocks of rows are read into private memory, which is mapped in huge pages
 * where the system has them.  For a team of workers they are copied to segments
 * of dynamic shared memory, if each cannot have its own (see rowcopy.c).  Reading into shared memory at once would save that,
 * but mapping its small pages takes longer than reading does, and most
 * trainings want no team.
 *
 * Where there is no shared memory, as in a container whose /dev/shm is small or
 * full, blocks stay private: that may cost the team, never the training.
 *
 * A segment is mapped for as long as the memory context of the rows lives, or
 * until they are closed, which may be before or after the end of the
 * transaction that filled it.
 */
#include "pg/train/train.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include <fcntl.h>
#ifndef WIN32
#include <sys/mman.h>
#include <unistd.h>
#endif

#define MB				((Size) 1 << 20)
#define SMALL_CHUNK		(8 * MB)	/* of a segment, at least, unless all is smaller */
#define LARGE_CHUNK		(64 * MB)	/* allocated at a time, at most, up to 16 times as much: it cannot be interrupted */
#define TOUCHED			(2 * MB)	/* mapped at a time */
#define HUGE_PAGE		(2 * MB)
#define RESERVE			(2 * MB)	/* of shared memory that is not taken for rows */

struct RowSegments
{
	MemoryContextCallback callback;
	int			count;
	dsm_segment *segment[FC_MOST_ROW_SEGMENTS];	/* (count) in the order of their blocks */
	int64		blocks[FC_MOST_ROW_SEGMENTS];
};

/* A limit of the server is shared by its backends */
static int	segments_in_use = 0;

/* All blocks are to have the same size, once the first one is complete */
void
fc_row_memory_begin(RowMemory *m, MemoryContext context)
{
	memset(m, 0, sizeof(*m));
	m->context = context;
	m->room = 1;
	m->block = MemoryContextAlloc(context, sizeof(char *));
	m->chunk_room = 1;
	m->chunk = MemoryContextAlloc(context, sizeof(RowChunk));
}

/* ---- chunks of several blocks ---- */

/* The more there are, the more at a time, up to a number of blocks */
static int64
chunk_blocks(const RowMemory *m, int64 limit)
{
	Size		used = m->count * m->size;
	Size		size = used < 4 * LARGE_CHUNK ? Max(used / 4, Min(used, SMALL_CHUNK)) : Max(LARGE_CHUNK, used / 16);

	return Max(1, Min(limit, (int64) (size / m->size)));
}

/* So that page faults are fewer; only advice */
static void
ask_for_huge_pages(char *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	(void) madvise(memory, size, MADV_HUGEPAGE);
#endif
}

/* Maps whole pages before they are used, many at a time; only advice */
static void
map_pages(char *memory, Size size)
{
#ifdef MADV_POPULATE_WRITE
	Size		page = sysconf(_SC_PAGESIZE);
	char	   *start = (char *) TYPEALIGN(page, memory);
	char	   *end = (char *) TYPEALIGN_DOWN(page, memory + size);

	if (end > start)
		(void) madvise(start, end - start, MADV_POPULATE_WRITE);
#endif
}

/* The same for memory of any size.  May be interrupted */
void
fc_map_memory(char *memory, Size size)
{
	for (Size at = 0; at < size; at += TOUCHED)
	{
		CHECK_FOR_INTERRUPTS();
		map_pages(memory + at, Min(TOUCHED, size - at));
	}
}

static void
keep_chunk(RowMemory *m, char *memory, int64 blocks)
{
	if (m->chunks == m->chunk_room)
	{
		m->chunk_room *= 2;
		m->chunk = repalloc(m->chunk, m->chunk_room * sizeof(RowChunk));
	}
	m->chunk[m->chunks++] = (RowChunk) {memory, blocks};
}

/* If it is large, it consists of whole huge pages; *allocated is what can be freed */
char *
fc_huge_memory(MemoryContext context, Size size, char **allocated)
{
	Size		whole = TYPEALIGN(HUGE_PAGE, size);
	bool		large = size >= HUGE_PAGE;
	char	   *memory = *allocated = MemoryContextAllocExtended(context, large ? whole + HUGE_PAGE : size, MCXT_ALLOC_HUGE);

	if (!large)
		return memory;
	memory = (char *) TYPEALIGN(HUGE_PAGE, memory);
	ask_for_huge_pages(memory, whole);
	return memory;
}

static void
add_chunk(RowMemory *m, int64 limit)
{
	int64		blocks = chunk_blocks(m, limit);
	char	   *allocated;

	m->next = fc_huge_memory(m->context, blocks * m->size, &allocated);
	keep_chunk(m, allocated, blocks);
	m->left = blocks;
	m->mapped = m->next;
}

static void
map_next(RowMemory *m)
{
	Size		size = Max(Min(TOUCHED, m->left * m->size), m->size);

	map_pages(m->next, size);
	m->mapped = m->next + size;
}

static void
append(RowMemory *m, char *block)
{
	if (m->count == m->room)
	{
		m->room *= 2;
		m->block = repalloc_huge(m->block, m->room * sizeof(char *));
	}
	m->block[m->count++] = block;
}

/* ---- blocks ---- */

/* A first block of this size takes the place of the one there is, which is returned, or NULL */
char *
fc_row_memory_first(RowMemory *m, Size size)
{
	char	   *old = m->count > 0 ? m->block[0] : NULL;

	m->block[0] = MemoryContextAllocExtended(m->context, size, MCXT_ALLOC_HUGE);
	m->size = size;
	m->count = 1;
	m->chunks = 0;
	keep_chunk(m, m->block[0], 1);
	return old;
}

/* Of a first block that has been replaced */
void
fc_row_memory_drop(RowMemory *m, char *block)
{
	if (m->moved == 0)
		pfree(block);
	fc_row_memory_end(m);
}

/* Another block, whose content is not defined; NULL: all of them would exceed a limit in bytes */
char *
fc_row_memory_add(RowMemory *m, Size limit)
{
	if (m->left == 0)
	{
		int64		most = (int64) (limit / m->size) - m->count;

		if (most <= 0)
			return NULL;
		add_chunk(m, most);
	}
	if (m->next + m->size > m->mapped)
		map_next(m);
	append(m, m->next);
	m->next += m->size;
	m->left--;
	return m->block[m->count - 1];
}

/* ---- segments of shared memory ---- */

static void
free_segments(void *arg)
{
	RowSegments *s = arg;

	while (s->count > 0)
	{
		s->count--;
		segments_in_use--;
		dsm_detach(s->segment[s->count]);
	}
}

/* Also given up when the context is deleted */
static void
begin_segments(RowMemory *m)
{
	m->segments = MemoryContextAllocZero(m->context, sizeof(RowSegments));
	m->segments->callback.func = free_segments;
	m->segments->callback.arg = m->segments;
	MemoryContextRegisterResetCallback(m->context, &m->segments->callback);
}

/* NULL: there is none, or nothing would be left for the other memory of workers */
static dsm_segment *
create_segment(Size size)
{
	dsm_segment *segment = segments_in_use < FC_MOST_ROW_SEGMENTS ? fc_create_segment(size, "rows") : NULL;
	dsm_segment *rest = segment ? fc_create_segment(RESERVE, "anything but rows") : NULL;

	if (rest)
		dsm_detach(rest);
	else if (segment)
		dsm_detach(segment);
	return rest ? segment : NULL;
}

/* A new segment, or NULL */
static dsm_segment *
add_segment(RowMemory *m, int64 blocks)
{
	RowSegments *s;
	dsm_segment *segment;

	if (m->segments == NULL)
		begin_segments(m);
	segment = create_segment(blocks * m->size);
	if (segment == NULL)
		return NULL;
	s = m->segments;
	segments_in_use++;
	s->segment[s->count] = segment;
	s->blocks[s->count++] = blocks;
	return segment;
}

/* ---- from private to shared memory ---- */

/*
 * Writes blocks to a segment as to a file, if it is one: that takes half the time
 * of mapping its pages, which only workers need then.
 */
static bool
write_blocks(const RowMemory *m, int64 blocks, dsm_segment *segment)
{
	bool		done = false;

#if defined(USE_DSM_POSIX) && defined(__linux__)
	char		name[64];
	int			file;

	if (dynamic_shared_memory_type != DSM_IMPL_POSIX)
		return false;
	snprintf(name, sizeof(name), "/PostgreSQL.%u", dsm_segment_handle(segment));
	file = shm_open(name, O_RDWR, 0);
	if (file < 0)
		return false;			/* it is part of the server's main memory */
	done = true;
	for (int64 b = 0; b < blocks && done; b++)
		done = pwrite(file, m->block[m->shared + b], m->size, (off_t) (b * m->size)) == (ssize_t) m->size;
	(void) close(file);
#endif
	return done;
}

static void
copy_blocks(const RowMemory *m, int64 blocks, dsm_segment *segment)
{
	char	   *to = dsm_segment_address(segment);

	map_pages(to, blocks * m->size);
	for (int64 b = 0; b < blocks; b++, to += m->size)
		memcpy(to, m->block[m->shared + b], m->size);
}

/* The chunks of a segment are given up */
static void
free_chunks(RowMemory *m, int chunks, int64 blocks, dsm_segment *segment)
{
	char	   *to = dsm_segment_address(segment);

	for (int64 b = 0; b < blocks; b++, to += m->size)
		m->block[m->shared + b] = to;
	for (int i = 0; i < chunks; i++)
		pfree(m->chunk[m->shared_chunks + i].memory);
	m->moved = m->shared + blocks;
	m->left = 0;
}

/* A segment takes chunks up to this size, or a single larger one; returns how many */
static int
chunks_of_segment(const RowMemory *m, int64 *blocks)
{
	int			chunk = m->shared_chunks;

	*blocks = 0;
	while (chunk < m->chunks && *blocks * m->size < SMALL_CHUNK)
		*blocks += m->chunk[chunk++].blocks;
	*blocks = Min(*blocks, m->count - m->shared);
	return chunk - m->shared_chunks;
}

/*
 * Puts blocks into shared memory, in their order; m->shared of them are there
 * then, which are all if there is memory enough.  Private ones stay, and are
 * faster to read, if all of them have room in m->spare.
 */
void
fc_row_memory_share(RowMemory *m)
{
	bool		stay = m->moved == 0 && m->count * m->size <= m->spare;

	while (m->shared < m->count)
	{
		int64		blocks;
		int			chunks = chunks_of_segment(m, &blocks);
		dsm_segment *segment;

		CHECK_FOR_INTERRUPTS();
		segment = add_segment(m, blocks);
		if (segment == NULL)
			return;
		if (!write_blocks(m, blocks, segment))
			copy_blocks(m, blocks, segment);
		if (!stay)
			free_chunks(m, chunks, blocks, segment);
		m->shared_chunks += chunks;
		m->shared += blocks;
	}
}

/* The segments in the order of their blocks; returns how many */
int
fc_row_segments(const RowMemory *m, dsm_segment *const **segment, const int64 **blocks)
{
	if (m->segments == NULL)
		return 0;
	*segment = m->segments->segment;
	*blocks = m->segments->blocks;
	return m->segments->count;
}

/* Of what would not end with the transaction */
void
fc_row_memory_end(RowMemory *m)
{
	if (m->segments)
		free_segments(m->segments);
	m->shared = 0;
	m->moved = 0;
	m->shared_chunks = 0;
}

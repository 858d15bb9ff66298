/*
 * spill.h - a file of columns, in the memory of the test
 */
#ifndef TEST_SPILL_H
#define TEST_SPILL_H

#include "check.h"

#include "core/fc.h"

typedef struct File
{
	char	   *bytes;
	size_t		size;
	int			reads;
	int			writes;
} File;

static void
read_file(void *arg, int64_t at, void *to, size_t size)
{
	File	   *f = arg;

	f->reads++;
	if (CHECK(at >= 0 && (size_t) at + size <= f->size))
		memcpy(to, f->bytes + at, size);
}

static void
write_file(void *arg, int64_t at, const void *from, size_t size)
{
	File	   *f = arg;

	f->writes++;
	if ((size_t) at + size > f->size)
	{
		f->bytes = realloc(f->bytes, at + size);
		memset(f->bytes + f->size, 0xFF, at + size - f->size);
		f->size = at + size;
	}
	memcpy(f->bytes + at, from, size);
}

UNUSED static FcSpill
spill_to(File *f, size_t room)
{
	return (FcSpill) {.room = room, .read = read_file, .write = write_file, .arg = f};
}

UNUSED static void
file_end(File *f)
{
	free(f->bytes);
	*f = (File) {NULL, 0, 0, 0};
}

#endif

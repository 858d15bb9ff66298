/*
 * names.c - the names of columns, where rows have them
 *
 * They are one string of bytes: names in UTF-8, each with a zero byte after
 * it.  An empty name belongs to a column without a name, which matches any
 * other.
 */
#include "core/categories.h"

#include <string.h>

/* The number of bytes of the character at p, which has at most length bytes; 0 if it is invalid */
static size_t
character_length(const unsigned char *p, size_t length)
{
	size_t		n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;

	if (n > length)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	/* longer than need be, a surrogate, or beyond U+10FFFF */
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
		(p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return n;
}

bool
fc_is_utf8(const char *text, size_t length)
{
	for (size_t at = 0; at < length;)
	{
		size_t		n = character_length((const unsigned char *) text + at, length - at);

		if (n == 0)
			return false;
		at += n;
	}
	return true;
}

/* How many of at most length bytes so many names take; 0: they do not end there */
static size_t
length_of(const char *names, size_t length, int32_t columns)
{
	size_t		at = 0;

	for (int32_t column = 0; column < columns; column++)
	{
		const char *end = at < length ? memchr(names + at, '\0', length - at) : NULL;

		if (end == NULL)
			return 0;
		at = (size_t) (end - names) + 1;
	}
	return at;
}

/*
 * Do these bytes consist of exactly as many names, at least one of them not empty?
 */
bool
fc_names_are_valid(const char *names, size_t length, int32_t columns)
{
	return length <= FC_MAX_NAMES && length > (size_t) columns && length_of(names, length, columns) == length &&
		fc_is_utf8(names, length);
}

/* The name behind this one */
const char *
fc_next_name(const char *name)
{
	return name + strlen(name) + 1;
}

/* The first column, from 0, that has different names in a and b, either of which may be NULL; -1: none has */
int32_t
fc_names_differ(const char *a, const char *b, int32_t columns)
{
	if (a == NULL || b == NULL)
		return -1;
	for (int32_t column = 0; column < columns; column++)
	{
		if (*a != '\0' && *b != '\0' && strcmp(a, b) != 0)
			return column;
		a = fc_next_name(a);
		b = fc_next_name(b);
	}
	return -1;
}

/* ---- in the bytes of a model ---- */

/* In whole units of 8 bytes */
size_t
fc_names_size(const FcModel *m)
{
	return m->names == NULL ? 0 : FC_ROUND_UP((size_t) m->names_length, 8);
}

/* p has fc_names_size() bytes, and may be where the names are */
void
fc_names_write(const FcModel *m, char *p)
{
	size_t		length = (size_t) m->names_length;

	if (m->names == NULL)
		return;
	memmove(p, m->names, length);
	memset(p + length, 0, fc_names_size(m) - length);
}

/* The names of a model whose columns are known become a view of the bytes; false: they are not that */
bool
fc_names_read(FcModel *m, const char *p, size_t length)
{
	int32_t		columns = fc_model_columns(m);
	size_t		used = length_of(p, length, columns);

	if (!fc_names_are_valid(p, used, columns) || FC_ROUND_UP(used, 8) != length)
		return false;
	for (size_t i = used; i < length; i++)
		if (p[i] != '\0')
			return false;
	m->names = p;
	m->names_length = (int32_t) used;
	return true;
}

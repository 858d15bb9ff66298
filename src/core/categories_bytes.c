/*
 * categories_bytes.c - the categories of a model, in its bytes
 *
 * Little-endian, between the options and the arrays of a model:
 *
 *	  0	int32		columns, bytes of all values
 *	  8	int32		values of each column (columns), 0: a number; then zeros up to a multiple of 8
 *		values		in UTF-8, each with a zero byte after it, sorted by bytes within a
 *					column; then zeros up to a multiple of 8
 */
#include "core/bytes.h"
#include "core/categories.h"

#define HEADER	8

static size_t
levels_size(int32_t columns)
{
	return FC_ROUND_UP(sizeof(int32_t) * (size_t) columns, 8);
}

/* 0: it has none */
size_t
fc_categories_size(const FcModel *m)
{
	const FcCategories *c = &m->categories;

	return fc_has_categories(m) ? HEADER + levels_size(c->columns) + FC_ROUND_UP((size_t) c->length, 8) : 0;
}

/* p has fc_categories_size() bytes, which may be those that the model is a view of */
void
fc_categories_write(const FcModel *m, char *p)
{
	const FcCategories *c = &m->categories;
	char	   *values = p + HEADER + levels_size(c->columns);

	if (!fc_has_categories(m))
		return;
	memmove(values, c->values, (size_t) c->length);
	memset(values + c->length, 0, FC_ROUND_UP((size_t) c->length, 8) - (size_t) c->length);
	for (int32_t column = 0; column < c->columns; column++)
		fc_put(p + HEADER + 4 * (size_t) column, (uint32_t) c->levels[column], 4);
	memset(p + HEADER + 4 * (size_t) c->columns, 0, levels_size(c->columns) - 4 * (size_t) c->columns);
	fc_put(p, (uint32_t) c->columns, 4);
	fc_put(p + 4, (uint32_t) c->length, 4);
}

static bool
are_zero(const char *p, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (p[i] != '\0')
			return false;
	return true;
}

/* Levels are used where they lie */
static const int32_t *
take_levels(char *p, int32_t columns)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (int32_t column = 0; column < columns; column++)
	{
		int32_t		levels = fc_get_int(p + 4 * (size_t) column);

		memcpy(p + 4 * (size_t) column, &levels, 4);
	}
#else
	(void) columns;
#endif
	return (const int32_t *) (void *) p;
}

/*
 * The categories of a model whose d is known become a view of the bytes, which
 * are aligned to 8; returns how many they are, 0: they are not valid.  Trusts nothing.
 */
size_t
fc_categories_read(FcModel *m, char *p, size_t length)
{
	FcCategories c;
	size_t		front;
	size_t		size;

	if (length < HEADER)
		return 0;
	c.columns = fc_get_int(p);
	c.length = fc_get_int(p + 4);
	if (c.columns < 1 || c.columns > m->d || c.length < 1 || c.length > FC_MAX_VALUE_BYTES)
		return 0;
	front = HEADER + levels_size(c.columns);
	size = front + FC_ROUND_UP((size_t) c.length, 8);
	if (size > length || !are_zero(p + HEADER + 4 * (size_t) c.columns, front - HEADER - 4 * (size_t) c.columns) ||
		!are_zero(p + front + c.length, size - front - (size_t) c.length))
		return 0;
	c.levels = take_levels(p + HEADER, c.columns);
	c.values = p + front;
	if (!fc_categories_are_valid(&c) || fc_count_features(&c) != m->d)
		return 0;
	m->categories = c;
	return size;
}

/*
 * model_bytes.c - a model as bytes
 *
 * Little-endian; everything lies at a multiple of 8 bytes:
 *
 *	  0	char[4]		magic "FZCM"
 *	  4	uint32		format version: 3 if it has categories, or optional arrays other than "mass", else 2 if
 *					columns have names, else 1
 *	  8	uint32		CRC-32C of the bytes from 12 on (kept by the caller)
 *	 12	uint32		flags: 1 converged, 2 learned from float32 rows; version 3: 4 columns have names,
 *					8 some are categories
 *	 16	char[16]	name of the algorithm, padded with zeros
 *	 32	int32		k, d
 *	 40	int64		rows, skipped rows
 *	 56	int32		iterations, empty clusters
 *	 64	float64		objective
 *	 72	int32		iterations between two rows of the history, number of options
 *	 80	int32		number of arrays, kilobytes that the training took or 0
 *	 88	options		each char[24] name, float64 value (of a choice: its position)
 *		categories	if it has some: see categories_bytes.c
 *		arrays		each char[16] name, int64 rows, int32 columns, int32 type, values
 *		names		if columns have them: in UTF-8, each with a zero byte after it, an empty one where
 *					a column has none; then zeros up to a multiple of 8
 *
 * Without categories there are d columns.
 * Type 0 has float64 values, type 1 float32, and zeros up to a multiple of 8 bytes.
 * The arrays are those of fc_model_arrays(), in its order; each of the optional ones may be missing.
 *
 * A model is written in the first version that has what it needs, which older readers take too.
 *
 * Rules: a released version is readable for ever; choices are only appended;
 * options that an older writer lacked take their defaults.  A reader trusts
 * nothing: every count is checked against the length, which must match exactly.
 */
#include "core/bytes.h"
#include "core/categories.h"
#include "core/optional.h"

#include <math.h>
#include <string.h>

#define MAGIC			"FZCM"
#define VERSION			3
#define HEADER			88
#define OPTION_NAME		24
#define OPTION_SIZE		(OPTION_NAME + 8)
#define ARRAY_NAME		16
#define ARRAY_HEADER	(ARRAY_NAME + 16)

#define TYPE_F64		0
#define TYPE_F32		1

#define FLAG_CONVERGED	1
#define FLAG_F32		2
#define FLAG_NAMES		4
#define FLAG_CATEGORIES	8

/* Of the values of an array, in whole units of 8; SIZE_MAX: too many */
static size_t
bytes_of(const FcArray *array, uint64_t values)
{
	size_t		bytes = fc_times(values, array->narrow ? sizeof(float) : sizeof(double));

	return bytes > SIZE_MAX - 7 ? SIZE_MAX : FC_ROUND_UP(bytes, 8);
}

/* The version that it is written in */
int
fc_model_format(const FcModel *m)
{
	return fc_has_categories(m) || m->optional.arrays & ~(1u << FC_WITH_MASS) ? 3 : m->names ? 2 : 1;
}

/* How many options are written: not the last ones, from the passes on, where they are the defaults, which older readers need not know */
static int
written_options(const FcModel *m)
{
	int			n = FC_NCOMMON;

	while (n > FC_PASSES && fc_is_initial(&fc_common_options[n - 1], m->common[n - 1]))
		n--;
	return fc_count_options(m->algo) - (FC_NCOMMON - n);
}

/* SIZE_MAX: more than can be addressed */
size_t
fc_model_size(const FcModel *m)
{
	FcModel		copy = *m;
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(&copy, arrays);
	size_t		size = HEADER + (size_t) OPTION_SIZE * written_options(m);

	for (int i = 0; i < n; i++)
		size = fc_plus(size, fc_plus(ARRAY_HEADER, bytes_of(&arrays[i], fc_times(arrays[i].rows, arrays[i].columns))));
	return fc_plus(size, fc_categories_size(m) + fc_names_size(m));
}

static uint32_t
write_flags(const FcModel *m)
{
	return (m->converged ? FLAG_CONVERGED : 0) | (m->precision == FC_F32 ? FLAG_F32 : 0) |
		(m->names && fc_model_format(m) > 2 ? FLAG_NAMES : 0) | (fc_has_categories(m) ? FLAG_CATEGORIES : 0);
}

/* Do categories precede the arrays? */
static bool
has_categories(const char *p)
{
	return fc_get_bytes(p + 4, 4) > 2 && (fc_get_bytes(p + 12, 4) & FLAG_CATEGORIES) != 0;
}

/* Do names follow the arrays? */
static bool
has_names(const char *p)
{
	uint64_t	version = fc_get_bytes(p + 4, 4);

	return version == 2 || (version > 2 && fc_get_bytes(p + 12, 4) & FLAG_NAMES);
}

static void
write_header(const FcModel *m, char *p, int narrays)
{
	memset(p, 0, HEADER);
	memcpy(p, MAGIC, 4);
	fc_put(p + 4, fc_model_format(m), 4);
	fc_put(p + 12, write_flags(m), 4);
	strncpy(p + 16, m->algo->name, 15);
	fc_put(p + 32, m->k, 4);
	fc_put(p + 36, m->d, 4);
	fc_put(p + 40, m->rows, 8);
	fc_put(p + 48, m->skipped, 8);
	fc_put(p + 56, m->iterations, 4);
	fc_put(p + 60, m->empty, 4);
	fc_put_double(p + 64, m->objective);
	fc_put(p + 72, m->history.step, 4);
	fc_put(p + 76, written_options(m), 4);
	fc_put(p + 80, narrays, 4);
	fc_put(p + 84, m->memory, 4);
}

static void
write_values(const FcArray *array, const FcHooks *hooks, char *p)
{
	size_t		values = (size_t) (array->rows * array->columns);

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	(void) hooks;
	for (size_t i = 0; array->data && i < values; i++)
		fc_put_double(p + 8 * i, (*array->data)[i]);
	for (size_t i = 0; array->narrow && i < values; i++)
	{
		uint32_t	bits;

		memcpy(&bits, *array->narrow + i, 4);
		fc_put(p + 4 * i, bits, 4);
	}
#else
	if (array->data)
		fc_copy(hooks, p, *array->data, 8 * values);
	else
		fc_copy(hooks, p, *array->narrow, 4 * values);
#endif
	if (array->narrow && values % 2 != 0)
		memset(p + 4 * values, 0, 4);
}

/* buf holds fc_model_size() bytes; the CRC is left 0; hooks may longjmp */
void
fc_model_write(const FcModel *m, const FcHooks *hooks, void *buf)
{
	FcModel		copy = *m;
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(&copy, arrays);
	char	   *p = buf;

	write_header(m, p, n);
	p += HEADER;
	for (int i = 0; i < written_options(m); i++, p += OPTION_SIZE)
	{
		memset(p, 0, OPTION_NAME);
		strncpy(p, fc_option_at(m->algo, i)->name, OPTION_NAME - 1);
		fc_put_double(p + OPTION_NAME, *fc_option_value(&copy, i));
	}
	fc_categories_write(m, p);
	p += fc_categories_size(m);
	for (int i = 0; i < n; i++)
	{
		memset(p, 0, ARRAY_HEADER);
		strncpy(p, arrays[i].name, ARRAY_NAME - 1);
		fc_put(p + ARRAY_NAME, arrays[i].rows, 8);
		fc_put(p + ARRAY_NAME + 8, arrays[i].columns, 4);
		fc_put(p + ARRAY_NAME + 12, arrays[i].narrow ? TYPE_F32 : TYPE_F64, 4);
		p += ARRAY_HEADER;
		write_values(&arrays[i], hooks, p);
		p += bytes_of(&arrays[i], (uint64_t) arrays[i].rows * arrays[i].columns);
	}
	fc_names_write(m, p);
}

/* The number of clusters in a possible model: only the magic is checked; 0 if it is not a model */
int32_t
fc_model_clusters(const void *bytes, size_t len)
{
	const char *p = bytes;

	return len < HEADER || memcmp(p, MAGIC, 4) != 0 ? 0 : fc_get_int(p + 32);
}

/* The same, and one more if it has noise */
int32_t
fc_model_groups(const void *bytes, size_t len)
{
	const char *name = fc_common_options[FC_NOISE_DISTANCE].name;
	int32_t		k = fc_model_clusters(bytes, len);
	const char *p = (const char *) bytes + HEADER;
	int32_t		n = k > 0 && k <= FC_MAX_CLUSTERS ? fc_get_int((const char *) bytes + 76) : 0;

	for (len -= k > 0 ? HEADER : len; n > 0 && len >= OPTION_SIZE; n--, p += OPTION_SIZE, len -= OPTION_SIZE)
		if (strncmp(p, name, OPTION_NAME) == 0)
			return isnan(fc_get_double(p + OPTION_NAME)) ? k : k + 1;
	return k;
}

static FcStatus
read_header(FcModel *m, const char *p, size_t len)
{
	char		name[17] = {0};
	uint32_t	flags;

	if (len < 8 || memcmp(p, MAGIC, 4) != 0 || fc_get_bytes(p + 4, 4) == 0)
		return FC_NOT_A_MODEL;
	if (fc_get_bytes(p + 4, 4) > VERSION)
		return FC_NEWER_MODEL;
	if (len < HEADER)
		return FC_DAMAGED_MODEL;
	memcpy(name, p + 16, 16);
	m->algo = fc_find_algorithm(name);
	if (m->algo == NULL)
		return FC_UNKNOWN_ALGORITHM;

	flags = (uint32_t) fc_get_bytes(p + 12, 4);
	fc_model_begin(m, m->algo, fc_get_int(p + 32), fc_get_int(p + 36));
	m->converged = (flags & FLAG_CONVERGED) != 0;
	m->precision = flags & FLAG_F32 ? FC_F32 : FC_F64;
	m->rows = (int64_t) fc_get_bytes(p + 40, 8);
	m->skipped = (int64_t) fc_get_bytes(p + 48, 8);
	m->iterations = fc_get_int(p + 56);
	m->empty = fc_get_int(p + 60);
	m->objective = fc_get_double(p + 64);
	m->history.step = fc_get_int(p + 72);
	m->memory = fc_get_int(p + 84);
	return fc_model_counts_hold(m) ? FC_OK : FC_DAMAGED_MODEL;
}

static FcStatus
read_options(FcModel *m, const char *p, size_t len, int32_t n)
{
	if (n < 0 || n > FC_NCOMMON + FC_MAX_OPTIONS || len < (size_t) n * OPTION_SIZE)
		return FC_DAMAGED_MODEL;
	for (; n > 0; n--, p += OPTION_SIZE)
	{
		double		value = fc_get_double(p + OPTION_NAME);
		int			i;

		if (p[OPTION_NAME - 1] != '\0')
			return FC_DAMAGED_MODEL;
		i = fc_find_option(m->algo, p);
		if (i < 0)
			return FC_NEWER_MODEL;
		if (!fc_option_allows(fc_option_at(m->algo, i), value))
			return FC_DAMAGED_MODEL;
		*fc_option_value(m, i) = value;
	}
	return FC_OK;
}

/* The values of an array are used where they lie; false if one is not finite */
static bool
take_values(const FcArray *array, char *p, uint64_t values)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (uint64_t i = 0; i < values; i++)
	{
		double		value = fc_get_double(p + 8 * i);

		memcpy(p + 8 * i, &value, 8);
	}
#endif
	*array->data = (double *) (void *) p;
	for (uint64_t i = 0; i < values; i++)
		if (!isfinite((*array->data)[i]))
			return false;
	return true;
}

/* The same of floats; what fills the last unit must be 0 */
static bool
take_narrow_values(const FcArray *array, char *p, uint64_t values)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (uint64_t i = 0; i < values; i++)
	{
		uint32_t	value = (uint32_t) fc_get_bytes(p + 4 * i, 4);

		memcpy(p + 4 * i, &value, 4);
	}
#endif
	*array->narrow = (float *) (void *) p;
	for (uint64_t i = 0; i < values; i++)
		if (!isfinite((*array->narrow)[i]))
			return false;
	return values % 2 == 0 || fc_get_bytes(p + 4 * values, 4) == 0;
}

/* Set the number of rows of an array; false if it cannot have this number of rows or columns */
static bool
read_array_header(const FcArray *array, const char *p, size_t len, int64_t *rows)
{
	if (len < ARRAY_HEADER || strncmp(p, array->name, ARRAY_NAME) != 0)
		return false;
	*rows = (int64_t) fc_get_bytes(p + ARRAY_NAME, 8);
	if (array->count != NULL)
	{
		if (*rows < 0 || *rows > (array->narrow ? INT32_MAX : FC_MAX_CLUSTERS))
			return false;
		*array->count = (int32_t) *rows;
	}
	else if (*rows != array->rows)
		return false;
	return fc_get_int(p + ARRAY_NAME + 8) == array->columns &&
		fc_get_int(p + ARRAY_NAME + 12) == (array->narrow ? TYPE_F32 : TYPE_F64);
}

/* The optional array whose name is at p, behind those that the model has; false: it is none */
static bool
next_optional(FcModel *m, const char *p, size_t len, FcArray *array)
{
	for (int which = 0; which < FC_ALL_OPTIONAL; which++)
	{
		*array = fc_optional_array(m, which);
		if (m->optional.arrays >> which == 0 && len >= ARRAY_NAME && strncmp(p, array->name, ARRAY_NAME) == 0)
		{
			m->optional.arrays |= 1u << which;
			return true;
		}
	}
	return false;
}

static FcStatus
read_arrays(FcModel *m, char *p, size_t len, int32_t narrays, bool named)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(m, arrays);

	if (narrays < n || narrays > n + FC_ALL_OPTIONAL)
		return FC_DAMAGED_MODEL;
	for (int i = 0; i < narrays; i++)
	{
		const FcArray *array = &arrays[i];
		int64_t		rows;
		uint64_t	values;
		size_t		size;

		if (i >= n && !next_optional(m, p, len, &arrays[i]))
			return FC_DAMAGED_MODEL;
		if (!read_array_header(array, p, len, &rows))
			return FC_DAMAGED_MODEL;
		values = (uint64_t) rows * array->columns;
		p += ARRAY_HEADER;
		len -= ARRAY_HEADER;
		if (values > len / (array->narrow ? sizeof(float) : sizeof(double)))
			return FC_DAMAGED_MODEL;
		size = bytes_of(array, values);
		if (size > len)
			return FC_DAMAGED_MODEL;
		if (!(array->narrow ? take_narrow_values(array, p, values) : take_values(array, p, values)))
			return FC_DAMAGED_MODEL;
		p += size;
		len -= size;
	}
	return (named ? fc_names_read(m, p, len) : len == 0) ? FC_OK : FC_DAMAGED_MODEL;
}

/*
 * Makes *m a view of the bytes, which must be aligned to 8 and stay where they
 * are; on a big-endian machine they are put into its order.  Trusts nothing.
 */
FcStatus
fc_model_read(FcModel *m, void *buf, size_t len)
{
	char	   *p = buf;
	size_t		at;
	size_t		categories;
	FcStatus	status = read_header(m, p, len);

	if (status != FC_OK)
		return status;
	status = read_options(m, p + HEADER, len - HEADER, fc_get_int(p + 76));
	if (status != FC_OK)
		return status;
	at = HEADER + (size_t) OPTION_SIZE * fc_get_int(p + 76);
	categories = has_categories(p) ? fc_categories_read(m, p + at, len - at) : 0;
	if (has_categories(p) && categories == 0)
		return FC_DAMAGED_MODEL;
	at += categories;
	status = read_arrays(m, p + at, len - at, fc_get_int(p + 80), has_names(p));
	return status == FC_OK && !(fc_model_values_hold(m) && fc_get_int(p + 4) == fc_model_format(m)) ? FC_DAMAGED_MODEL : status;
}

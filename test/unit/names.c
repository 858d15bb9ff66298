/*
 * names.c - names of features: which bytes are names, which names differ, and
 * names behind the arrays of a model
 */
#include "train.h"

#define BYTES(text)		(text), sizeof(text) - 1

/* What RFC 3629 says, by another way: decode, and see whether the shortest form of that is the same */
static size_t
encode(uint32_t c, unsigned char *out)
{
	if (c < 0x80)
	{
		out[0] = (unsigned char) c;
		return 1;
	}
	if (c < 0x800)
	{
		out[0] = (unsigned char) (0xC0 | c >> 6);
		out[1] = (unsigned char) (0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000)
	{
		out[0] = (unsigned char) (0xE0 | c >> 12);
		out[1] = (unsigned char) (0x80 | (c >> 6 & 0x3F));
		out[2] = (unsigned char) (0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (unsigned char) (0xF0 | c >> 18);
	out[1] = (unsigned char) (0x80 | (c >> 12 & 0x3F));
	out[2] = (unsigned char) (0x80 | (c >> 6 & 0x3F));
	out[3] = (unsigned char) (0x80 | (c & 0x3F));
	return 4;
}

/* All characters, and as many sequences of four bytes as are not one */
static void
test_utf8(void)
{
	static const unsigned char edges[] = {
		0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
		0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF
	};
	const int	n = sizeof(edges);
	unsigned char text[8];
	int			wrong = 0;

	for (uint32_t c = 0; c <= 0x10FFFF; c++)
	{
		size_t		length = encode(c, text);

		wrong += fc_is_utf8((char *) text, length) != (c < 0xD800 || c > 0xDFFF);
		for (size_t cut = 1; cut < length; cut++)
			wrong += fc_is_utf8((char *) text, cut);
	}
	for (uint32_t c = 0x110000; c < 0x200000; c += 0x111)
		wrong += fc_is_utf8((char *) text, encode(c, text));
	CHECK_EQ(wrong, 0);

	/* a text is UTF-8 if and only if its characters, decoded and encoded, are its bytes */
	for (int i = 0; i < n * n * n * n; i++)
	{
		unsigned char bytes[4] = {edges[i % n], edges[i / n % n], edges[i / n / n % n], edges[i / n / n / n]};
		bool		fine = true;

		for (size_t at = 0; at < 4 && fine;)
		{
			size_t		length = bytes[at] < 0x80 ? 1 : bytes[at] < 0xE0 ? 2 : bytes[at] < 0xF0 ? 3 : 4;
			uint32_t	c = bytes[at] & (length == 1 ? 0x7F : 0xFF >> (length + 1));

			fine = at + length <= 4;
			for (size_t b = 1; b < length && fine; b++)
				c = c << 6 | (bytes[at + b] & 0x3F);
			fine = fine && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF) && encode(c, text) == length &&
				memcmp(text, bytes + at, length) == 0;
			at += length;
		}
		wrong += fc_is_utf8((char *) bytes, 4) != fine;
	}
	CHECK_EQ(wrong, 0);
}

static void
test_validity(void)
{
	static char many[FC_MAX_NAMES + 1];

	CHECK(fc_names_are_valid(BYTES("a\0b\0"), 2));
	CHECK(fc_names_are_valid(BYTES("\0b\0"), 2));
	CHECK(fc_names_are_valid(BYTES("a\0\0"), 2));
	CHECK(fc_names_are_valid(BYTES("\xE2\x82\xAC\0"), 1));
	CHECK(!fc_names_are_valid(BYTES("a\0b\0"), 1));
	CHECK(!fc_names_are_valid(BYTES("a\0b\0"), 3));
	CHECK(!fc_names_are_valid(BYTES("a\0b"), 2));
	CHECK(!fc_names_are_valid(BYTES("a"), 1));
	CHECK(!fc_names_are_valid(BYTES("\0\0"), 2));	/* none has a name */
	CHECK(!fc_names_are_valid(BYTES(""), 0));
	CHECK(!fc_names_are_valid(BYTES("\xE2\x82\0"), 1));
	CHECK(!fc_names_are_valid(BYTES("a\xFF\0"), 1));

	memset(many, 'x', sizeof(many));
	many[FC_MAX_NAMES - 1] = many[FC_MAX_NAMES] = '\0';
	CHECK(fc_names_are_valid(many, FC_MAX_NAMES, 1));
	CHECK(!fc_names_are_valid(many, FC_MAX_NAMES + 1, 2));
	CHECK(strcmp(fc_next_name("a\0b"), "b") == 0);

	/* nothing is read behind the end, where ASan watches */
	for (size_t length = 1; length <= 8; length++)
	{
		char	   *exact = malloc(length);

		memset(exact, 'x', length);
		exact[length / 2] = '\0';
		CHECK(!fc_names_are_valid(exact, length, 3));
		free(exact);
	}
}

static void
test_difference(void)
{
	CHECK_EQ(fc_names_differ("a\0b", "a\0b", 2), -1);
	CHECK_EQ(fc_names_differ("a\0b", "a\0c", 2), 1);
	CHECK_EQ(fc_names_differ("a\0b", "b\0a", 2), 0);
	CHECK_EQ(fc_names_differ("a\0b", "A\0b", 2), 0);
	CHECK_EQ(fc_names_differ("a\0b", "a\0bb", 2), 1);
	CHECK_EQ(fc_names_differ("a\0\0c", "a\0b\0c", 3), -1);
	CHECK_EQ(fc_names_differ("a\0b\0c", "a\0\0d", 3), 2);
	CHECK_EQ(fc_names_differ(NULL, "a\0b", 2), -1);
	CHECK_EQ(fc_names_differ("a\0b", NULL, 2), -1);
}

/* The status of a model of two features whose bytes end with these */
static FcStatus
read_with(const FcModel *unnamed, const char *end, size_t length)
{
	size_t		arrays;
	char	   *bytes = model_bytes(unnamed, &arrays);
	char	   *named = hostile_memory(arrays + length);
	FcModel		m;
	FcStatus	status;

	memcpy(named, bytes, arrays);
	memcpy(named + arrays, end, length);
	named[4] = 2;
	status = fc_model_read(&m, named, arrays + length);
	free(named);
	free(bytes);
	return status;
}

static void
test_model(void)
{
	static const double x[] = {0, 0, 1, 0, 5, 5, 6, 5};
	Training	t;
	FcModel		back;
	size_t		length;
	char	   *bytes;

	training_begin(&t, fc_find_algorithm("kmeans"), 2, FC_F64, x, 4, 2);
	CHECK_EQ(training_run(&t), FC_OK);
	t.model.optional.arrays = 0;	/* in formats 1 and 2 */
	CHECK_EQ(fc_model_format(&t.model), 1);
	CHECK_EQ(read_with(&t.model, BYTES("a\0b\0\0\0\0\0")), FC_OK);
	CHECK_EQ(read_with(&t.model, BYTES("\0b\0\0\0\0\0\0")), FC_OK);
	CHECK_EQ(read_with(&t.model, BYTES("abcd\0ef\0")), FC_OK);
	CHECK_EQ(read_with(&t.model, BYTES("abcd\0efg\0\0\0\0\0\0\0\0")), FC_OK);
	CHECK_EQ(read_with(&t.model, BYTES("a\0b\0\0\0\0")), FC_DAMAGED_MODEL);	/* not whole units */
	CHECK_EQ(read_with(&t.model, BYTES("a\0b\0\0\0\0\0\0\0\0\0\0\0\0\0")), FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(&t.model, BYTES("a\0b\0c\0\0\0")), FC_DAMAGED_MODEL);	/* one too many */
	CHECK_EQ(read_with(&t.model, BYTES("abcdefg\0")), FC_DAMAGED_MODEL);	/* one too few */
	CHECK_EQ(read_with(&t.model, BYTES("abcdefgh")), FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(&t.model, BYTES("a\0b\0\0\0\0\1")), FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(&t.model, BYTES("\0\0\0\0\0\0\0\0")), FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(&t.model, BYTES("a\0\x80\0\0\0\0\0")), FC_DAMAGED_MODEL);
	CHECK_EQ(read_with(&t.model, BYTES("")), FC_DAMAGED_MODEL);

	t.model.names = "ab\0cde";
	t.model.names_length = 7;
	CHECK_EQ(fc_names_size(&t.model), 8);
	CHECK_EQ(fc_model_format(&t.model), 2);
	bytes = model_bytes(&t.model, &length);
	CHECK(memcmp(bytes + length - 8, "ab\0cde\0", 8) == 0);
	CHECK_EQ(fc_model_read(&back, bytes, length), FC_OK);
	CHECK(back.names_length == 7 && memcmp(back.names, t.model.names, 7) == 0);
	free(bytes);
	training_end(&t);
}

int
main(void)
{
	test_utf8();
	test_validity();
	test_difference();
	test_model();
	return check_report("names");
}

/*
 * png.c - an image as a data: URI
 *
 * PNG (RFC 2083) with grey or RGB samples of eight bits, lines without a filter, and stored blocks
 * of deflate (RFC 1950, 1951): images are small, and no library is needed.  The comma of the URI is a
 * reference, see svg.c.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/pg_crc.h"

#include "pg/plot/images.h"

#define STORED		65535		/* most bytes of a block */
#define ADLER		65521
#define GREY		0
#define RGB			2

/* Bytes of the lines, each after the number of its filter */
static Size
lines_size(const ImageShape *image)
{
	return (Size) image->height * (1 + (Size) image->width * image->channels);
}

/* Of the URI: base64 of signature, three chunks, and blocks */
Size
fc_png_size(const ImageShape *image)
{
	Size		lines = lines_size(image);
	Size		png = 8 + (12 + 13) + (12 + 2 + lines + 5 * (lines / STORED + 1) + 4) + 12;

	return 32 + (png + 2) / 3 * 4;
}

static void
add_chunk(StringInfo png, const char *type, const char *data, int length)
{
	pg_crc32	crc;

	pq_sendint32(png, (uint32) length);
	appendBinaryStringInfo(png, type, 4);
	appendBinaryStringInfo(png, data, length);
	INIT_TRADITIONAL_CRC32(crc);
	COMP_TRADITIONAL_CRC32(crc, type, 4);
	COMP_TRADITIONAL_CRC32(crc, data, length);
	FIN_TRADITIONAL_CRC32(crc);
	pq_sendint32(png, crc);
}

static void
add_header(StringInfo png, const ImageShape *image)
{
	StringInfoData header;

	initStringInfo(&header);
	pq_sendint32(&header, (uint32) image->width);
	pq_sendint32(&header, (uint32) image->height);
	pq_sendint8(&header, 8);
	pq_sendint8(&header, image->channels == 3 ? RGB : GREY);
	for (int i = 0; i < 3; i++)
		pq_sendint8(&header, 0);	/* deflate, filters, not interlaced */
	add_chunk(png, "IHDR", header.data, header.len);
}

static uint32
adler_of(const char *data, int length)
{
	uint32		a = 1;
	uint32		b = 0;

	for (int i = 0; i < length; i++)
	{
		a = (a + (unsigned char) data[i]) % ADLER;
		b = (b + a) % ADLER;
	}
	return b << 16 | a;
}

static void
add_lines(StringInfo png, const ImageShape *image, const uint8 *pixels)
{
	int			line = image->width * image->channels;
	StringInfoData lines;
	StringInfoData data;

	initStringInfo(&lines);
	for (int y = 0; y < image->height; y++)
	{
		appendStringInfoChar(&lines, 0);
		appendBinaryStringInfo(&lines, (const char *) pixels + (Size) y * line, line);
	}
	initStringInfo(&data);
	pq_sendint16(&data, 0x7801);
	for (int at = 0; at < lines.len; at += STORED)
	{
		int			length = Min(STORED, lines.len - at);

		pq_sendint8(&data, at + length == lines.len);
		pq_sendint16(&data, pg_bswap16((uint16) length));
		pq_sendint16(&data, pg_bswap16((uint16) ~length));
		appendBinaryStringInfo(&data, lines.data + at, length);
	}
	pq_sendint32(&data, adler_of(lines.data, lines.len));
	add_chunk(png, "IDAT", data.data, data.len);
}

static void
add_base64(StringInfo out, const unsigned char *data, int n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int i = 0; i < n; i += 3)
	{
		uint32		bits = data[i] << 16 | (i + 1 < n ? data[i + 1] << 8 : 0) | (i + 2 < n ? data[i + 2] : 0);

		for (int c = 0; c < 4; c++)
			appendStringInfoChar(out, i + c <= n ? digits[bits >> (18 - 6 * c) & 63] : '=');
	}
}

void
fc_png_add(StringInfo out, const ImageShape *image, const uint8 *pixels)
{
	StringInfoData png;

	initStringInfo(&png);
	appendBinaryStringInfo(&png, "\x89PNG\r\n\x1a\n", 8);
	add_header(&png, image);
	add_lines(&png, image, pixels);
	add_chunk(&png, "IEND", "", 0);
	appendStringInfoString(out, "data:image/png;base64&#44;");
	add_base64(out, (const unsigned char *) png.data, png.len);
}

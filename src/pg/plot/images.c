/*
 * images.c - a figure of images: centers of clusters, and rows near them
 *
 *	 Cluster	Center	Nearest rows			or, of centers alone,
 *	 +-----------------------------------+		+-------------------+
 *	 | 1		[    ]	[ ][ ][ ][ ][ ]	 |		| [    ]	[    ]	|
 *	 | 1,234								 |		|	1		  2		|
 *	 +-----------------------------------+		+-------------------+
 *
 * Images with more pixels than are seen are drawn smaller, each pixel a mean.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "pg/plot/images.h"

#include <math.h>

#define MOST_SIDE	64			/* pixels of a tile */
#define MOST_BYTES	(1900 * 1024)	/* of all tiles */
#define TAG_BYTES	200			/* what is written around one */
#define SLACK		0.25		/* centers of values between 0 and 1 may be beyond these */

#define TEXT_SIZE	12
#define CENTER_SIDE 56.0
#define MOST_ROW_SIDE 48.0
#define GAP			10.0
#define ROW_GAP		4.0
#define LABEL_WIDTH 76.0
#define HEAD_HEIGHT 24.0
#define CAPTION		34.0		/* height of number and weight below a center */

/* ---- pixels ---- */

static int
reduction(const ImageShape *image)
{
	return (Max(image->height, image->width) + MOST_SIDE - 1) / MOST_SIDE;
}

ImageShape
fc_image_tile(const ImageShape *image)
{
	int			by = reduction(image);

	return (ImageShape) {image->channels, (image->height + by - 1) / by, (image->width + by - 1) / by};
}

Size
fc_image_pixels(const ImageShape *tile)
{
	return (Size) tile->channels * tile->height * tile->width;
}

/* The mean of a square of pixels, which may end at the edge */
static float
mean_of_square(const ImageShape *image, const double *channel, int top, int left, int by)
{
	int			bottom = Min(top + by, image->height);
	int			right = Min(left + by, image->width);
	double		sum = 0;

	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++)
			sum += channel[(Size) y * image->width + x];
	return (float) (sum / ((double) (bottom - top) * (right - left)));
}

/* Features (channels, height, width) of an image become pixels (height, width, channels) of its tile */
void
fc_image_reduce(const ImageShape *image, const double *features, float *pixels)
{
	ImageShape	tile = fc_image_tile(image);
	int			by = reduction(image);

	for (int c = 0; c < tile.channels; c++)
		for (int y = 0; y < tile.height; y++)
			for (int x = 0; x < tile.width; x++)
				pixels[((Size) y * tile.width + x) * tile.channels + c] =
					mean_of_square(image, features + (Size) c * image->height * image->width, y * by, x * by, by);
}

int
fc_image_room(const ImageShape *tile)
{
	return (int) (MOST_BYTES / (fc_png_size(tile) + TAG_BYTES));
}

/* What is not a number does not count */
static void
include_pixels(const float *pixels, Size n, Images *images)
{
	for (Size i = 0; i < n; i++)
		if (isfinite(pixels[i]))
		{
			images->low = Min(images->low, pixels[i]);
			images->high = Max(images->high, pixels[i]);
		}
}

void
fc_image_range(Images *images)
{
	Size		n = fc_image_pixels(&images->tile);

	images->low = INFINITY;
	images->high = -INFINITY;
	for (int c = 0; c < images->n; c++)
	{
		include_pixels(images->cluster[c].center, n, images);
		for (int i = 0; i < images->cluster[c].n; i++)
			include_pixels(images->cluster[c].row[i], n, images);
	}
	if (!(images->low < images->high) || (images->low >= -SLACK && images->high <= 1 + SLACK))
	{
		images->low = 0;
		images->high = 1;
	}
}

/* ---- tiles ---- */

/* In a square of this side, in its middle */
static void
draw_tile(StringInfo out, const Images *images, const float *pixels, double x, double y, double side, const char *title)
{
	const ImageShape *tile = &images->tile;
	double		scale = side / Max(tile->width, tile->height);
	Size		n = fc_image_pixels(tile);
	uint8	   *bytes = palloc(n);

	CHECK_FOR_INTERRUPTS();
	for (Size i = 0; i < n; i++)
	{
		double		value = (pixels[i] - images->low) / (images->high - images->low);

		bytes[i] = value > 0 ? (uint8) rint(255 * Min(value, 1)) : 0;
	}
	appendStringInfo(out, "<image x='%.1f' y='%.1f' width='%.1f' height='%.1f' preserveAspectRatio='none' image-rendering='pixelated' href='",
					 x + (side - scale * tile->width) / 2, y + (side - scale * tile->height) / 2,
					 scale * tile->width, scale * tile->height);
	fc_png_add(out, tile, bytes);
	appendStringInfoString(out, "'>");
	if (title != NULL)
	{
		appendStringInfoString(out, "<title>");
		fc_svg_write(out, title);
		appendStringInfoString(out, "</title>");
	}
	appendStringInfoString(out, "</image>");
	pfree(bytes);
}

static char *
weight_text(double weight)
{
	return weight < 1e15 ? fc_svg_count((int64) rint(weight)) : psprintf("%.3g", weight);
}

static void
draw_center(StringInfo out, const Images *images, const ImageCluster *c, double x, double y)
{
	draw_tile(out, images, c->center, x, y, CENTER_SIDE, psprintf("Center of cluster " INT64_FORMAT, c->number));
}

/* ---- rows of tiles: a cluster each ---- */

/* Of the tiles beside a center */
static double
row_side(const Images *images, double width)
{
	double		room = width - 2 * FIGURE_MARGIN - LABEL_WIDTH - CENTER_SIDE - GAP;

	return Min(MOST_ROW_SIDE, (room + ROW_GAP) / images->beside - ROW_GAP);
}

static void
draw_cluster(StringInfo out, const Images *images, const ImageCluster *c, double y, double width)
{
	double		x = FIGURE_MARGIN;
	double		side = row_side(images, width);

	fc_svg_draw_text(out, x, y + CENTER_SIDE / 2, " font-weight='600'", psprintf(INT64_FORMAT, c->number));
	fc_svg_draw_text(out, x, y + CENTER_SIDE / 2 + 16, " fill='" SOFT_INK "'", weight_text(c->weight));
	x += LABEL_WIDTH;
	draw_center(out, images, c, x, y);
	x += CENTER_SIDE + GAP;
	for (int i = 0; i < c->n; i++, x += side + ROW_GAP)
		draw_tile(out, images, c->row[i], x, y + (CENTER_SIDE - side) / 2, side, NULL);
}

static void
draw_rows(StringInfo out, const Images *images, double top, double width)
{
	double		x = FIGURE_MARGIN;
	double		y = top + 12;

	appendStringInfoString(out, "<g font-weight='600'>");
	fc_svg_draw_text(out, x, y, "", "Cluster");
	fc_svg_draw_text(out, x + LABEL_WIDTH, y, "", "Center");
	fc_svg_draw_text(out, x + LABEL_WIDTH + CENTER_SIDE + GAP, y, "", "Nearest rows");
	appendStringInfoString(out, "</g>");
	for (int c = 0; c < images->n; c++)
		draw_cluster(out, images, &images->cluster[c], top + HEAD_HEIGHT + c * (CENTER_SIDE + GAP), width);
}

/* ---- centers alone ---- */

static int
across(double width)
{
	return Max(1, (int) ((width - 2 * FIGURE_MARGIN + GAP) / (CENTER_SIDE + GAP)));
}

static void
draw_centers(StringInfo out, const Images *images, double top, double width)
{
	appendStringInfoString(out, "<g text-anchor='middle'>");
	for (int c = 0; c < images->n; c++)
	{
		double		x = FIGURE_MARGIN + c % across(width) * (CENTER_SIDE + GAP);
		double		y = top + c / across(width) * (CENTER_SIDE + CAPTION);
		double		middle = x + CENTER_SIDE / 2;

		draw_center(out, images, &images->cluster[c], x, y);
		fc_svg_draw_text(out, middle, y + CENTER_SIDE + 13, " font-weight='600'", psprintf(INT64_FORMAT, images->cluster[c].number));
		fc_svg_draw_text(out, middle, y + CENTER_SIDE + 26, " font-size='11' fill='" SOFT_INK "'",
						 weight_text(images->cluster[c].weight));
	}
	appendStringInfoString(out, "</g>");
}

/* ---- the figure ---- */

static char *
describe(const Images *images)
{
	const char *clusters = images->n == 1 ? "Center of 1 cluster as an image" :
		psprintf("Centers of %s clusters as images", fc_svg_count(images->n));

	return images->beside == 0 ? pstrdup(clusters) : psprintf("%s with the rows that are nearest to %s", clusters, images->n == 1 ? "it" : "them");
}

static double
tiles_height(const Images *images, double width)
{
	int			lines = (images->n + across(width) - 1) / across(width);

	return images->beside > 0 ? HEAD_HEIGHT + images->n * (CENTER_SIDE + GAP) : lines * (CENTER_SIDE + CAPTION);
}

void
fc_figure_images(StringInfo out, const Figure *f, const Images *images)
{
	FigurePlace at = fc_begin_figure(f);
	double		height = at.top + tiles_height(images, at.width);
	bool		cut = images->n < images->clusters;

	fc_open_figure(out, f, &at, height + (cut ? 20 : 0) + FIGURE_MARGIN, describe(images));
	appendStringInfo(out, "<g class='images' font-size='%d'>", TEXT_SIZE);
	if (images->beside > 0)
		draw_rows(out, images, at.top, at.width);
	else
		draw_centers(out, images, at.top, at.width);
	if (cut)
		fc_svg_draw_text(out, FIGURE_MARGIN, height + 12, " fill='" SOFT_INK "'",
						 psprintf("%s of %s clusters drawn", fc_svg_count(images->n), fc_svg_count(images->clusters)));
	appendStringInfoString(out, "</g>");
	fc_close_figure(out);
}

/*
 * patches.c - windows over images as rows of a matrix, and back
 *
 * Gather (im2col) copies the window at each place of a grid into a row of
 * size x size x channels numbers, with zeros where it reaches over the edge.
 * Scatter (col2im) is the adjoint: it adds each row to the window's place in
 * the image.  With these two, convolutions are matrix products (Chellapilla,
 * Puri and Simard, 2006).
 *
 * Images (n, height, width, channels), patches (lines, grid width, size, size,
 * channels).  A line is a row of the grid; those of all images are counted
 * through, so that work is cut into pieces that fit the cache whatever the
 * image is.  Lines must be scattered in order: the first one of an image clears it.
 */
#include "nn/net.h"

#include <string.h>

#define AT_ONCE		(1 << 14)	/* numbers */

FcWindow
fc_window(int32_t size, int32_t stride, int32_t padding)
{
	return (FcWindow) {size, stride, padding, padding, padding, padding};
}

/* Of a transposed convolution to (side - 1) stride - 2 padding + size + output_padding */
FcWindow
fc_window_transposed(int32_t size, int32_t stride, int32_t padding, int32_t output_padding)
{
	int32_t		rest = padding - output_padding;

	return (FcWindow) {size, stride, padding, padding, rest, rest};
}

/* How often the window fits in: floor((side + padding - size) / stride) + 1 */
FcStatus
fc_grid_of(FcGrid *g, FcShape image, FcWindow w)
{
	int64_t		down = (int64_t) image.height + w.top + w.bottom - w.size;
	int64_t		across = (int64_t) image.width + w.left + w.right - w.size;

	if (w.size < 1 || w.stride < 1 || w.top < 0 || w.left < 0 || w.top >= w.size || w.left >= w.size ||
		down < 0 || across < 0)
		return FC_BAD_SHAPE;
	*g = (FcGrid) {image, w, (int32_t) (down / w.stride + 1), (int32_t) (across / w.stride + 1)};
	return FC_OK;
}

/* Over the larger one of a layer's images, with a place for each pixel of the other */
FcGrid
fc_grid_of_layer(const FcLayer *l)
{
	FcShape		image = l->ops->input_major ? l->out : l->in;
	FcShape		places = l->ops->input_major ? l->in : l->out;

	return (FcGrid) {image, l->window, places.height, places.width};
}

/* Numbers in a patch */
int64_t
fc_grid_patch(const FcGrid *g)
{
	return (int64_t) g->window.size * g->window.size * g->image.channels;
}

/* Lines that are gathered at once: they stay in the second-level cache until they are used */
int64_t
fc_grid_lines(const FcGrid *g)
{
	int64_t		lines = AT_ONCE / (fc_grid_patch(g) * g->width);

	return lines > 1 ? lines : 1;
}

/* Numbers in their patches, with which a layer's scratch begins */
size_t
fc_grid_room(const FcGrid *g)
{
	return FC_ROUND_UP(fc_grid_patch(g) * g->width * fc_grid_lines(g), FC_LANES);
}

/* One run of a window: count numbers inside the image, and zeros before and after */
static void
gather_run(const FcReal *restrict from, int32_t before, int32_t count, int32_t after, FcReal *restrict to)
{
	for (int32_t t = 0; t < count; t++)
		to[before + t] = from[t];
	if (before + after == 0)
		return;
	for (int32_t t = 0; t < before; t++)
		to[t] = 0;
	for (int32_t t = 0; t < after; t++)
		to[before + count + t] = 0;
}

static void
scatter_run(const FcReal *restrict from, int32_t count, FcReal *restrict to)
{
	for (int32_t t = 0; t < count; t++)
		to[t] += from[t];
}

/* The part of a window at "at" that lies within a side: its start in *first; returns its length */
static int32_t
inside(int32_t at, int32_t size, int32_t side, int32_t *first)
{
	int32_t		last = side - at < size ? side - at : size;

	*first = at < 0 ? -at : 0;
	return last > *first ? last - *first : 0;
}

/* Row "down" of the windows of a line of the grid, from row y of the image */
static void
gather_line(const FcGrid *g, const FcReal *image, int32_t y, int32_t down, FcReal *patches)
{
	int32_t		channels = g->image.channels;
	int32_t		size = g->window.size;
	int64_t		patch = fc_grid_patch(g);
	bool		outside = y < 0 || y >= g->image.height;
	const FcReal *row = image + (int64_t) (outside ? 0 : y) * g->image.width * channels;

	patches += (int64_t) down * size * channels;
	for (int32_t i = 0; i < g->width; i++, patches += patch)
	{
		int32_t		x = i * g->window.stride - g->window.left;
		int32_t		first;
		int32_t		count = outside ? 0 : inside(x, size, g->image.width, &first);

		if (count == 0)
			first = x = 0;
		gather_run(row + (int64_t) (x + first) * channels, first * channels, count * channels,
				   (size - first - count) * channels, patches);
	}
}

static void
scatter_line(const FcGrid *g, const FcReal *patches, int32_t y, int32_t down, FcReal *image)
{
	int32_t		channels = g->image.channels;
	int32_t		size = g->window.size;
	int64_t		patch = fc_grid_patch(g);
	FcReal	   *row = image + (int64_t) y * g->image.width * channels;

	patches += (int64_t) down * size * channels;
	for (int32_t i = 0; i < g->width; i++, patches += patch)
	{
		int32_t		x = i * g->window.stride - g->window.left;
		int32_t		first;
		int32_t		count = inside(x, size, g->image.width, &first);

		if (count > 0)
			scatter_run(patches + (int64_t) first * channels, count * channels, row + (int64_t) (x + first) * channels);
	}
}

void
fc_grid_gather(const FcGrid *g, const FcReal *images, int64_t first, int64_t lines, FcReal *patches)
{
	int64_t		length = fc_grid_patch(g) * g->width;

	for (int64_t line = first; line < first + lines; line++, patches += length)
	{
		const FcReal *image = images + line / g->height * fc_shape_columns(g->image);
		int32_t		y = (int32_t) (line % g->height) * g->window.stride - g->window.top;

		for (int32_t down = 0; down < g->window.size; down++)
			gather_line(g, image, y + down, down, patches);
	}
}

void
fc_grid_scatter(const FcGrid *g, const FcReal *patches, int64_t first, int64_t lines, FcReal *images)
{
	int64_t		length = fc_grid_patch(g) * g->width;

	for (int64_t line = first; line < first + lines; line++, patches += length)
	{
		FcReal	   *image = images + line / g->height * fc_shape_columns(g->image);
		int32_t		y = (int32_t) (line % g->height) * g->window.stride - g->window.top;

		if (line % g->height == 0)
			memset(image, 0, sizeof(FcReal) * fc_shape_columns(g->image));
		for (int32_t down = 0; down < g->window.size; down++)
			if (y + down >= 0 && y + down < g->image.height)
				scatter_line(g, patches, y + down, down, image);
	}
}

/*
 * affine.c - augmentation of images
 *
 * Pixel (r, c) of the result has the value of the input at
 *
 *   R (S Z (r - r0, c - c0)' + t) + (r0, c0),  (r0, c0) the middle of the image,
 *   R = [cos, -sin; sin, cos], S = [1, 0; shear, 1], Z = diag(zooms), t = shifts
 *
 * between four pixels, linearly; outside the image that of its edge.  As in
 * DEC-DA (Guo et al., 2018); shear is an addition.
 *
 * Images (channels, height, width): as read, before a net interleaves them.
 */
#include "nn/affine.h"

#define RADIAN	(3.14159265358979323846 / 180)

/* (row, column) = matrix (r, c)' + origin */
typedef struct Map
{
	FcReal		row[3];			/* of r, of c, and origin */
	FcReal		column[3];
} Map;

static double
between(FcRng *rng, double least, double most)
{
	return least + (most - least) * fc_rng_uniform(rng);
}

/* Always draws six numbers, so that later draws do not depend on which kinds of movement are switched off */
FcAffine
fc_affine_draw(const FcAugment *g, FcShape image, FcRng *rng)
{
	FcAffine	t;

	t.rotation = between(rng, -g->rotation, g->rotation);
	t.shift[0] = between(rng, -g->shift, g->shift) * image.height;
	t.shift[1] = between(rng, -g->shift, g->shift) * image.width;
	t.zoom[0] = between(rng, 1 - g->zoom, 1 + g->zoom);
	t.zoom[1] = between(rng, 1 - g->zoom, 1 + g->zoom);
	t.shear = between(rng, -g->shear, g->shear);
	return t;
}

static Map
map_of(const FcAffine *t, FcShape image)
{
	double		middle[2] = {(image.height - 1) / 2.0, (image.width - 1) / 2.0};
	double		cosine = cos(t->rotation * RADIAN);
	double		sine = sin(t->rotation * RADIAN);

	/* R S Z */
	double		a[2][2] = {
		{(cosine - sine * t->shear) * t->zoom[0], -sine * t->zoom[1]},
		{(sine + cosine * t->shear) * t->zoom[0], cosine * t->zoom[1]}
	};
	double		row = middle[0] + cosine * t->shift[0] - sine * t->shift[1];
	double		column = middle[1] + sine * t->shift[0] + cosine * t->shift[1];
	Map			map = {
		{a[0][0], a[0][1], row - a[0][0] * middle[0] - a[0][1] * middle[1]},
		{a[1][0], a[1][1], column - a[1][0] * middle[0] - a[1][1] * middle[1]}
	};

	return map;
}

/* Within 0 .. side - 1: the pixel before, and how far beyond it */
static inline int32_t
locate(FcReal at, int32_t side, FcReal *beyond)
{
	int32_t		before;

	at = at < side - 1 ? at : side - 1;
	at = at > 0 ? at : 0;
	before = (int32_t) at;
	*beyond = at - before;
	return before;
}

/* One image, t of it */
void
fc_affine(const FcAffine *t, FcShape image, const FcReal *x, FcReal *y)
{
	Map			map = map_of(t, image);
	int64_t		pixels = fc_shape_pixels(image);

	for (int32_t r = 0; r < image.height; r++)
		for (int32_t c = 0; c < image.width; c++, y++)
		{
			FcReal		down;
			FcReal		right;
			int32_t		row = locate(map.row[0] * r + map.row[1] * c + map.row[2], image.height, &down);
			int32_t		column = locate(map.column[0] * r + map.column[1] * c + map.column[2], image.width, &right);
			int32_t		step = column + 1 < image.width;
			int32_t		line = row + 1 < image.height ? image.width : 0;
			const FcReal *from = x + (int64_t) row * image.width + column;

			for (int64_t plane = 0; plane < image.channels * pixels; plane += pixels)
			{
				FcReal		upper = from[plane] + right * (from[plane + step] - from[plane]);
				FcReal		lower = from[plane + line] + right * (from[plane + line + step] - from[plane + line]);

				y[plane] = upper + down * (lower - upper);
			}
		}
}

/* y (n, image): each image of x with its own random draw */
void
fc_augment(const FcAugment *g, FcShape image, const FcHooks *hooks, FcRng *rng, const FcReal *x, int64_t n, FcReal *y)
{
	int64_t		columns = fc_shape_columns(image);

	for (int64_t i = 0; i < n; i++)
	{
		FcAffine	t = fc_affine_draw(g, image, rng);

		fc_check(hooks);
		fc_affine(&t, image, x + i * columns, y + i * columns);
	}
}

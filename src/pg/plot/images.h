/*
 * images.h - a figure of images: centers of clusters, and rows near them
 *
 * images.c lays it out, png.c writes an image as a data: URI.
 */
#ifndef IMAGES_H
#define IMAGES_H

#include "pg/plot/figure.h"

/* Features are pixels: (channels, height, width), 1 channel, or 3: red, green and blue */
typedef struct ImageShape
{
	int32		channels;
	int32		height;
	int32		width;
} ImageShape;

typedef struct ImageCluster
{
	int64		number;
	double		weight;
	const float *center;		/* pixels of a tile */
	int			n;
	float *const *row;			/* (n) pixels of those beside it */
} ImageCluster;

typedef struct Images
{
	ImageShape	tile;			/* of what is drawn, see fc_image_tile() */
	double		low;			/* what is black ... */
	double		high;			/* ... and what is white */
	int			beside;			/* room for rows beside a center; 0: only centers are drawn */
	int			n;
	const ImageCluster *cluster;	/* (n) */
	int64		clusters;		/* of the model, of which these are the first */
} Images;

/* An image as it is drawn: smaller, if it has many pixels */
extern ImageShape fc_image_tile(const ImageShape *image);
extern Size fc_image_pixels(const ImageShape *tile);
extern void fc_image_reduce(const ImageShape *image, const double *features, float *pixels);

/* How many tiles have room in a figure */
extern int	fc_image_room(const ImageShape *tile);

/* Sets low and high: 0 and 1 if pixels are about there, else the extremes */
extern void fc_image_range(Images *images);

extern void fc_figure_images(StringInfo out, const Figure *f, const Images *images);

/* ---- png.c: pixels are (height, width, channels) ---- */

extern void fc_png_add(StringInfo out, const ImageShape *image, const uint8 *pixels);
extern Size fc_png_size(const ImageShape *image);

#endif

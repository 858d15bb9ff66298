/*
 * images.h - the images of a model: centers, and the rows nearest to them
 */
#ifndef FUZZYCLUST_IMAGES_H
#define FUZZYCLUST_IMAGES_H

#include "pg/value/value.h"

#include "pg/plot/plot.h"

#define MOST_BESIDE		10		/* rows beside a center */

/* Gathered for a model, in memory that does not grow with the number of rows */
typedef struct ImageGallery ImageGallery;

/* The shape of rows of a model that knows them as images; false: it does not */
extern bool fc_image_shape(const FcModel *m, ImageShape *shape);

/* In the current context; beside: rows beside a center, fewer if there is no room for them */
extern ImageGallery *fc_begin_gallery(const FcModel *m, const ImageShape *shape, int beside);

/* A row, of features x in the user's units, of cluster c from 0, or -1, at this distance to its center */
extern void fc_show_row(ImageGallery *g, int32 c, double distance, const double *x);

extern void fc_draw_gallery(StringInfo out, const Figure *f, const ImageGallery *g);

#endif

/*
 * images.c - cluster_images: the centers of a model as images, and the rows nearest to them
 *
 * The query runs as that of a training does (see train/query.c).  A gallery keeps the pixels of
 * tiles only, and of rows only those that are to be drawn.
 */
#include "pg/report/images.h"

#include "core/direction.h"
#include "core/gaps.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/train/train.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#define USUAL_BESIDE	8
#define MOST_CLUSTERS	200
#define FILE_WIDTH		680

/* The rows nearest to a center so far, nearest first; of equals those that came first */
typedef struct GalleryRows
{
	int			n;
	double	   *distance;		/* (beside) */
	float	  **pixels;			/* (beside) of tiles, all allocated */
} GalleryRows;

struct ImageGallery
{
	const FcModel *m;
	ImageShape	shape;
	ImageShape	tile;
	int			beside;
	int			clusters;		/* the first ones, which are drawn */
	float	  **center;			/* (clusters) */
	GalleryRows *rows;			/* (clusters) */
};

/* ---- shapes ---- */

/* By the option shape of networks: channels, height and width */
bool
fc_image_shape(const FcModel *m, ImageShape *shape)
{
	int			option = fc_find_option(m->algo, "shape");
	const double *list;

	if (option < 0 || fc_option_at(m->algo, option)->type != FC_LIST || m->option[option] != 3)
		return false;
	list = m->list[fc_list_position(m->algo, option)];
	*shape = (ImageShape) {(int32) list[0], (int32) list[1], (int32) list[2]};
	return (shape->channels == 1 || shape->channels == 3) &&
		(int64) shape->channels * shape->height * shape->width == m->d;
}

/* By the options of the caller, 0 if they are not given; or as the model says; or square */
static ImageShape
choose_shape(const FcModel *m, int32 width, int32 channels)
{
	ImageShape	shape;
	int32		pixels;

	if (width == 0 && channels == 0 && fc_image_shape(m, &shape))
		return shape;
	shape.channels = channels == 0 ? 1 : channels;
	pixels = m->d / shape.channels;
	shape.width = width == 0 ? (int32) rint(sqrt(pixels)) : width;
	shape.height = pixels / shape.width;
	if ((int64) shape.channels * shape.height * shape.width != m->d)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 width == 0 ?
				 errmsg("the %s of the model are not the pixels of a square image", fc_counted(m->d, "feature")) :
				 errmsg("the %s of the model are not the pixels of an image of width %d", fc_counted(m->d, "feature"), width),
				 shape.channels == 3 ? errdetail("A pixel has 3 features, one for each channel.") : 0,
				 errhint("Set the option width and, if pixels are red, green and blue, channels to 3.")));
	return shape;
}

/* ---- the gallery ---- */

ImageGallery *
fc_begin_gallery(const FcModel *m, const ImageShape *shape, int beside)
{
	ImageGallery *g = palloc(sizeof(ImageGallery));
	ImageShape	tile = fc_image_tile(shape);
	int			room = Max(1, fc_image_room(&tile));
	Size		size = sizeof(float) * fc_image_pixels(&tile);
	double	   *center = palloc(sizeof(double) * m->d);

	g->m = m;
	g->shape = *shape;
	g->tile = tile;
	g->clusters = Min(Min(m->k, MOST_CLUSTERS), room);
	g->beside = Min(Min(beside, MOST_BESIDE), room / g->clusters - 1);
	g->center = palloc(sizeof(float *) * g->clusters);
	g->rows = palloc0(sizeof(GalleryRows) * g->clusters);
	for (int c = 0; c < g->clusters; c++)
	{
		GalleryRows *rows = &g->rows[c];

		CHECK_FOR_INTERRUPTS();
		fc_unscale_center(m, c, center);
		g->center[c] = palloc(size);
		fc_image_reduce(shape, center, g->center[c]);
		rows->distance = palloc(sizeof(double) * (g->beside + 1));
		rows->pixels = palloc(sizeof(float *) * (g->beside + 1));
		for (int i = 0; i < g->beside; i++)
			rows->pixels[i] = palloc(size);
	}
	pfree(center);
	return g;
}

void
fc_show_row(ImageGallery *g, int32 c, double distance, const double *x)
{
	GalleryRows *rows;
	float	   *pixels;
	int			at;

	if (c < 0 || c >= g->clusters || g->beside == 0)
		return;
	rows = &g->rows[c];
	if (rows->n == g->beside && !(distance < rows->distance[rows->n - 1]))
		return;
	at = rows->n < g->beside ? rows->n++ : g->beside - 1;
	pixels = rows->pixels[at];
	for (; at > 0 && distance < rows->distance[at - 1]; at--)
	{
		rows->distance[at] = rows->distance[at - 1];
		rows->pixels[at] = rows->pixels[at - 1];
	}
	rows->distance[at] = distance;
	rows->pixels[at] = pixels;
	fc_image_reduce(&g->shape, x, pixels);
}

void
fc_draw_gallery(StringInfo out, const Figure *f, const ImageGallery *g)
{
	ImageCluster *cluster = palloc(sizeof(ImageCluster) * g->clusters);
	Images		images = {.tile = g->tile, .beside = g->beside, .n = g->clusters, .cluster = cluster, .clusters = g->m->k};

	for (int c = 0; c < g->clusters; c++)
		cluster[c] = (ImageCluster) {
			.number = c + 1, .weight = g->m->weights[c], .center = g->center[c], .n = g->rows[c].n, .row = g->rows[c].pixels
		};
	fc_image_range(&images);
	fc_figure_images(out, f, &images);
}

/* ---- the SQL function ---- */

typedef struct ImageOptions
{
	int32		width;
	int32		channels;
	int32		nearest;
	const char *title;
} ImageOptions;

static int32
integer_option(const char *name, const JsonbValue *v, int32 least, int32 most)
{
	if (v->type != jbvNumeric)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be an integer", name)));
	return fc_integer_option(name, v, least, most);
}

static int32
channels_option(const JsonbValue *v)
{
	int32		channels = integer_option("channels", v, 1, 3);

	if (channels == 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"channels\" must be 1 or 3, not 2")));
	return channels;
}

/* In UTF-8 */
static const char *
title_option(const JsonbValue *v)
{
	if (v->type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"title\" must be a string")));
	return fc_svg_utf8(pnstrdup(v->val.string.val, v->val.string.len));
}

static void
check_name(const char *name)
{
	static const char *const names[] = {"width", "channels", "nearest", "title"};

	for (int i = 0; i < (int) lengthof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return;
	fc_reject_option_name(name, "cluster_images", "width, channels, nearest, title");
}

/* Null stands for the default */
static void
read_option(ImageOptions *o, const char *name, const JsonbValue *v)
{
	check_name(name);
	if (v->type == jbvNull)
		return;
	if (strcmp(name, "width") == 0)
		o->width = integer_option(name, v, 1, FC_MAX_COLUMNS);
	else if (strcmp(name, "channels") == 0)
		o->channels = channels_option(v);
	else if (strcmp(name, "nearest") == 0)
		o->nearest = integer_option(name, v, 0, MOST_BESIDE);
	else
		o->title = title_option(v);
}

static ImageOptions
read_options(Jsonb *options)
{
	ImageOptions o = {.nearest = USUAL_BESIDE, .title = "Centers of clusters"};
	JsonbIterator *it = fc_begin_options(options, "Write an object, as in '{\"width\": 28}'.");
	const char *name;
	JsonbValue	v;

	while (fc_next_option(&it, &name, &v))
		read_option(&o, name, &v);
	return o;
}

/* Rows that the model does not score are left out */
static void
show_rows(ImageGallery *g, ModelSlot *slot, char *query)
{
	const FcModel *m = &slot->model;
	RowStore	store;
	RowCursor	cursor;

	(void) fc_query_rows(list_make1(query), NULL, fc_missing(m), NULL, false, &store);
	fc_refuse_other_columns(&store, m, "the model");
	fc_cursor_begin_for(&cursor, &store, slot);
	while (fc_cursor_next(&cursor))
	{
		int32		c;

		CHECK_FOR_INTERRUPTS();
		if (!fc_cursor_features(&cursor, slot->x) || (fc_is_cosine(m) && fc_is_zero(slot->x, m->d)))
			continue;
		fc_score_row(&slot->scorer, slot->x);
		c = fc_score_nearest(&slot->scorer);
		fc_show_row(g, c, c < 0 ? 0 : slot->scorer.distance[c], slot->x);
	}
	fc_store_close(&store);
}

/*
 * cluster_images(model bytea, query text DEFAULT NULL, options jsonb DEFAULT NULL) returns text
 *
 * The centers as images, in SVG; with a query, whose rows have the model's features, those
 * nearest to each center beside it.
 */
PG_FUNCTION_INFO_V1(cluster_images);
Datum
cluster_images(PG_FUNCTION_ARGS)
{
	ModelSlot	slot = {0};
	ImageOptions options;
	ImageShape	shape;
	ImageGallery *g;
	StringInfoData svg;
	Figure		figure = {.prefix = "images", .width = FILE_WIDTH, .alone = true};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	options = read_options(fc_options_argument(fcinfo, 2));
	figure.title = options.title;
	fc_fill_slot(&slot, CurrentMemoryContext, PG_GETARG_DATUM(0));
	shape = choose_shape(&slot.model, options.width, options.channels);
	g = fc_begin_gallery(&slot.model, &shape, PG_ARGISNULL(1) ? 0 : options.nearest);
	if (!PG_ARGISNULL(1))
		show_rows(g, &slot, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	initStringInfo(&svg);
	fc_draw_gallery(&svg, &figure, g);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(svg.data, svg.len));
}

/*
 * fit.c - spectral clustering: NJW (Ng, Jordan and Weiss, 2002) and the
 * normalized cut (Shi and Malik, 2000)
 *
 * Rows are nodes of a graph whose edges weigh a_ij = exp(-|x_i - x_j|^2 / (2 sigma^2)),
 * a_ii = 0.  With D the diagonal of its degrees d_i = sum_j a_ij and U the eigenvectors
 * of the largest eigenvalues of D^-1/2 A D^-1/2, row i lies at
 *
 *	z_i = u_i / |u_i| (NJW),  z_i = u_i / sqrt(d_i) (normalized cut)		(eq. 1)
 *
 * and k-means on the z finds the clusters, which may have any shape.  There are as
 * many eigenvectors as clusters, but at most FC_MOST_VECTORS.
 *
 * Up to exact_rows rows the graph has all of them.  Else it has a number of
 * landmarks with the mass of the rows around them, other rows get their z by
 * the Nystrom extension (Fowlkes, Belongie, Chung and Malik, 2004; Bengio et
 * al., 2004), k-means uses a sample, and one pass finds the clusters of all
 * rows.  New rows are always scored by the extension.  See graph.c and
 * embed.c.
 *
 * With one sigma for all rows, sparse clusters may fall apart: then affinities become local
 * (Zelnik-Manor and Perona, 2004), unless the options say which there are.  See find_affinity().
 *
 * With the distance 1 - cos rows have length 1, and edges weigh exp(-(1 - cos) / sigma^2).
 *
 * Learned values: the arrays of model.h; centers are the (k, d) means of clusters.
 */
#include "core/categories.h"
#include "core/means.h"
#include "core/sample_start.h"
#include "core/score.h"
#include "spectral/eigen.h"
#include "spectral/embed.h"
#include "spectral/graph.h"
#include "spectral/model.h"

#include <math.h>
#include <string.h>

#define STARTS			20		/* of k-means, times the option restarts */
#define SAMPLE_ROWS		8192	/* in the sample, fewer if they are long */
#define SAMPLE_VALUES	2097152
#define ROWS_A_CLUSTER	20
#define PORTIONS		64		/* of the sample, for a team */

static const FcKernel kernel = {
	.weights = fc_means_assign,
	.memberships = fc_means_assign,
	.metric.private_layout = fc_embedding_layout,
	.metric.load_centers = fc_embedding_load,
	.distances = fc_spectral_distances,
	.has_means = true,
};

/* ---- memory ---- */

typedef struct Work
{
	FcEngine   *engine;			/* for the pass over all rows */
	FcSample	sample;			/* all rows, or those that k-means sees */
	FcGraph		graph;
	FcEigen		eigen;
	FcModel		model;			/* of k-means in the embedding */
	FcFit		inner;			/* its training */
	void	   *inner_work;
	double	   *z;				/* the embedded sample, in blocks */
	double	   *start;			/* (k, width) embedded first centers, if there are any */
	FcScorer	earlier;		/* of the model that training begins with, if there is one ... */
	double	   *row;			/* (d) ... for rows in the user's units */
	int64_t    *count;			/* (k) rows of clusters */
	bool	   *met;			/* (k) clusters that have a row */
} Work;

/* Does training begin with the clusters of a model? */
static bool
has_earlier(const FcFit *f)
{
	return f->start != NULL && f->earlier != NULL && f->earlier->k == f->model->k && f->earlier->d == f->model->d &&
		fc_same_categories(&f->earlier->categories, &f->model->categories);
}

/* All rows where the graph has all, else enough for the clusters and the landmarks */
static int64_t
sample_rows(const FcModel *m)
{
	int64_t		room = fc_spectral_room(m);
	int64_t		rows = SAMPLE_VALUES / m->d;

	if (rows > SAMPLE_ROWS)
		rows = SAMPLE_ROWS;
	if (rows < FC_TILE)
		rows = FC_TILE;
	if (rows < ROWS_A_CLUSTER * (int64_t) m->k)
		rows = ROWS_A_CLUSTER * (int64_t) m->k;
	if (rows < 4 * room)
		rows = 4 * room;
	return room == m->rows || rows > m->rows ? m->rows : rows;
}

static const void *
embedded_block(void *source, int64_t b)
{
	const Work *w = source;

	return w->z + b * w->inner.rows.stride * w->inner.rows.d;
}

/* k-means in the embedding, whose rows w->z will hold */
static void
inner_layout(FcArena *a, Work *w, const FcFit *f)
{
	const FcModel *m = f->model;
	int32_t		width = fc_spectral_width(m);
	FcRows	   *rows = &w->inner.rows;

	*rows = (FcRows) {
		.n = w->sample.n, .d = width, .stride = fc_block_rows(width), .precision = FC_F64,
		.block = embedded_block, .source = w
	};
	w->z = fc_take_shared(a, fc_times(fc_times(fc_blocks(rows), rows->stride), width), sizeof(double));
	fc_model_begin(&w->model, &fc_means_algorithm, m->k, width);
	memcpy(w->model.common, m->common, sizeof(m->common));
	w->model.common[FC_SCALE] = FC_SCALE_NONE;
	w->model.common[FC_DISTANCE] = FC_EUCLIDEAN;
	w->model.common[FC_RESTARTS] = STARTS * fc_restarts(f);
	w->inner.model = &w->model;
	w->inner_work = fc_fit_layout(a, &w->inner);
}

static void *
layout(FcArena *a, const FcFit *f)
{
	FcModel		once = *f->model;
	FcFit		pass = *f;
	Work	   *w = fc_take(a, 1, sizeof(Work));
	Work		counting;
	Work	   *t = w ? w : &counting;

	memset(t, 0, sizeof(Work));
	once.common[FC_RESTARTS] = 1;	/* the engine needs no second model */
	pass.model = &once;
	t->engine = fc_engine_layout(a, &pass);
	fc_sample_place(a, &t->sample, &f->rows, sample_rows(f->model));
	fc_graph_layout(a, &t->graph, f->model, &t->sample);
	fc_eigen_layout(a, &t->eigen, fc_spectral_room(f->model));
	inner_layout(a, t, f);
	t->start = fc_take(a, fc_times(f->model->k, fc_spectral_width(f->model)), sizeof(double));
	t->met = fc_take(a, f->model->k, sizeof(bool));
	if (has_earlier(f))
	{
		fc_scorer_layout(a, &t->earlier, f->earlier);
		t->row = fc_take(a, f->model->d, sizeof(double));
	}
	t->count = fc_take(a, f->model->k, sizeof(int64_t));
	return w;
}

/* ---- training ---- */

/* A sample of some rows gets the first centers that were found among all of them */
static void
fill_sample(FcFit *f, Work *w)
{
	const FcModel *m = f->model;
	FcSample   *s = &w->sample;
	FcPrecision precision = f->rows.precision;

	fc_sample_fill(s, &f->rows, (uint64_t) m->common[FC_SEED], &f->hooks);
	for (int64_t c = 0; s->n < m->rows && c < m->k; c++)
		for (int32_t j = 0; j < m->d; j++)
			fc_set(s->x, precision, j * s->stride + s->n - m->k + c,
				   fc_get(w->engine->seeder.chosen, precision, c * m->d + j));
}

/* The eigenvectors of the graph into the model: those of rows, not of nodes */
static bool
find_vectors(FcFit *f, Work *w)
{
	FcModel    *m = f->model;
	int32_t		n = w->graph.n;
	int32_t		stride = fc_spectral_stride(m);
	int32_t		width = fc_spectral_width(m);
	int32_t		want = width < n ? width : n;

	memset(FC_VECTORS(m), 0, sizeof(double) * width * stride);
	memset(FC_EIGENVALUES(m), 0, sizeof(double) * width);
	if (want == 0)
		return true;
	w->eigen.hooks = &f->hooks;
	w->eigen.lapack = f->lapack;
	if (!fc_eigen_largest(&w->eigen, w->graph.matrix, n, fc_spectral_room(m), want,
						  FC_EIGENVALUES(m), FC_VECTORS(m), stride))
		return false;
	for (int32_t v = 0; v < want; v++)
		for (int32_t l = 0; l < n; l++)
			FC_VECTORS(m)[(int64_t) v * stride + l] /= sqrt(FC_MASS(m)[l]);
	return true;
}

/* ---- tasks of a team ---- */

static void
begin_graph(FcFit *f)
{
	Work	   *w = f->work;

	w->graph.fit = f;
	w->graph.rows = &w->sample;
}

/* Rows of the sample in one portion: whole lanes */
static int64_t
portion_rows(const Work *w)
{
	return FC_ROUND_UP((w->sample.n + PORTIONS - 1) / PORTIONS, FC_LANES);
}

static int64_t
end_of(const Work *w, int64_t portion)
{
	int64_t		end = (portion + 1) * portion_rows(w);

	return end < w->sample.n ? end : w->sample.n;
}

static void
measure_portion(FcFit *f, int64_t portion)
{
	Work	   *w = f->work;

	fc_graph_measure(&w->graph, portion * portion_rows(w), end_of(w, portion));
}

static void
begin_embedding(FcFit *f)
{
	begin_graph(f);
	fc_metric_load(&f->engine->metric);
}

static void
embed_portion(FcFit *f, int64_t portion)
{
	Work	   *w = f->work;
	FcMetric   *t = &w->engine->metric;
	FcEmbedding *s = t->private_data;
	FcRows	   *rows = &w->inner.rows;
	int64_t		end = end_of(w, portion);

	for (int64_t first = portion * portion_rows(w); first < end; first += FC_LANES)
	{
		int32_t		count = end - first < FC_LANES ? (int32_t) (end - first) : FC_LANES;
		double	   *z = w->z + first / rows->stride * rows->stride * rows->d + first % rows->stride;

		fc_check(&f->hooks);
		for (int32_t i = 0; i < count; i++)
			fc_graph_get_row(&w->graph, first + i, s->query + (int64_t) i * f->model->d);
		fc_embed(t, count);
		for (int32_t v = 0; v < rows->d; v++)
			memcpy(z + (int64_t) v * rows->stride, s->z + v * FC_LANES, sizeof(double) * count);
	}
}

static const FcTask measure_task = {FC_OWN_TASKS, begin_graph, measure_portion, NULL};
static const FcTask embed_task = {FC_OWN_TASKS + 1, begin_embedding, embed_portion, NULL};
static const FcTask *const tasks[] = {&measure_task, &embed_task, NULL};

static void
run(FcFit *f, const FcTask *task)
{
	const Work *w = f->work;

	fc_team_run(f, task, (w->sample.n + portion_rows(w) - 1) / portion_rows(w));
}

static void
join(FcFit *f)
{
	fc_engine_begin(((Work *) f->work)->engine, f);
}

static const FcTeamHooks team = {.tasks = tasks, .join = join};

static FcStatus
build_graph(FcFit *f, Work *w)
{
	begin_graph(f);
	if (fc_graph_is_complete(&w->graph))
	{
		fc_graph_place_all(&w->graph);
		run(f, &measure_task);
	}
	return fc_graph_build(&w->graph);
}

/* The sample into the embedding */
static void
embed_sample(FcFit *f, Work *w)
{
	const FcRows *rows = &w->inner.rows;

	memset(w->z, 0, sizeof(double) * fc_blocks(rows) * rows->stride * rows->d);
	run(f, &embed_task);
}

static void
embed_start(FcFit *f, Work *w)
{
	FcMetric   *t = &w->engine->metric;
	FcEmbedding *s = t->private_data;
	const FcModel *m = f->model;
	int32_t		width = fc_spectral_width(m);

	for (int32_t c = 0; c < m->k; c++)
	{
		fc_check(&f->hooks);
		memcpy(s->query, m->centers + (int64_t) c * m->d, sizeof(double) * m->d);
		fc_embed(t, 1);
		for (int32_t v = 0; v < width; v++)
			w->start[(int64_t) c * width + v] = s->z[v * FC_LANES];
	}
	w->inner.start = w->start;
}

/* Row i of the sample, where v is of its embedding */
static const double *
embedded_row(const Work *w, int64_t i, int32_t v)
{
	const FcRows *rows = &w->inner.rows;

	return w->z + (i / rows->stride * rows->d + v) * rows->stride + i % rows->stride;
}

/* The cluster of row i of the sample in the earlier model, which has the rows in the user's units */
static int32_t
earlier_cluster(FcFit *f, Work *w, int64_t i)
{
	const FcModel *m = f->model;

	fc_graph_get_row(&w->graph, i, w->row);
	for (int32_t j = 0; f->offset && j < m->d; j++)
		w->row[j] += f->offset[j];
	fc_unscale(m, w->row, w->row);
	fc_score_row(&w->earlier, w->row);
	return fc_score_nearest_center(&w->earlier);
}

/* First centers are the means of the clusters of the earlier model, which may have any shape; those without rows remain */
static void
start_from_earlier(FcFit *f, Work *w)
{
	const FcModel *m = f->model;
	int32_t		width = w->inner.rows.d;

	w->earlier.metric.hooks = f->hooks;
	fc_scorer_begin(&w->earlier);
	memset(w->count, 0, sizeof(int64_t) * m->k);
	for (int64_t i = 0; i < w->inner.rows.n; i++)
	{
		int32_t		c;

		fc_check(&f->hooks);
		c = earlier_cluster(f, w, i);
		w->count[c]++;
		for (int32_t v = 0; v < width; v++)
		{
			double	   *mean = w->start + (int64_t) c * width + v;

			*mean = w->count[c] == 1 ? *embedded_row(w, i, v) : *mean + (*embedded_row(w, i, v) - *mean) / w->count[c];
		}
	}
}

/* Of the centers of k-means, the one to which row i of the sample is nearest */
static int32_t
nearest_center(const Work *w, int64_t i)
{
	const FcRows *rows = &w->inner.rows;
	const double *z = w->z + i / rows->stride * rows->stride * rows->d + i % rows->stride;
	double		least = INFINITY;
	int32_t		nearest = 0;

	for (int32_t c = 0; c < w->model.k; c++)
	{
		double		distance = 0;

		for (int32_t v = 0; v < rows->d; v++)
		{
			double		way = z[(int64_t) v * rows->stride] - w->model.centers[(int64_t) c * rows->d + v];

			distance += way * way;
		}
		if (distance < least)
		{
			least = distance;
			nearest = c;
		}
	}
	return nearest;
}

/*
 * The centers of k-means into the model, in the order in which the rows meet them:
 * where eigenvalues are equal, the vectors are any of many, and so is the order in
 * which k-means finds its centers.
 */
static void
order_clusters(FcFit *f, Work *w)
{
	FcModel    *m = f->model;
	const FcRows *rows = &w->inner.rows;
	int32_t		width = rows->d;
	int32_t		next = 0;

	if (f->start != NULL)		/* clusters keep the numbers of their first centers */
	{
		memcpy(FC_EMBEDDED(m), w->model.centers, sizeof(double) * m->k * width);
		return;
	}
	memset(w->met, 0, m->k * sizeof(bool));
	for (int64_t i = 0; i < rows->n + m->k && next < m->k; i++)
	{
		int32_t		nearest = (int32_t) (i - rows->n);	/* those without rows come last */

		fc_check(&f->hooks);
		if (i < rows->n)
			nearest = nearest_center(w, i);
		if (w->met[nearest])
			continue;
		w->met[nearest] = true;
		memcpy(FC_EMBEDDED(m) + (int64_t) next++ * width, w->model.centers + (int64_t) nearest * width,
			   sizeof(double) * width);
	}
}

/* What training found, after k-means: the course of it, and one pass over all rows */
static void
conclude(FcFit *f, Work *w)
{
	FcModel    *m = f->model;

	order_clusters(f, w);
	m->converged = w->model.converged;
	m->iterations = w->model.iterations;
	m->history.count = w->model.history.count;
	m->history.step = w->model.history.step;
	memcpy(m->history.rows, w->model.history.rows, sizeof(double) * m->history.count * fc_history_width(m->algo));
	fc_pass_measure(w->engine);
}

/* The clusters of the sample with the affinities that the options say */
static FcStatus
cluster_sample(FcFit *f, Work *w)
{
	FcModel    *m = f->model;
	FcStatus	status = build_graph(f, w);

	if (status != FC_OK)
		return status;
	if (!find_vectors(f, w))
		return FC_DIVERGED;

	memset(FC_EMBEDDED(m), 0, sizeof(double) * m->k * fc_spectral_width(m));
	embed_sample(f, w);
	if (f->start != NULL)
		embed_start(f, w);
	if (has_earlier(f))
		start_from_earlier(f, w);
	w->inner.isa = f->isa;
	w->inner.hooks = f->hooks;
	status = fc_fit(&w->inner, w->inner_work);
	f->failure.distinct = w->inner.failure.distinct;
	return status;
}

/* ---- affinities that are found ---- */

/* Clusters of the sample */
static int32_t
small_clusters(FcFit *f, Work *w)
{
	const FcModel *m = f->model;
	double		most = fc_spectral_neighborhood(m, (double) w->sample.n);
	int32_t		small = 0;

	memset(w->count, 0, sizeof(int64_t) * m->k);
	for (int64_t i = 0; i < w->sample.n; i++)
	{
		fc_check(&f->hooks);
		w->count[nearest_center(w, i)]++;
	}
	for (int32_t c = 0; c < m->k; c++)
		small += w->count[c] <= most && most > 0;
	return small;
}

/*
 * With one width for all, rows in a sparse place have hardly any neighbours: a few of them are a
 * part of the graph that is easily cut off, and sparse clusters fall into many.  Where that has happened, local
 * affinities are tried, and kept if fewer clusters are that small
 */
static FcStatus
find_affinity(FcFit *f, Work *w)
{
	double	   *o = f->model->option;
	double		sigma;
	int32_t		small;
	FcStatus	status;

	o[FC_SPECTRAL_AFFINITY] = FC_GAUSSIAN;
	status = cluster_sample(f, w);
	small = status == FC_VANISHED ? f->model->k : status == FC_OK ? small_clusters(f, w) : 0;
	if (small == 0)
		return status;
	sigma = o[FC_SPECTRAL_SIGMA];
	o[FC_SPECTRAL_SIGMA] = NAN;
	o[FC_SPECTRAL_AFFINITY] = FC_LOCAL;
	if (cluster_sample(f, w) == FC_OK && small_clusters(f, w) < small)
		return FC_OK;
	o[FC_SPECTRAL_SIGMA] = sigma;
	o[FC_SPECTRAL_AFFINITY] = FC_GAUSSIAN;
	return cluster_sample(f, w);
}

static FcStatus
fit(FcFit *f, void *work)
{
	Work	   *w = work;
	FcEngine   *e = w->engine;
	double	   *o = f->model->option;
	FcStatus	status;

	fc_engine_begin(e, f);
	status = fc_first_centers(f, &e->seeder, 0);	/* there are k different rows */
	if (status != FC_OK)
		return status;
	fill_sample(f, w);
	if (isnan(o[FC_SPECTRAL_AFFINITY]) && (f->start != NULL || !isnan(o[FC_SPECTRAL_SIGMA])))
		o[FC_SPECTRAL_AFFINITY] = FC_GAUSSIAN;
	status = isnan(o[FC_SPECTRAL_AFFINITY]) ? find_affinity(f, w) : cluster_sample(f, w);
	if (status == FC_OK)
		conclude(f, w);
	return status;
}

/* Before the layout: do options contradict each other? */
static FcStatus
begin(FcFit *f)
{
	f->failure.option = FC_SPECTRAL_SIGMA;
	return f->model->option[FC_SPECTRAL_AFFINITY] == FC_LOCAL && !isnan(f->model->option[FC_SPECTRAL_SIGMA]) ? FC_BAD_LIST : FC_OK;
}

extern const FcAlgorithm fc_spectral;
const FcAlgorithm fc_spectral = {
	.name = "spectral",
	.title = "spectral clustering",
	.traits = FC_CRISP | FC_EMBEDS | FC_NEEDS_LAPACK | FC_TAKES_COSINE | FC_TAKES_CATEGORIES,
	.options = fc_spectral_options,
	.kernel = &kernel,
	.arrays = fc_spectral_arrays,
	.check = fc_spectral_check,
	.move = fc_spectral_move,
	.begin = begin,
	.nodes = fc_spectral_room,
	.advice = &fc_spectral_advice,
	.team = &team,
	.layout = layout,
	.fit = fit,
};

/*
 * graph.c - the graph of spectral clustering
 *
 * Nodes are distinct rows x_l with the number w_l of rows that each
 * represents: if all rows are in the graph, the rows equal to it; else the
 * rows of a sample that are nearest to it, and the nodes are drawn from the
 * sample by k-means++, which spreads them.  With the rows of a node in its
 * place,
 *
 *	a_lp = exp(-|x_l - x_p|^2 / (2 sigma^2)),  a_ll = (w_l - 1) / w_l	(eq. 1)
 *	d_l  = sum_p w_p a_lp												(eq. 2)
 *	L_lp = sqrt(w_l w_p) a_lp / sqrt(d_l d_p)							(eq. 3)
 *
 * where a row is not a neighbour of itself, but of rows equal to it.  Vectors
 * of L divided by sqrt(w) are those of the matrix D^-1/2 A D^-1/2 of all the
 * rows.
 *
 * Sigma, unless it is given, is the median over the nodes of the distance to
 * the seventh neighbour, or to the third where nodes represent the rows around them.  A node
 * whose affinities vanish leaves the graph.
 *
 * Local affinities (Zelnik-Manor and Perona, 2004) have that distance of each node as
 * its own width s_l, so that sparse and dense clusters are seen at their own scales:
 *
 *	a_lp = exp(-|x_l - x_p|^2 / (s_l s_p))								(eq. 4)
 */
#include "spectral/graph.h"
#include "spectral/affinity.h"
#include "spectral/model.h"

#include <math.h>
#include <string.h>

#define ROWS_A_NODE	20		/* of a sample that seeding expects */
#define TILE		FC_LANES	/* rows that are weighed at once */
#define ISOLATED	1e-100		/* a degree below it counts as 0 */

/* g stays where it is; of the rows, number and place are known */
void
fc_graph_layout(FcArena *a, FcGraph *g, const FcModel *m, const FcSample *rows)
{
	int64_t		room = fc_spectral_room(m);

	g->matrix = fc_take_shared(a, fc_times(room, room), sizeof(double));
	g->row = fc_take(a, m->d, sizeof(double));
	g->near = fc_take(a, fc_spectral_stride(m), sizeof(double));
	if (room == rows->n)
		return;
	fc_model_begin(&g->drawn, m->algo, 1 + (int32_t) (rows->n / ROWS_A_NODE), m->d);
	if (g->drawn.k < (int32_t) room)
		g->drawn.k = (int32_t) room;
	g->draw = (FcFit) {
		.model = &g->drawn,
		.rows = {.n = rows->n, .d = m->d, .precision = m->precision},
		.sample = *rows
	};
	fc_seeder_layout(a, &g->seeder, &g->draw, fc_sample_size(&g->draw.rows, g->draw.model->k));
	g->at = fc_take(a, fc_times(room, TILE), FC_SIZE(m->precision));
	g->least = fc_take(a, TILE, FC_SIZE(m->precision));
	g->nearest = fc_take(a, TILE, sizeof(int32_t));
}

/* Are all rows in the graph? */
bool
fc_graph_is_complete(const FcGraph *g)
{
	return fc_spectral_room(g->fit->model) == g->rows->n;
}

void
fc_graph_get_row(const FcGraph *g, int64_t i, double *row)
{
	for (int32_t j = 0; j < g->fit->model->d; j++)
		row[j] = fc_get(g->rows->x, g->fit->rows.precision, j * g->rows->stride + i);
}

/* ---- nodes ---- */

/* Squared distances of g->row to all nodes, into g->near */
static void
find_near(FcGraph *g)
{
	fc_check(&g->fit->hooks);
	fc_landmark_distances(g->fit->model, g->fit->isa, FC_ROUND_UP(g->n, FC_LANES), g->row, 1, g->near, &g->fit->hooks);
}

/* g->row becomes a node, unless it is one */
static void
add_node(FcGraph *g)
{
	FcModel    *m = g->fit->model;
	double	   *distances = g->matrix + (int64_t) g->n * fc_spectral_room(m);

	find_near(g);
	for (int32_t l = 0; l < g->n; l++)
		if (g->near[l] == 0)
		{
			FC_MASS(m)[l]++;
			return;
		}
	memcpy(distances, g->near, sizeof(double) * g->n);
	distances[g->n] = 0;
	for (int32_t j = 0; j < m->d; j++)
		FC_LANDMARKS(m)[(int64_t) j * fc_spectral_stride(m) + g->n] = g->row[j];
	FC_MASS(m)[g->n++] = 1;
}

/* All rows become landmarks, whose distances fc_graph_measure() finds, before they become nodes */
void
fc_graph_place_all(FcGraph *g)
{
	FcModel    *m = g->fit->model;

	for (int32_t j = 0; j < m->d; j++)
	{
		fc_check(&g->fit->hooks);
		for (int64_t i = 0; i < g->rows->n; i++)
			FC_LANDMARKS(m)[(int64_t) j * fc_spectral_stride(m) + i] =
				fc_get(g->rows->x, g->fit->rows.precision, j * g->rows->stride + i);
	}
}

/* Squared distances of rows "first" to before "last" to those before them, into the matrix */
void
fc_graph_measure(FcGraph *g, int64_t first, int64_t last)
{
	int64_t		room = fc_spectral_room(g->fit->model);

	for (int64_t i = first; i < last; i++)
	{
		fc_graph_get_row(g, i, g->row);
		g->n = (int32_t) i;
		find_near(g);
		memcpy(g->matrix + i * room, g->near, sizeof(double) * i);
	}
}

/* Row i of the placed ones becomes node g->n, unless it equals one; g->near has the rows that are nodes */
static void
keep_node(FcGraph *g, int64_t i)
{
	FcModel    *m = g->fit->model;
	int64_t		room = fc_spectral_room(m);
	int64_t		stride = fc_spectral_stride(m);
	double	   *distances = g->matrix + g->n * room;

	for (int32_t l = 0; l < g->n; l++)
		if (g->matrix[i * room + (int64_t) g->near[l]] == 0)
		{
			FC_MASS(m)[l]++;
			return;
		}
	for (int32_t l = 0; l < g->n; l++)
		distances[l] = g->matrix[i * room + (int64_t) g->near[l]];
	distances[g->n] = 0;
	for (int32_t j = 0; j < m->d; j++)
		FC_LANDMARKS(m)[j * stride + g->n] = FC_LANDMARKS(m)[j * stride + i];
	g->near[g->n] = (double) i;
	FC_MASS(m)[g->n++] = 1;
}

static FcStatus
keep_distinct(FcGraph *g)
{
	g->n = 0;
	for (int64_t i = 0; i < g->rows->n; i++)
	{
		fc_check(&g->fit->hooks);
		keep_node(g, i);
	}
	return FC_OK;
}

/*
 * As many rows as there is room for, or all distinct rows, by k-means++.  The
 * seeder also writes centers, but only its choice of rows is used.
 */
static FcStatus
draw_nodes(FcGraph *g)
{
	FcModel    *m = g->fit->model;
	FcFit	   *draw = &g->draw;
	FcStatus	status;

	draw->isa = g->fit->isa;
	draw->hooks = g->fit->hooks;
	draw->sample = *g->rows;
	g->drawn.k = fc_spectral_room(m);
	g->drawn.common[FC_SEED] = m->common[FC_SEED];
	g->drawn.centers = FC_LANDMARKS(m);
	status = fc_first_centers(draw, &g->seeder, UINT64_MAX - 1);
	if (status == FC_TOO_FEW_ROWS || status == FC_TOO_CLOSE)
		g->drawn.k = (int32_t) draw->failure.distinct;
	else if (status != FC_OK)
		return status;
	for (int32_t l = 0; l < g->drawn.k; l++)
	{
		for (int32_t j = 0; j < m->d; j++)
			g->row[j] = fc_get(g->seeder.chosen, m->precision, (int64_t) l * m->d + j);
		add_node(g);
	}
	return FC_OK;
}

/* Each row counts for the node that is nearest to it; the nodes are those chosen */
static void
weigh_nodes(FcGraph *g)
{
	const FcModel *m = g->fit->model;
	const FcSample *rows = g->rows;
	const FcBlockOps *ops = fc_block_ops(g->fit->isa, m->precision);

	memset(FC_MASS(m), 0, sizeof(double) * g->n);
	for (int64_t first = 0; first < rows->n; first += TILE)
	{
		int32_t		count = rows->n - first < TILE ? (int32_t) (rows->n - first) : TILE;
		int32_t		lanes = FC_ROUND_UP(count, FC_LANES);

		fc_check(&g->fit->hooks);
		ops->distance((const char *) rows->x + first * FC_SIZE(m->precision), rows->stride, lanes, m->d,
					  g->seeder.chosen, g->n, g->at, TILE);
		ops->nearest(g->at, TILE, lanes, g->n, g->least, g->nearest);
		for (int32_t i = 0; i < count; i++)
			FC_MASS(m)[g->nearest[i]]++;
	}
}

/* The matrix becomes symmetric */
static void
mirror(FcGraph *g)
{
	int64_t		room = fc_spectral_room(g->fit->model);

	for (int32_t l = 0; l < g->n; l++)
	{
		fc_check(&g->fit->hooks);
		for (int32_t p = 0; p < l; p++)
			g->matrix[p * room + l] = g->matrix[l * room + p];
	}
}

/* ---- sigma ---- */

/* Squared distances of the nodes to their neighbours, into g->near */
static void
find_neighbors(FcGraph *g)
{
	const FcModel *m = g->fit->model;

	for (int32_t l = 0; l < g->n; l++)
	{
		fc_check(&g->fit->hooks);
		g->near[l] = fc_neighbor_distance(g->matrix + (int64_t) l * fc_spectral_room(m), g->n, l, fc_spectral_neighbor(m));
	}
}

/* Into the model's option, unless it is given there; false if there can be none */
static bool
choose_sigma(FcGraph *g)
{
	double	   *sigma = &g->fit->model->option[FC_SPECTRAL_SIGMA];
	const FcOption *o = &g->fit->model->algo->options[FC_SPECTRAL_SIGMA];

	if (!isnan(*sigma))
		return true;
	find_neighbors(g);
	*sigma = (sqrt(fc_select_rank(g->near, g->n, g->n / 2)) + sqrt(fc_select_rank(g->near, g->n, (g->n - 1) / 2))) / 2;
	if (g->n == 1)
		*sigma = 1;
	if (*sigma == 0)			/* most rows have equals */
		*sigma = o->min;
	return *sigma >= o->min && *sigma <= o->max;
}

/* Of each node, into the model; nodes differ, so that none is 0 unless it is the only one, or squares vanish */
static bool
choose_widths(FcGraph *g)
{
	FcModel    *m = g->fit->model;

	if (!isfinite(4 * g->fit->sample.spread * g->fit->sample.spread))	/* squares overflow between rows of one cluster, too */
		return false;
	for (int32_t l = 0; l < g->n; l++)
		FC_WIDTHS(m)[l] = 1;
	if (m->option[FC_SPECTRAL_AFFINITY] != FC_LOCAL)
		return choose_sigma(g);
	find_neighbors(g);
	for (int32_t l = 0; l < g->n && g->n > 1; l++)
	{
		FC_WIDTHS(m)[l] = sqrt(g->near[l]);
		if (!(FC_WIDTHS(m)[l] > 0 && isfinite(FC_WIDTHS(m)[l]) && isfinite(1 / FC_WIDTHS(m)[l])))
			return false;
	}
	return true;
}

/* ---- affinities ---- */

/* Eq. 1 or 4 for all nodes, and eq. 2 */
static void
find_affinities(FcGraph *g)
{
	const FcModel *m = g->fit->model;
	const double *width = FC_WIDTHS(m);
	const double *mass = FC_MASS(m);

	for (int32_t l = 0; l < g->n; l++)
	{
		double	   *a = g->matrix + (int64_t) l * fc_spectral_room(m);
		double		degree = 0;

		fc_check(&g->fit->hooks);
		for (int32_t p = 0; p < g->n; p++)
			a[p] /= width[p];
		fc_affinities[g->fit->isa][FC_F64] (a, g->n, 0, fc_affinity_factor(m, width[l]));
		a[l] = (mass[l] - 1) / mass[l];
		for (int32_t p = 0; p < g->n; p++)
			degree += mass[p] * a[p];
		FC_DEGREES(m)[l] = degree;
	}
}

static void
move_node(FcGraph *g, int32_t from, int32_t to)
{
	const FcModel *m = g->fit->model;
	int64_t		stride = fc_spectral_stride(m);
	int64_t		room = fc_spectral_room(m);

	memmove(g->matrix + to * room, g->matrix + from * room, sizeof(double) * g->n);
	for (int32_t p = 0; p < g->n; p++)
		g->matrix[p * room + to] = g->matrix[p * room + from];
	for (int32_t j = 0; j < m->d; j++)
		FC_LANDMARKS(m)[j * stride + to] = FC_LANDMARKS(m)[j * stride + from];
	FC_MASS(m)[to] = FC_MASS(m)[from];
	FC_WIDTHS(m)[to] = FC_WIDTHS(m)[from];
	FC_DEGREES(m)[to] = FC_DEGREES(m)[from];
}

static void
drop_isolated(FcGraph *g)
{
	FcModel    *m = g->fit->model;
	int32_t		kept = 0;

	for (int32_t l = 0; l < g->n; l++)
	{
		if (FC_DEGREES(m)[l] < ISOLATED)
			continue;
		if (kept < l)
		{
			fc_check(&g->fit->hooks);
			move_node(g, l, kept);
		}
		kept++;
	}
	g->n = kept;
}

/* Eq. 3 */
static void
normalize(FcGraph *g)
{
	const FcModel *m = g->fit->model;

	for (int32_t l = 0; l < g->n; l++)
		g->near[l] = sqrt(FC_MASS(m)[l] / FC_DEGREES(m)[l]);
	for (int32_t l = 0; l < g->n; l++)
	{
		double	   *a = g->matrix + (int64_t) l * fc_spectral_room(m);

		fc_check(&g->fit->hooks);
		for (int32_t p = 0; p < g->n; p++)
			a[p] *= g->near[l] * g->near[p];
	}
}

/* Landmarks that are not used: at 0, without mass, with a degree to divide by */
static void
clear_rest(FcGraph *g)
{
	FcModel    *m = g->fit->model;
	int64_t		stride = fc_spectral_stride(m);

	for (int64_t l = g->n; l < stride; l++)
	{
		FC_MASS(m)[l] = 0;
		FC_DEGREES(m)[l] = FC_WIDTHS(m)[l] = 1;
		for (int32_t j = 0; j < m->d; j++)
			FC_LANDMARKS(m)[j * stride + l] = 0;
	}
}

/*
 * Nodes into the model (of a complete graph after fc_graph_measure()), with sigma or widths, masses and degrees, and L into g->matrix.
 * If there are fewer connected nodes than clusters, sigma is too small; one
 * cluster needs none.
 */
FcStatus
fc_graph_build(FcGraph *g)
{
	FcModel    *m = g->fit->model;
	int32_t		wanted = fc_spectral_width(m);
	FcStatus	status;

	g->n = 0;
	status = fc_graph_is_complete(g) ? keep_distinct(g) : draw_nodes(g);
	if (status != FC_OK)
		return status;
	if (!fc_graph_is_complete(g))
		weigh_nodes(g);
	wanted = wanted < g->n ? wanted : g->n;
	mirror(g);
	if (!choose_widths(g))
		return FC_DIVERGED;
	find_affinities(g);
	drop_isolated(g);
	clear_rest(g);
	if (g->n < wanted && m->k > 1)
		return FC_VANISHED;
	normalize(g);
	return FC_OK;
}

/*
 * head_rows.c - rows of the training of a head: as the network sees them, their
 * neighbours, the clusters that it may begin with, and what is measured when it is done
 */
#include "core/sample_start.h"
#include "deep/head.h"

#include <math.h>
#include <string.h>

#define KMEANS_STARTS	10		/* times the option restarts */

/* ---- memory ---- */

/* Of k-means, for the first network; another one begins with the clusters of a single start, which may be others */
static int32_t
first_starts(const FcHead *h)
{
	return h->fit->start ? 1 : KMEANS_STARTS * fc_restarts(h->fit);
}

/* What grows with the rows, which may be in a file */
void
fc_head_rows_layout(FcArena *a, FcHead *h)
{
	FcColumnSpace space = fc_column_space(&h->fit->memory.spill);
	size_t		before = a->used;

	fc_column_layout(a, &h->rows.z, &space, h->n, sizeof(FcReal) * h->d, FC_SEARCH_ROWS);
	fc_column_layout(a, &h->rows.nearest, &space, h->n, sizeof(int32_t) * h->neighbors, FC_SEARCH_ROWS);
	fc_column_layout(a, &h->rows.label, &space, h->n, sizeof(int32_t), FC_SEARCH_ROWS);
	fc_means_layout(a, &h->rows.means, &space, h->n, h->d, h->k, first_starts(h));
	h->fit->memory.rows = a->used - before;
}

/* ---- rows ---- */

/* Rows from "first" on, scaled, as they come: x (count, d) */
static void
read_rows(const FcHead *h, int64_t first, int64_t count, FcReal *x)
{
	const FcRows *rows = &h->fit->rows;
	const void *block = NULL;

	for (int64_t i = first; i < first + count; i++)
	{
		int64_t		at = i % rows->stride;

		if (block == NULL || at == 0)
			block = rows->block(rows->source, i / rows->stride);
		for (int32_t j = 0; j < h->d; j++)
			*x++ = (FcReal) fc_get(block, rows->precision, j * (int64_t) rows->stride + at);
	}
}

/* All rows, at most so many at a time as a batch has, which may be too many for the time between two checks */
static FcPortion
portions(const FcHead *h)
{
	return fc_portions(&h->fit->hooks, h->n, h->size < FC_SEARCH_ROWS ? h->size : FC_SEARCH_ROWS);
}

/* The mean of rows of unit length, and the factor that gives features a variance of 1 on average */
static void
find_view(FcHead *h)
{
	double	   *view = FC_HEAD_VIEW(h->model);
	double		square = 0;
	double		length = 0;

	memset(view, 0, sizeof(double) * (h->d + 1));
	for (FcPortion p = portions(h); fc_next_portion(&p);)
	{
		read_rows(h, p.first, p.rows, h->batch.x);
		fc_l2norm(h->batch.x, p.rows, h->d, h->batch.x);
		for (int64_t i = 0; i < p.rows * h->d; i++)
		{
			view[i % h->d] += h->batch.x[i];
			square += (double) h->batch.x[i] * h->batch.x[i];
		}
	}
	for (int32_t j = 0; j < h->d; j++)
	{
		view[j] /= h->n;
		length += view[j] * view[j];
	}
	square = square / h->n - length;
	view[h->d] = square > FC_REAL_EPSILON ? sqrt(h->d / square) : 1;
}

void
fc_head_see_rows(FcHead *h)
{
	find_view(h);
	for (FcPortion p = fc_portions(&h->fit->hooks, h->n, FC_SEARCH_ROWS); fc_next_portion(&p);)
	{
		FcReal	   *z = fc_column_place(&h->rows.z, p.first, p.rows);

		read_rows(h, p.first, p.rows, z);
		for (int64_t i = 0; i < p.rows; i++)
			fc_head_see(h->model, z + i * h->d);
		fc_column_write(&h->rows.z, p.first, p.rows);
	}
}

/* A single row is its own neighbour */
void
fc_head_find_neighbors(FcHead *h)
{
	for (FcPortion p = fc_portions(&h->fit->hooks, h->n, FC_SEARCH_ROWS); fc_next_portion(&p);)
	{
		fc_search(&h->rows.search, &h->fit->hooks, &(FcSought) {
			.base = fc_column_whole(&h->rows.z), .queries = {&h->rows.z, p.first, p.rows}, .self = h->n > 1 ? p.first : -1,
			.m = h->d, .count = h->neighbors
		}, fc_column_place(&h->rows.nearest, p.first, p.rows));
		fc_column_write(&h->rows.nearest, p.first, p.rows);
	}
}

/* First clusters by k-means, from the caller's centers if there are some */
FcStatus
fc_head_find_labels(FcHead *h, uint64_t seed, bool first)
{
	FcStatus	status;

	for (int32_t c = 0; h->rows.start && c < h->k; c++)
	{
		for (int32_t j = 0; j < h->d; j++)
			h->rows.row[j] = (FcReal) h->fit->start[(int64_t) c * h->d + j];
		fc_head_see(h->model, h->rows.row);
		for (int32_t j = 0; j < h->d; j++)
			h->rows.start[(int64_t) c * h->d + j] = h->rows.row[j];
	}
	h->rows.means.start = h->rows.start;
	h->rows.means.restarts = first ? first_starts(h) : 1;
	status = fc_means(&h->rows.means, &h->fit->hooks, &h->rows.z, h->k, seed, &h->rows.label);
	if (status == FC_TOO_FEW_ROWS)
		h->fit->failure.distinct = h->rows.means.fit.failure.distinct;
	return status;
}

/* ---- the result ---- */

/* A row x (d) and its outputs: its part of sizes, radii and centers, which are sums so far */
static void
measure_row(FcHead *h, const FcReal *x, const FcReal *out)
{
	FcModel    *m = h->model;
	int32_t		nearest = 0;

	fc_negative_log_softmax(out, h->k, h->found.distance);
	for (int32_t c = 0; c < h->k; c++)
	{
		double		u = exp(-h->found.distance[c]);

		nearest = h->found.distance[c] < h->found.distance[nearest] ? c : nearest;
		m->weights[c] += u;
		for (int32_t j = 0; j < h->d; j++)
			m->centers[(int64_t) c * h->d + j] += u * x[j];
	}
	m->radius[nearest] += sqrt(h->found.distance[nearest]);
	h->found.count[nearest]++;
}

static void
finish_clusters(FcHead *h)
{
	FcModel    *m = h->model;

	m->empty = 0;
	for (int32_t c = 0; c < h->k; c++)
	{
		for (int32_t j = 0; j < h->d; j++)
			m->centers[(int64_t) c * h->d + j] /= fmax(m->weights[c], DBL_MIN);
		if (h->found.count[c] > 0)
			m->radius[c] /= h->found.count[c];
		else
			m->empty++;
	}
}

void
fc_head_measure_clusters(FcHead *h)
{
	FcModel    *m = h->model;

	h->network.teacher.parameters = FC_HEAD_PARAMETERS(m).data;
	memset(m->weights, 0, sizeof(double) * h->k);
	memset(m->radius, 0, sizeof(double) * h->k);
	memset(m->centers, 0, sizeof(double) * h->k * h->d);
	memset(h->found.count, 0, sizeof(int64_t) * h->k);
	for (FcPortion p = portions(h); fc_next_portion(&p);)
	{
		FcReal	   *seen = h->batch.x + (int64_t) h->size * h->d;

		read_rows(h, p.first, p.rows, h->batch.x);
		memcpy(seen, h->batch.x, sizeof(FcReal) * p.rows * h->d);
		for (int64_t i = 0; i < p.rows; i++)
			fc_head_see(m, seen + i * h->d);
		fc_apply_rows(&h->network.teacher, seen, p.rows, h->batch.t);
		for (int64_t i = 0; i < p.rows; i++, fc_check(&h->fit->hooks))
			measure_row(h, h->batch.x + i * h->d, h->batch.t + i * h->k);
	}
	finish_clusters(h);
}

/* The axes of the rows */
void
fc_head_project_rows(FcHead *h)
{
	FcPrincipal *p = &h->found.principal;
	FcReal	   *x = p->x;

	fc_principal_choose(p, h->n, h->d);
	for (int32_t i = 0; i < p->cloud.n; i++)
	{
		fc_check(&h->fit->hooks);
		read_rows(h, p->from[i], 1, h->rows.row);
		for (int32_t j = 0; j < h->d; j++)
			x[j * p->cloud.stride + i] = h->rows.row[j];
	}
	p->cloud.x = x;
	p->cloud.precision = FC_REAL_PRECISION;
	fc_principal_axes(p, h->fit->isa, &h->fit->hooks, FC_PROJECTION(h->model));
}

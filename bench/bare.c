/*
 * bare.c - fuzzy c-means and nothing else: the yardstick for an iteration of the extension
 *
 * usage: bare ROWS CENTERS n d k ITERATIONS m
 *
 * ROWS and CENTERS are files of float32, row by row.  Prints the seconds of an
 * iteration, by the clock and of the processor, and the last objective.
 *
 * One shape of memory, one type, one core, compiled for this very machine with
 * -ffast-math: no instruction set to choose, no scaling, no memberships of a row
 * on a center, no interruption, no tail (n is rounded down to whole blocks).
 *
 * Rows lie in groups of GROUP, a group column by column.  A block of rows goes
 * through three loops while it is in the first-level cache: distances of several
 * centers at once, weights in place, sums of several centers and columns at once.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GROUP		32			/* rows: two vectors */
#define GROUPS		8			/* of a block */
#define BLOCK		(GROUP * GROUPS)
#define LANES		16
#define FLUSH		64			/* blocks whose sums are added up in float */
#define TINY		1e-12f		/* least squared distance */

typedef float Vector __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

typedef struct Bare
{
	int64_t		blocks;
	int			d;
	int			k;
	float		m;
	float	   *x;				/* (blocks, GROUPS, d, GROUP) */
	float	   *v;				/* (k, d) */
	float	   *weight;			/* (k, BLOCK) squared distances, then weights */
	float	   *row;			/* (BLOCK) sums over clusters */
	Vector	   *part;			/* (k, d) sums of some blocks */
	double	   *sum;			/* (k, d) */
	double	   *mass;			/* (k) */
} Bare;

static void *
allocate(size_t size)
{
	void	   *p = aligned_alloc(64, (size + 63) / 64 * 64);

	if (p == NULL)
		exit(1);
	memset(p, 0, (size + 63) / 64 * 64);
	return p;
}

/* ---- squared distances ---- */

/* Of one group to "count" centers from c on; x is (d, GROUP), at is (k, BLOCK) from this group on */
INLINE void
distances_of(const Bare *b, const float *x, float *at, int c, const int count)
{
	const float *v = b->v + (size_t) c * b->d;
	Vector		left[6] = {{0}};
	Vector		right[6] = {{0}};

	for (int j = 0; j < b->d; j++)
	{
		Vector		x_left = *(const Vector *) (x + (size_t) j * GROUP);
		Vector		x_right = *(const Vector *) (x + (size_t) j * GROUP + LANES);

#pragma GCC unroll 6
		for (int q = 0; q < count; q++)
		{
			float		center = v[(size_t) q * b->d + j];
			Vector		a = x_left - center;
			Vector		e = x_right - center;

			left[q] += a * a;
			right[q] += e * e;
		}
	}
	for (int q = 0; q < count; q++)
	{
		*(Vector *) (at + (size_t) (c + q) * BLOCK) = left[q];
		*(Vector *) (at + (size_t) (c + q) * BLOCK + LANES) = right[q];
	}
}

static void
distances(const Bare *b, const float *x)
{
	for (int g = 0; g < GROUPS; g++)
	{
		const float *group = x + (size_t) g * b->d * GROUP;
		int			c = 0;

		for (; c + 5 <= b->k; c += 5)
			distances_of(b, group, b->weight + g * GROUP, c, 5);
		for (; c + 2 <= b->k; c += 2)
			distances_of(b, group, b->weight + g * GROUP, c, 2);
		for (; c < b->k; c++)
			distances_of(b, group, b->weight + g * GROUP, c, 1);
	}
}

/* ---- weights: u^m in the place of squared distances; the objective of the block ---- */

static double
weights_of_2(Bare *b)
{
	float	   *restrict total = b->row;
	float		objective = 0;

	memset(total, 0, sizeof(float) * BLOCK);
	for (int c = 0; c < b->k; c++)
	{
		float	   *restrict w = b->weight + (size_t) c * BLOCK;

		for (int i = 0; i < BLOCK; i++)
			total[i] += w[i] = 1 / fmaxf(w[i], TINY);
	}
	for (int i = 0; i < BLOCK; i++)
		objective += total[i] = 1 / total[i];
	for (int c = 0; c < b->k; c++)
	{
		float	   *restrict w = b->weight + (size_t) c * BLOCK;
		float		mass = 0;

		for (int i = 0; i < BLOCK; i++)
		{
			float		u = w[i] * total[i];

			mass += w[i] = u * u;
		}
		b->mass[c] += mass;
	}
	return objective;
}

/* With r = d^(-1/(m-1)): u = r / sum r, so u^m = (r / d) (sum r)^-m, and the objective is (sum r)^(1-m) */
static double
weights_of_any(Bare *b)
{
	float	   *restrict total = b->row;
	const float power = -1 / (b->m - 1);
	const float m = b->m;
	float		objective = 0;

	memset(total, 0, sizeof(float) * BLOCK);
	for (int c = 0; c < b->k; c++)
	{
		float	   *restrict w = b->weight + (size_t) c * BLOCK;

		for (int i = 0; i < BLOCK; i++)
		{
			float		distance = fmaxf(w[i], TINY);
			float		r = expf(power * logf(distance));

			total[i] += r;
			w[i] = r / distance;
		}
	}
	for (int i = 0; i < BLOCK; i++)
	{
		float		log_total = logf(total[i]);

		objective += expf((1 - m) * log_total);
		total[i] = expf(-m * log_total);
	}
	for (int c = 0; c < b->k; c++)
	{
		float	   *restrict w = b->weight + (size_t) c * BLOCK;
		float		mass = 0;

		for (int i = 0; i < BLOCK; i++)
			mass += w[i] *= total[i];
		b->mass[c] += mass;
	}
	return objective;
}

/* ---- sums ---- */

/* Of a block into "part": "count" centers from c on, "columns" columns from j on */
INLINE void
sums_of(Bare *b, const float *x, int c, const int count, int j, const int columns)
{
	Vector		sum[20] = {{0}};

	for (int i = 0; i < BLOCK; i += LANES)
	{
		const float *at = x + ((size_t) (i / GROUP) * b->d + j) * GROUP + i % GROUP;
		Vector		value[4];

#pragma GCC unroll 4
		for (int q = 0; q < columns; q++)
			value[q] = *(const Vector *) (at + (size_t) q * GROUP);
#pragma GCC unroll 5
		for (int r = 0; r < count; r++)
		{
			Vector		w = *(const Vector *) (b->weight + (size_t) (c + r) * BLOCK + i);

#pragma GCC unroll 4
			for (int q = 0; q < columns; q++)
				sum[r * columns + q] += w * value[q];
		}
	}
#pragma GCC unroll 5
	for (int r = 0; r < count; r++)
#pragma GCC unroll 4
		for (int q = 0; q < columns; q++)
			b->part[(size_t) (c + r) * b->d + j + q] += sum[r * columns + q];
}

INLINE void
sums_of_centers(Bare *b, const float *x, int c, const int count)
{
	int			j = 0;

	for (; j + 4 <= b->d; j += 4)
		sums_of(b, x, c, count, j, 4);
	for (; j < b->d; j++)
		sums_of(b, x, c, count, j, 1);
}

static void
sums(Bare *b, const float *x)
{
	int			c = 0;

	for (; c + 5 <= b->k; c += 5)
		sums_of_centers(b, x, c, 5);
	for (; c + 2 <= b->k; c += 2)
		sums_of_centers(b, x, c, 2);
	for (; c < b->k; c++)
		sums_of_centers(b, x, c, 1);
}

static void
flush(Bare *b)
{
	for (int i = 0; i < b->k * b->d; i++)
	{
		for (int l = 0; l < LANES; l++)
			b->sum[i] += b->part[i][l];
		b->part[i] = (Vector) {0};
	}
}

/* ---- an iteration ---- */

static double
iterate(Bare *b)
{
	double		objective = 0;

	memset(b->sum, 0, sizeof(double) * b->k * b->d);
	memset(b->mass, 0, sizeof(double) * b->k);
	for (int64_t at = 0; at < b->blocks; at++)
	{
		const float *x = b->x + (size_t) at * BLOCK * b->d;

		distances(b, x);
		objective += b->m == 2 ? weights_of_2(b) : weights_of_any(b);
		sums(b, x);
		if (at % FLUSH == FLUSH - 1 || at == b->blocks - 1)
			flush(b);
	}
	for (int c = 0; c < b->k; c++)
		for (int j = 0; j < b->d; j++)
			b->v[(size_t) c * b->d + j] = (float) (b->sum[(size_t) c * b->d + j] / b->mass[c]);
	return objective;
}

/* ---- the program ---- */

static float *
read_file(const char *path, size_t count)
{
	float	   *values = allocate(count * sizeof(float));
	FILE	   *file = fopen(path, "rb");

	if (file == NULL || fread(values, sizeof(float), count, file) != count)
	{
		fprintf(stderr, "bare: cannot read %s\n", path);
		exit(1);
	}
	fclose(file);
	return values;
}

static void
place_rows(Bare *b, const float *rows)
{
	b->x = allocate(sizeof(float) * b->blocks * BLOCK * b->d);
	for (int64_t i = 0; i < b->blocks * BLOCK; i++)
		for (int j = 0; j < b->d; j++)
			b->x[((size_t) (i / GROUP) * b->d + j) * GROUP + i % GROUP] = rows[(size_t) i * b->d + j];
}

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

int
main(int argc, char **argv)
{
	Bare		b = {0};
	int64_t		n;
	int			iterations;
	float	   *rows;
	double		wall;
	double		cpu;
	double		objective = 0;

	if (argc != 8)
		return 2;
	n = atoll(argv[3]);
	b.d = atoi(argv[4]);
	b.k = atoi(argv[5]);
	iterations = atoi(argv[6]);
	b.m = (float) atof(argv[7]);
	b.blocks = n / BLOCK;
	rows = read_file(argv[1], (size_t) n * b.d);
	place_rows(&b, rows);
	free(rows);
	b.v = read_file(argv[2], (size_t) b.k * b.d);
	b.weight = allocate(sizeof(float) * b.k * BLOCK);
	b.row = allocate(sizeof(float) * BLOCK);
	b.part = allocate(sizeof(Vector) * b.k * b.d);
	b.sum = allocate(sizeof(double) * b.k * b.d);
	b.mass = allocate(sizeof(double) * b.k);

	iterate(&b);				/* brings the pages in */
	wall = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < iterations; i++)
		objective = iterate(&b);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%.9f %.9f %.9g\n", wall / iterations, cpu / iterations, objective);
	return 0;
}

/*
 * targets.c - the targets of a refresh against the formulas of EDCWRN, computed here in plain double precision
 *
 *	q = 1 / (1 + a (s D)^b),  D_ic = l sum_j w_cj (z_ij - v_cj)^2,  u_ic = q_ic / sum_b q_ib
 *	w_cj = (1 / V_cj) / sum_h (1 / V_ch),  V_cj = sum_i q_ic^alpha (z_ij - v_cj)^2
 *	p_ic = (q_ic^2 / f_c) / sum_b (q_ib^2 / f_b),  f_c = sum_i q_ic
 *
 * where q is u in V and p, unless assignment is raw.
 */
#include "deep_images.h"

#include <math.h>

#define LATENT	4				/* of begin() */
#define CLOSE_FLOAT 2e-5

/* What the last refresh began with, and what it left; the weights are those before it */
typedef struct Refreshed
{
	double		before[K * LATENT];
	double		w[K * LATENT];
	double		v[K * LATENT];
	double		z[N * LATENT];
	double		p[N * K];
} Refreshed;

static void
take(double *to, const FcReal *from, int count)
{
	for (int i = 0; i < count; i++)
		to[i] = from[i];
}

/* After an epoch, and before the refresh that follows it */
static void
take_weights(FcFit *f, void *work)
{
	Refreshed  *r = f->resume.arg;
	const FcDeep *t = work;

	if (t->course.phase == FC_CLUSTERING)
		take(r->before, t->clusters.now.w, K * LATENT);
}

/* ---- the formulas ---- */

typedef struct Curve
{
	double		a;
	double		b;
	double		alpha;
	double		scale;
	bool		raw;
} Curve;

static void
find_similarities(const Curve *e, const Refreshed *r, const double *w, double *q)
{
	for (int i = 0; i < N; i++)
	{
		double		sum = 0;

		for (int c = 0; c < K; c++)
		{
			double		distance = 0;

			for (int j = 0; j < LATENT; j++)
				distance += LATENT * w[c * LATENT + j] * pow(r->z[i * LATENT + j] - r->v[c * LATENT + j], 2);
			q[i * K + c] = 1 / (1 + e->a * pow(e->scale * distance, e->b));
			sum += q[i * K + c];
		}
		for (int c = 0; c < K && !e->raw; c++)
			q[i * K + c] /= sum;
	}
}

static void
find_weights(const Curve *e, const Refreshed *r, const double *q, double *w)
{
	for (int c = 0; c < K; c++)
	{
		double		sum = 0;

		for (int j = 0; j < LATENT; j++)
		{
			double		spread = 0;

			for (int i = 0; i < N; i++)
				spread += pow(q[i * K + c], e->alpha) * pow(r->z[i * LATENT + j] - r->v[c * LATENT + j], 2);
			w[c * LATENT + j] = 1 / spread;
			sum += 1 / spread;
		}
		for (int j = 0; j < LATENT; j++)
			w[c * LATENT + j] /= sum;
	}
}

static void
find_targets(const double *q, double *p)
{
	double		f[K] = {0};

	for (int i = 0; i < N * K; i++)
		f[i % K] += q[i];
	for (int i = 0; i < N; i++)
	{
		double		sum = 0;

		for (int c = 0; c < K; c++)
			sum += p[i * K + c] = q[i * K + c] * q[i * K + c] / f[c];
		for (int c = 0; c < K; c++)
			p[i * K + c] /= sum;
	}
}

static double
largest_difference(const double *a, const double *b, int count)
{
	double		most = 0;

	for (int i = 0; i < count; i++)
		most = fmax(most, fabs(a[i] - b[i]));
	return most;
}

/* ---- a training ---- */

static void
take_refreshed(Training *t, Refreshed *r)
{
	FcDeep	   *d = t->fit.work;

	take(r->w, d->clusters.now.w, K * LATENT);
	take(r->v, d->clusters.now.v, K * LATENT);
	take(r->z, fc_column_read(&d->clusters.z, 0, N), N * LATENT);
	take(r->p, fc_column_read(&d->clusters.target, 0, N), N * K);
}

static void
begin_refreshed(Training *t, Refreshed *r, const Curve *e, const double *x)
{
	begin(t, "edcwrn", FC_F32, x);
	*own_option(&t->model, "epochs") = 3;
	*own_option(&t->model, "smoothing") = 0;
	*own_option(&t->model, "label_tolerance") = 0;
	*own_option(&t->model, "assignment") = e->raw;
	*own_option(&t->model, "alpha") = e->alpha;
	*own_option(&t->model, "dist_scale") = e->scale;
	*r = (Refreshed) {.w = {0}};
	t->fit.resume.epoch = take_weights;
	t->fit.resume.arg = r;
}

/* Weights follow from the similarities by the weights before them, and targets from those by the new weights */
static void
test_refresh(Curve e)
{
	static Refreshed r;
	static double q[N * K];
	static double p[N * K];
	double		w[K * LATENT];
	double	   *x = make_images(41);
	Training	t;

	begin_refreshed(&t, &r, &e, x);
	e.a = *own_option(&t.model, "a");
	e.b = *own_option(&t.model, "b");
	if (run(&t))
	{
		take_refreshed(&t, &r);
		find_similarities(&e, &r, r.before, q);
		find_weights(&e, &r, q, w);
		CHECK_NEAR(largest_difference(w, r.w, K * LATENT), 0, CLOSE_FLOAT);
		find_similarities(&e, &r, r.w, q);
		find_targets(q, p);
		CHECK_NEAR(largest_difference(p, r.p, N * K), 0, CLOSE_FLOAT);
	}
	training_end(&t);
	free(x);
}

int
main(void)
{
	test_refresh((Curve) {.alpha = 2, .scale = 20});
	test_refresh((Curve) {.alpha = 2, .scale = 20, .raw = true});
	test_refresh((Curve) {.alpha = 3, .scale = 0.25, .raw = true});
	return check_report("targets");
}

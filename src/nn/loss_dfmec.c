/*
 * loss_dfmec.c - deep fuzzy clustering based on maximum entropy (Huang et al., 2024)
 *
 *   phi_ic = exp(-d_ic / eta) / sum_b exp(-d_ib / eta),  d_ic = |z_i - v_c|^2	(eq. 1)
 *   L = (1/n) sum_ic [phi_ic d_ic + eta phi_ic ln phi_ic]						(eq. 2)
 *   dz = -(2/n) phi V;  dV = -(2/n) phi' z										(eq. 3)
 *   v_c = normalize(v_c - rho dv_c / |dv_c|)									(eq. 4)
 *
 * Rows z (n, m) and centers V (k, m) have unit length, so d = 2 - 2 z . v, and
 * what eq. 3 leaves out points along z and v.  phi minimizes the bracket, so
 * eq. 3 holds although phi depends on z.  -dv_c points to the soft mean of the
 * cluster: eq. 4 is a moving average of its direction; the gradient may not be
 * projected first.
 *
 * With targets p there is cross-entropy instead:
 *
 *   L = -(1/n) sum_ic p_ic log phi_ic;  dL/dd_ic = (p_ic - phi_ic) / (eta n)	(eq. 5)
 */
#include "nn/loss.h"

#define LEAST_ETA		1e-6	/* below it memberships are crisp anyway */
#define LEAST_GRADIENT	1e-8	/* a cluster without rows stays where it is */

/* -d / eta */
static void
exponents(const FcCodes *c, double eta, FcReal *x)
{
	FcReal		factor = (FcReal) (-1 / fmax(eta, LEAST_ETA));

	fc_codes_distances(c, x);
	for (int64_t i = 0; i < c->n * c->k; i++)
		x[i] *= factor;
}

/* eq. 1 */
void
fc_dfmec_memberships(const FcCodes *c, double eta, FcReal *phi)
{
	exponents(c, eta, phi);
	fc_softmax(phi, c->n, c->k, phi);
}

/* eq. 3 with s (n, k) = dL/dd for phi / n; dv may be NULL */
void
fc_dfmec_pull(const FcCodes *c, const FcReal *s, FcReal *dz, FcReal *dv)
{
	int32_t		m = c->m;

	fc_codes_clear(c, dz, dv);
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t b = 0; b < c->k; b++)
		{
			FcReal		force = -2 * (FcReal) c->scale * s[i * c->k + b];

			for (int32_t j = 0; j < m; j++)
				dz[i * m + j] += force * c->v[(int64_t) b * m + j];
			for (int32_t j = 0; dv && j < m; j++)
				dv[(int64_t) b * m + j] += force * c->z[i * m + j];
		}
	}
}

/*
 * eq. 2 and 3 with memberships that the caller gives: those of eq. 1, or others
 * that stay as they are, to which eta = 0 belongs.  s is work space.
 */
double
fc_dfmec_loss(const FcCodes *c, double eta, const FcReal *phi, double weight, FcReal *s, FcReal *dz, FcReal *dv)
{
	double		loss = 0;

	fc_codes_distances(c, s);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		loss += phi[i] * (double) s[i];
		if (phi[i] > 0)
			loss += eta * phi[i] * log(phi[i]);
		s[i] = (FcReal) (weight / c->n) * phi[i];
	}
	fc_dfmec_pull(c, s, dz, dv);
	return loss / c->n;
}

/* eq. 5; phi is left for the caller, s is work space */
double
fc_dfmec_cross_entropy(const FcCodes *c, double eta, const FcReal *p, double weight, FcReal *phi, FcReal *s,
					   FcReal *dz, FcReal *dv)
{
	double		loss;

	exponents(c, eta, s);
	loss = fc_cross_entropy(s, p, c->n, c->k, -weight / fmax(eta, LEAST_ETA), phi, s);
	fc_dfmec_pull(c, s, dz, dv);
	return loss;
}

/* eq. 4 */
void
fc_dfmec_step(FcReal *v, const FcReal *dv, int32_t k, int32_t m, double rho)
{
	for (int32_t c = 0; c < k; c++, v += m, dv += m)
	{
		double		squares = 0;
		double		length;

		for (int32_t j = 0; j < m; j++)
			squares += (double) dv[j] * dv[j];
		length = sqrt(squares);
		if (!(length >= LEAST_GRADIENT))
			continue;
		for (int32_t j = 0; j < m; j++)
			v[j] -= (FcReal) (rho / length * dv[j]);
		fc_l2norm(v, 1, m, v);
	}
}

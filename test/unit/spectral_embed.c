/*
 * spectral_embed.c - where rows lie among the eigenvectors: the Nystrom extension
 */
#include "spectral_train.h"

/* Landmarks for all rows, or more, are the exact graph, in every bit */
static void
test_all_landmarks(void)
{
	enum {N = 200};
	int			truth[N];
	double	   *x = make_rings(N, truth);

	for (int landmarks = N; landmarks <= N + 100; landmarks += 100)
	{
		Training	a,
					b;

		train(&a, FC_NJW, 0, FC_F64, 4, x, N, 2);
		train(&b, FC_NJW, landmarks, FC_F64, 4, x, N, 2);
		if (run(&a) && run(&b))
		{
			memcpy(b.model.option, a.model.option, sizeof(a.model.option));
			CHECK(same_model(&a.model, &b.model));
		}
		training_end(&a);
		training_end(&b);
	}
	free(x);
}

/* Rows next to rows of the training are where these are, however small the graph */
static void
test_new_rows(int kind, int landmarks)
{
	enum {N = 800};
	int			truth[N];
	int			near[N];
	double	   *x = make_rings(N, truth);
	double	   *y = make_noise(N, 2, 79);
	Training	t;

	train(&t, kind, landmarks, FC_F64, 3, x, N, 2);
	if (run(&t))
	{
		label(&t.model, x, N, truth);
		for (int i = 0; i < 2 * N; i++)
			y[i] = x[i] + 1e-6 * y[i];
		label(&t.model, y, N, near);
		CHECK(differences(near, truth, N) <= N / 100);	/* a few lie on the border */
	}
	training_end(&t);
	free(x);
	free(y);
}

/* Eq. 1 and 2 of spectral/embed.c, sum by sum: the position of row x, which is not a landmark */
static void
extend_plainly(const FcModel *m, const double *x, double *z)
{
	int32_t		stride = fc_spectral_stride(m);
	int32_t		width = fc_spectral_width(m);
	double		sigma = m->option[FC_SPECTRAL_SIGMA];
	double		degree = 0;
	double		length = 0;

	memset(z, 0, sizeof(double) * width);
	for (int32_t l = 0; l < stride; l++)
	{
		double		squares = 0;
		double		affinity;

		for (int32_t j = 0; j < m->d; j++)
			squares += pow(x[j] - FC_LANDMARKS(m)[j * stride + l], 2);
		affinity = FC_MASS(m)[l] * exp(-squares / (2 * sigma * sigma));
		degree += affinity;
		for (int32_t v = 0; v < width; v++)
			z[v] += affinity * FC_VECTORS(m)[v * stride + l] / (FC_EIGENVALUES(m)[v] * sqrt(FC_DEGREES(m)[l]));
	}
	for (int32_t v = 0; v < width; v++)
		length += z[v] * z[v];
	for (int32_t v = 0; v < width; v++)
		z[v] /= m->option[FC_SPECTRAL_KIND] == FC_NJW ? sqrt(length) : degree;
}

/* Rows without clusters have eigenvalues far from 1, and from each other: none may be forgotten */
static void
test_extension(int kind, int landmarks)
{
	enum {N = 300, D = 3, K = 4};
	double	   *x = make_noise(2 * N, D, 83);
	Training	t;

	train(&t, kind, landmarks, FC_F64, K, x, N, D);
	t.model.option[FC_SPECTRAL_SIGMA] = 0.3;
	if (run(&t))
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);
		int			wrong = 0;

		CHECK(FC_EIGENVALUES(&t.model)[fc_spectral_width(&t.model) - 1] < 0.9);
		for (int64_t i = N; i < 2 * N; i++)
		{
			double		z[FC_MOST_VECTORS];

			extend_plainly(&t.model, x + i * D, z);
			fc_score_row(&s, x + i * D);
			for (int32_t c = 0; c < K; c++)
			{
				double		far = fc_squared_distance(z, FC_EMBEDDED(&t.model) + c * fc_spectral_width(&t.model),
													  fc_spectral_width(&t.model));

				wrong += !(fabs(s.distance[c] - far) <= 1e-9 * fmax(far, 1e-3));
			}
		}
		CHECK_EQ(wrong, 0);
		free(memory);
	}
	training_end(&t);
	free(x);
}

/*
 * By NJW embedded rows have length 1, and centers are their means, so that squared
 * distances to the nearest add up to n - sum n_c |v_c|^2; over several blocks of rows
 */
static void
test_means_of_many(void)
{
	enum {N = 2400, D = 3, K = 3};
	double	   *x = make_noise(N, D, 89);
	Training	t;

	train(&t, FC_NJW, 100, FC_F64, K, x, N, D);
	t.model.option[FC_SPECTRAL_SIGMA] = 0.3;
	if (run(&t))
	{
		int32_t		width = fc_spectral_width(&t.model);
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);
		double		left = N;
		double		sum = 0;

		CHECK(N > fc_block_rows(width));
		for (int64_t i = 0; i < N; i++)
		{
			int32_t		c;

			fc_score_row(&s, x + i * D);
			c = fc_score_nearest(&s);
			sum += s.distance[c];
			for (int32_t v = 0; v < width; v++)
				left -= pow(FC_EMBEDDED(&t.model)[c * width + v], 2);
		}
		CHECK_NEAR(sum / N, left / N, 1e-3);
		free(memory);
	}
	training_end(&t);
	free(x);
}

int
main(void)
{
	test_all_landmarks();
	for (int kind = FC_NJW; kind <= FC_NCUT; kind++)
		for (int landmarks = 0; landmarks <= 100; landmarks += 100)
		{
			test_new_rows(kind, landmarks);
			test_extension(kind, landmarks);
		}
	test_means_of_many();
	return check_report("spectral_embed");
}

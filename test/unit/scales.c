/*
 * scales.c - rows of any size: a training gives a model that a reader accepts, and
 * that is right, or says why it cannot
 */
#include "train.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

enum {N = 300, D = 2, K = 3};

static const double f32[] = {
	1e-45, 1e-42, 1e-38, 1e-30, 1e-24, 7e-23, 1e-21, 3e-20, 1e-19, 1e-18, 1e-16, 1e-9, 1, 1e5, 1e10, 1e13, 4e13, 1e17, 1e18, 1e25, 1e37
};
static const double f64[] = {
	4.9e-324, 1e-320, 1e-308, 1e-300, 1e-200, 1e-163, 1e-156, 1e-155, 1e-154, 1e-153, 3e-152, 1e-151, 1e-150, 1e-100, 1, 1e50, 1e100, 1e138,
	1e150, 1e153, 1e155, 1e200, 1e306
};

/* Has a cluster for each of three points of a lattice? */
static bool
finds_blobs(const FcModel *m, double scale)
{
	double	   *centers = centers_of(m);
	bool		found = true;

	for (int32_t c = 0; c < K; c++)
	{
		double		least = INFINITY;

		for (int32_t b = 0; b < K; b++)
			least = fmin(least, hypot(centers[b * D] / scale - blob_center(c, 0), centers[b * D + 1] / scale - blob_center(c, 1)));
		found = found && least < 1;
	}
	free(centers);
	return found;
}

/* Whether the training went well */
static bool
train_scaled(const FcAlgorithm *algo, int isa, FcPrecision precision, const double *blobs, double scale, int scaling)
{
	double	   *x = malloc(sizeof(double) * N * D);
	Training	t;
	FcStatus	status;

	for (int i = 0; i < N * D; i++)
		x[i] = precision == FC_F32 ? (double) (float) (blobs[i] * scale) : blobs[i] * scale;
	training_begin(&t, algo, K, precision, x, N, D);
	t.fit.isa = isa;
	t.model.common[FC_SCALE] = scaling;
	status = training_run(&t);
	CHECK(status == FC_OK || status == FC_TOO_CLOSE || status == FC_TOO_FEW_ROWS || status == FC_DIVERGED ||
		  status == FC_VANISHED || status == FC_UNREADABLE);
	if (status == FC_OK)
	{
		check_model(&t);
		if (!is_deep(algo))
			CHECK(finds_blobs(&t.model, scale));
	}
	training_end(&t);
	free(x);
	return status == FC_OK;
}

/* Between these sizes of rows the squares keep their digits, and the training must go well */
static bool
is_ordinary(FcPrecision precision, double scale)
{
	return precision == FC_F32 ? scale >= 1e-18 && scale <= 4e13 : scale >= 1e-152 && scale <= 1e138;
}

static void
test_scales(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	const double *scales = precision == FC_F32 ? f32 : f64;
	int			count = precision == FC_F32 ? COUNT(f32) : COUNT(f64);
	double	   *blobs = make_blobs(N, D, K, 2);

	for (int s = 0; s < count; s++)
		for (int scaling = FC_SCALE_NONE; scaling <= (scales_itself(algo) ? FC_SCALE_NONE : FC_SCALE_ZSCORE); scaling++)
		{
			bool		good = train_scaled(algo, isa, precision, blobs, scales[s], scaling);

			if (is_ordinary(precision, scales[s]) && !is_deep(algo))
				CHECK(good);
		}
	free(blobs);
}

int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
		FOR_EACH_VARIANT(isa, precision)
			if (is_wanted(algo, argc, argv) && (!is_deep(algo) || isa == (int) fc_best_isa()))
				test_scales(algo, isa, precision);
	return check_report("scales");
}

/*
 * nn_affine.c - augmentation compared with golden values, and its invariants
 */
#include "nn.h"
#include "nn/affine.h"

static const FcAffine identity = {.zoom = {1, 1}};

static void
test_golden(void)
{
	const double *g = golden_affine_params;
	FcAffine	t = {.rotation = g[0], .shift = {g[1], g[2]}, .zoom = {g[3], g[4]}};
	FcReal	   *x = reals_of(golden_affine_img, 49);
	FcReal	   *y = reals(49);

	fc_affine(&t, (FcShape) {1, 7, 7}, x, y);
	CHECK_REALS(y, golden_affine_out, CLOSE);
	free(x);
	free(y);
}

/* Each channel for itself; nothing changes without a change */
static void
test_channels(void)
{
	FcShape		image = {3, 5, 9};
	FcAffine	t = {.rotation = 20, .shift = {1.2, -0.7}, .zoom = {0.8, 1.1}, .shear = 0.3};
	FcReal	   *x = random_reals(135, -1, 1, 1);
	FcReal	   *y = reals(135);
	FcReal	   *z = reals(45);

	fc_affine(&t, image, x, y);
	for (int c = 0; c < 3; c++)
	{
		fc_affine(&t, (FcShape) {1, 5, 9}, x + 45 * c, z);
		CHECK(memcmp(y + 45 * c, z, sizeof(FcReal) * 45) == 0);
	}
	fc_affine(&identity, image, x, y);
	for (int i = 0; i < 135; i++)
		CHECK_NEAR(y[i], x[i], CLOSE);
	free(x);
	free(y);
	free(z);
}

/* A plane stays a plane: interpolation is exact then, so each part of the map shows */
static void
test_map(void)
{
	enum {SIDE = 41};
	FcShape		image = {1, SIDE, SIDE};
	FcReal	   *x = reals(SIDE * SIDE);
	FcReal	   *y = reals(SIDE * SIDE);

	for (int what = 0; what < 4; what++)
	{
		bool		turned = what / 2;
		bool		columns = what % 2;
		FcAffine	t = {.rotation = 90 * turned, .shift = {2, 1}, .zoom = {0.5, 0.25}, .shear = 0.5};

		for (int i = 0; i < SIDE * SIDE; i++)
			x[i] = columns ? i % SIDE : i / SIDE;
		fc_affine(&t, image, x, y);
		for (int r = 16; r < 25; r++)	/* where no edge is met */
			for (int c = 16; c < 25; c++)
			{
				double		down = 0.5 * (r - 20) + 2;
				double		right = 0.25 * (c - 20) + 0.5 * (0.5 * (r - 20)) + 1;

				if (turned)		/* a quarter turn takes (down, right) to (-right, down) */
					CHECK_NEAR(y[r * SIDE + c], 20 + (columns ? down : -right), CLOSE);
				else
					CHECK_NEAR(y[r * SIDE + c], 20 + (columns ? right : down), CLOSE);
			}
	}
	free(x);
	free(y);
}

/* Outside there is the edge; images of one pixel, row or column are images */
static void
test_edges(void)
{
	FcAffine	far = {.zoom = {1, 1}, .shift = {100, -100}};
	FcReal		x[] = {1, 2, 3, 4};
	FcReal		y[4];

	fc_affine(&far, (FcShape) {1, 2, 2}, x, y);
	for (int i = 0; i < 4; i++)
		CHECK(y[i] == 3);
	fc_affine(&far, (FcShape) {1, 1, 4}, x, y);
	CHECK(y[3] == 1);
	fc_affine(&far, (FcShape) {4, 1, 1}, x, y);
	CHECK(y[3] == 4);
	far.shift[0] = NAN;			/* no pixel is beyond the memory */
	fc_affine(&far, (FcShape) {1, 2, 2}, x, y);
}

static void
test_draws(void)
{
	FcAugment	g = {.rotation = 10, .shift = 0.1, .zoom = 0.2, .shear = 0.3};
	double		most[6] = {0};
	FcRng		rng;

	fc_rng_start(&rng, 1, 0);
	for (int i = 0; i < 1000; i++)
	{
		FcAffine	t = fc_affine_draw(&g, (FcShape) {1, 10, 20}, &rng);
		double		part[] = {
			t.rotation / 10, t.shift[0] / 1, t.shift[1] / 2, (t.zoom[0] - 1) / 0.2, (t.zoom[1] - 1) / 0.2, t.shear / 0.3
		};

		for (int j = 0; j < 6; j++)
			most[j] = fmax(most[j], fabs(part[j]));
	}
	for (int j = 0; j < 6; j++)
		CHECK(most[j] > 0.98 && most[j] <= 1 + 1e-12);
}

/* Each image has a draw of its own, and a seed always the same */
static void
test_augment(void)
{
	FcAugment	g = {.rotation = 10, .shift = 0.1};
	FcShape		image = {1, 8, 8};
	FcReal	   *x = random_reals(128, 0, 1, 1);
	FcReal	   *y = reals(128);
	FcReal	   *z = reals(128);
	FcRng		rng;

	memcpy(x + 64, x, sizeof(FcReal) * 64);
	fc_rng_start(&rng, 3, 0);
	fc_augment(&g, image, &no_hooks, &rng, x, 2, y);
	fc_rng_start(&rng, 3, 0);
	fc_augment(&g, image, &no_hooks, &rng, x, 2, z);
	CHECK(memcmp(y, z, sizeof(FcReal) * 128) == 0);
	CHECK(memcmp(y, y + 64, sizeof(FcReal) * 64) != 0);
	free(x);
	free(y);
	free(z);
}

int
main(void)
{
	test_golden();
	test_channels();
	test_map();
	test_edges();
	test_draws();
	test_augment();
	return check_report("nn_affine");
}

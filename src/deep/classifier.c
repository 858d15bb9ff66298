/*
 * classifier.c - the classifier of a model, as far as it follows from the options
 *
 * A net without decoder (nn/classifier.c: convolutions where rows are images) that
 * scores rows in place of the encoder.  It ends with a softmax of one number for each
 * cluster, or, with refine_head => 'own', with a place among k centers.  How it learns:
 * refine.c.
 */
#include "deep/deep.h"

#include <math.h>

#define STEPS			4700	/* about as many as 30 epochs of 10,000 rows have */
#define LEAST_EPOCHS	5
#define MOST_EPOCHS		200
#define MOST_OUTPUTS	256		/* where there are centers */

static const int32_t usual_hidden[] = {512, 512};

bool
fc_deep_refines(const FcModel *m)
{
	return m->algo->deep->loss && m->option[FC_DEEP_REFINE] == FC_SELFLABEL;
}

bool
fc_deep_has_head(const FcModel *m)
{
	return m->option[FC_DEEP_REFINE_HEAD] == FC_HEAD_OWN;
}

/*
 * Without an epoch an earlier model's classifier goes on scoring rows, unless it has
 * another number of clusters, or a head of another method
 */
bool
fc_deep_keeps_classifier(const FcFit *f)
{
	const FcModel *m = f->model;
	const FcModel *earlier = f->earlier;

	return earlier && f->start && m->algo->deep->loss && m->option[FC_DEEP_EPOCHS] == 0 && fc_deep_refines(earlier) &&
		earlier->k == m->k && (!fc_deep_has_head(earlier) || earlier->algo == m->algo);
}

/* Where the option says nothing */
int32_t
fc_deep_refine_epochs(const FcModel *m, int64_t rows)
{
	double		steps = fmax(floor(rows / m->option[FC_DEEP_REFINE_BATCH_SIZE]), 1);

	if (!isnan(m->option[FC_DEEP_REFINE_EPOCHS]))
		return (int32_t) m->option[FC_DEEP_REFINE_EPOCHS];
	return (int32_t) fmin(fmax(floor(STEPS / steps), LEAST_EPOCHS), MOST_EPOCHS);
}

/* What the classifier makes of a row: one number for each cluster, or a place among centers */
int32_t
fc_deep_outputs(const FcModel *m)
{
	return fc_deep_has_head(m) && m->k > MOST_OUTPUTS ? MOST_OUTPUTS : m->k;
}

FcStatus
fc_deep_classifier(FcNet *net, const FcModel *m)
{
	FcShape		shape;
	FcStatus	status = fc_deep_shape(m, &shape);
	double		dropout = m->option[FC_DEEP_REFINE_DROPOUT];
	bool		unit = fc_deep_has_head(m) && m->algo->deep->unit_centers;

	if (status != FC_OK)
		return status;
	if (m->option[FC_DEEP_SHAPE] > 0)
		return fc_conv_classifier(net, shape, dropout, fc_deep_outputs(m), unit);
	return fc_dense_classifier(net, m->d, usual_hidden, 2, dropout, fc_deep_outputs(m), unit);
}

/* A softmax has a row of weights, and a bias, for each cluster */
void
fc_deep_permute(FcModel *m, const int32_t *place, int32_t *work)
{
	FcNet		net;
	const FcLayer *last;
	float	   *weights;
	float	   *bias;
	FcArray		arrays[2];

	if (!fc_deep_refines(m) || fc_deep_has_head(m) || fc_deep_classifier(&net, m) != FC_OK)
		return;
	last = &net.layer[net.count - 1];
	weights = m->classifier + last->weights;
	bias = m->classifier + last->bias;
	arrays[0] = (FcArray) {.rows = m->k, .columns = fc_shape_columns(last->in), .narrow = &weights};
	arrays[1] = (FcArray) {.rows = m->k, .columns = 1, .narrow = &bias};
	for (int i = 0; i < 2; i++)
		fc_permute_rows(&arrays[i], place, work);
}

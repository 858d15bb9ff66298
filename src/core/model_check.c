/*
 * model_check.c - invariants of every model, whether read or just trained
 *
 * A reader trusts no bytes, and a training must not produce a model that a
 * reader would reject later, which rows at the limits of the number range can
 * cause.
 */
#include "core/categories.h"
#include "core/direction.h"
#include "core/noise.h"
#include "core/optional.h"
#include "core/options.h"

#include <math.h>

#define SLICE	(1 << 20)		/* values between two checks */

/* Counts and the objective */
bool
fc_model_counts_hold(const FcModel *m)
{
	return m->k >= 1 && m->k <= FC_MAX_CLUSTERS && m->d >= 1 && m->d <= FC_MAX_COLUMNS &&
		m->rows >= 1 && m->skipped >= 0 && m->iterations >= 0 && m->empty >= 0 && m->empty <= m->k &&
		m->history.step >= 1 && m->memory >= 0 && isfinite(m->objective);
}

/* Do options go together, and with the algorithm?  Where they do not, steps and scores have no meaning */
bool
fc_model_options_agree(const FcModel *m)
{
	uint32_t	traits = m->algo->traits;
	int			missing = (int) m->common[FC_MISSING];

	if (missing == FC_MISSING_PARTIAL && !(traits & FC_TAKES_GAPS))
		return false;
	if (fc_has_noise(m) ? !(traits & FC_TAKES_NOISE) : fc_seeks_noise(m))
		return false;
	return !fc_is_cosine(m) ||
		((traits & FC_TAKES_COSINE) && m->common[FC_SCALE] == FC_SCALE_NONE && !fc_has_categories(m) &&
		 missing != FC_MISSING_MEAN && missing != FC_MISSING_PARTIAL);
}

/* What finite numbers alone do not promise */
bool
fc_model_values_hold(const FcModel *m)
{
	for (int32_t c = 0; c < m->k; c++)
		if (m->weights[c] < 0 || m->radius[c] < 0 || (FC_HAS(m, FC_WITH_MASS) && FC_CENTER_MASS(m)[c] < 0))
			return false;
	for (int32_t j = 0; m->factor && j < m->d; j++)
		if (m->factor[j] <= 0)
			return false;
	for (int32_t j = 0; FC_HAS(m, FC_WITH_MOMENTS) && j < m->d; j++)
		if (FC_MOMENTS(m)[m->d + j] < 0)
			return false;
	if (FC_HAS(m, FC_WITH_TOTAL_WEIGHT) && *FC_TOTAL_WEIGHT(m) <= 0)
		return false;
	return fc_model_options_agree(m) && (m->algo->check == NULL || m->algo->check(m));
}

static bool
is_finite(const FcArray *array, const FcHooks *hooks)
{
	int64_t		values = array->rows * array->columns;

	for (int64_t i = 0; i < values; i++)
	{
		if (i % SLICE == 0)
			fc_check(hooks);
		if (!isfinite(array->narrow ? (*array->narrow)[i] : (*array->data)[i]))
			return false;
	}
	return true;
}

/* The first option that has a value which it may not have, or -1 */
static int
bad_option(FcModel *m)
{
	for (int i = 0; i < fc_count_options(m->algo); i++)
		if (!fc_option_allows(fc_option_at(m->algo, i), *fc_option_value(m, i)))
			return i;
	return -1;
}

/* Those of a model that is not from a reader */
static bool
categories_hold(const FcModel *m)
{
	return !fc_has_categories(m) || (fc_categories_are_valid(&m->categories) && fc_count_features(&m->categories) == m->d);
}

/*
 * Would a reader accept the trained model?  If not, FC_UNREADABLE: f->failure.option
 * is an option, or -1, and f->failure.array then the name of an array, or NULL.
 */
FcStatus
fc_model_check(FcFit *f)
{
	FcModel    *m = f->model;
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(m, arrays);

	f->failure.array = NULL;
	f->failure.option = bad_option(m);
	if (f->failure.option >= 0)
		return FC_UNREADABLE;
	for (int i = 0; i < n; i++)
		if (!is_finite(&arrays[i], &f->hooks))
		{
			f->failure.array = arrays[i].name;
			return FC_UNREADABLE;
		}
	return fc_model_counts_hold(m) && fc_model_values_hold(m) && categories_hold(m) ? FC_OK : FC_UNREADABLE;
}

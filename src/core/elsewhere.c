/*
 * elsewhere.c - passes over rows that are not here
 */
#include "core/elsewhere.h"

#include "core/noise.h"
#include "core/pass.h"
#include "core/step.h"
#include "core/survey.h"

#include <math.h>

/* What is sent.  All parts of it are there, so that its size is always that of the layout */
static FcStepPlan
make_plan(const FcFit *f, const double *offset, int gather)
{
	const FcElsewhere *w = f->rows.elsewhere;
	int			exponent;

	(void) frexp(w->largest, &exponent);	/* half of 2^exponent, at least */
	return (FcStepPlan) {
		.precision = f->rows.precision, .gather = gather | (f->rows.gaps ? FC_GATHER_GAPS : 0), .stage = f->stage,
		.offset = offset, .shift = f->offset, .exponent = w->exponent, .weight_exponent = exponent - 1
	};
}

/* Memory for the largest step model of this training */
void
fc_elsewhere_layout(FcArena *a, const FcFit *f)
{
	FcElsewhere *w = f->rows.elsewhere;
	static const double some = 0;
	FcStepPlan	plan = make_plan(f, &some, FC_GATHER_ALL);
	FcModel		model = *f->model;

	plan.shift = &some;
	if (fc_seeks_noise(&model))
		fc_noise_set(&model, 1);	/* it will have one */
	w->exponent = fc_take(a, f->rows.d, sizeof(int32_t));
	w->step = fc_take(a, fc_step_size(&model, &plan), 1);
}

/* Sums of all rows at the model's centers, into e->acc; gather: FC_GATHER_SUMS or FC_GATHER_SIZES */
void
fc_elsewhere_pass(FcEngine *e, bool sizes)
{
	FcFit	   *f = e->fit;
	FcModel    *m = f->model;
	FcElsewhere *w = f->rows.elsewhere;
	bool		means = sizes && m->algo->kernel->has_means;
	FcStepPlan	plan = make_plan(f, e->weighing.offset, sizes ? FC_GATHER_SIZES | (means ? FC_GATHER_SUMS : 0) : FC_GATHER_SUMS);
	FcStatistics s;

	fc_survey_exponents(w->survey, m->shift ? m->shift : f->offset, m->factor, w->exponent);
	fc_step_write(m, &plan, &f->hooks, w->step);
	w->pass(w->arg, w->step, fc_step_size(m, &plan), &s);
	fc_statistics_to_accumulator(&s, sizes, &e->acc);
}

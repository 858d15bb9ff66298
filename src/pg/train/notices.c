/*
 * notices.c - notices about a trained model, or a missing one
 */
#include "pg/train/words.h"

#include <math.h>

#define MOST_TOLD	20			/* models of a statement */
#define MOST_LISTED	20			/* categories */

/* Is there room for notices about another model?  NULL: there always is */
bool
fc_may_tell(FcNotices *notices)
{
	if (notices == NULL || ++notices->models <= MOST_TOLD)
		return true;
	if (notices->models == MOST_TOLD + 1)
		ereport(NOTICE,
				(errmsg("further notices about models of this statement are suppressed"),
				 errdetail("Notices were shown for %d models.", MOST_TOLD)));
	return false;
}

/* Which columns are categories, and how many values they have; once a statement, for there may be many models */
void
fc_report_categories(const FcModel *m, FcNotices *notices)
{
	StringInfoData list;
	int			categories = 0;

	if (notices != NULL && notices->categories)
		return;
	if (notices != NULL)
		notices->categories = true;
	initStringInfo(&list);
	for (FcField at = fc_fields(m); fc_next_field(&at);)
	{
		if (at.values == NULL || ++categories > MOST_LISTED)
			continue;
		appendStringInfoString(&list, categories > 1 ? ", " : "");
		if (at.name && *at.name)
			appendStringInfo(&list, "\"%s\"", fc_beginning_of(fc_name_text(at.name)));
		else
			appendStringInfo(&list, "%d", at.column + 1);
		appendStringInfo(&list, " (%s)", fc_counted(at.features, "value"));
	}
	if (categories > MOST_LISTED)
		appendStringInfo(&list, ", and %d more", categories - MOST_LISTED);
	ereport(NOTICE,
			(errmsg_plural("column %s is used as a category", "columns %s are used as categories", categories, list.data)));
}

/* In place of the error: the model is NULL.  Once a statement, for there may be many groups */
void
fc_report_no_model(const FcFit *f, FcNotices *notices)
{
	const FcModel *m = f->model;

	if (notices->no_model)
		return;
	notices->no_model = true;
	ereport(NOTICE,
			(m->k == 0 ? errmsg("too few rows for a grid of %.0f centers: the model is null", f->failure.wanted) :
			 errmsg("too few distinct rows for %d clusters: the model is null", m->k),
			 errdetail("Other models of this statement may be null for the same reason, without a notice."),
			 errhint("Set the option too_few => 'fewer' to get as many clusters as there are distinct rows.")));
}

/* 0: the algorithm has none */
static double
fuzzifier_of(const FcModel *m)
{
	int			option = fc_find_option(m->algo, "fuzzifier");

	return option >= 0 ? *fc_option_value((FcModel *) m, option) : 0;
}

/* The order of an entropy; 0: the algorithm has none, or it is another one in each step */
static double
order_of(const FcModel *m)
{
	int			option = fc_find_option(m->algo, "q");
	double		q = option >= 0 ? *fc_option_value((FcModel *) m, option) : 0;

	return isnan(q) ? 0 : q;
}

static bool
has_temperature(const FcModel *m)
{
	return fc_find_option(m->algo, "temperature") >= 0;
}

/* An upper bound of the fuzzifier */
static const char *
bound_text(double fuzzifier)
{
	return psprintf(fuzzifier < 1.1 ? "%.4f" : "%.2f", fuzzifier);
}

static void
report_twins(const FcFit *f)
{
	const FcModel *m = f->model;
	int			a = f->doubts.twins[0] + 1;
	int			b = f->doubts.twins[1] + 1;
	double		fuzzifier = fuzzifier_of(m);
	double		least = fuzzifier > 0 ? fc_option_at(m->algo, fc_find_option(m->algo, "fuzzifier"))->min : 0;

	ereport(NOTICE,
			(errmsg("clusters %d and %d of %s coincide", a, b, m->algo->name),
			 f->doubts.equal_start ? errdetail("Their initial centers are equal.") : 0,
			 f->doubts.equal_start ? errhint("Specify different initial centers in the option init.") :
			 f->doubts.safe_fuzzifier > least && f->doubts.safe_fuzzifier < fuzzifier && m->algo->kernel->has_shapes ?
			 errhint("Lower the option fuzzifier: with %d features, a value below about %.2f keeps clusters apart.",
					 m->d, f->doubts.safe_fuzzifier) :
			 f->doubts.safe_fuzzifier > least && f->doubts.safe_fuzzifier < fuzzifier ?
			 errhint("For this data a fuzzifier below %s keeps centers apart; fewer clusters may also help.",
					 bound_text(f->doubts.safe_fuzzifier)) :
			 fuzzifier > 0 ? errhint("Lower the option fuzzifier, or ask for fewer clusters.") :
			 order_of(m) > 0 ? errhint("Lower the option q, or q_max where the schedule raises q, or ask for fewer clusters.") :
			 has_temperature(m) ? errhint("Lower the option temperature, or ask for fewer clusters.") :
			 errhint("Ask for fewer clusters.")));
}

/* Covariances of directions in which a cluster has no extent, or too few rows */
static void
report_shapes(const FcFit *f)
{
	const FcModel *m = f->model;

	if (f->doubts.singular > 0)
		ereport(NOTICE,
				(errmsg_plural("%d of %d %s clusters has a singular covariance matrix",
							   "%d of %d %s clusters have singular covariance matrices", f->doubts.singular,
							   f->doubts.singular, m->k, m->algo->name),
				 errdetail("These clusters have no extent in some direction, up to rounding."),
				 m->k > 1 ? errhint("Leave out features that are constant or determined by others, ask for fewer clusters, or raise the option regularization.") :
				 errhint("Leave out features that are constant or determined by others, or raise the option regularization.")));
	else
		ereport(NOTICE,
				(errmsg_plural("%d of %d %s clusters has fewer than %d rows, the number of features plus one",
							   "%d of %d %s clusters have fewer than %d rows, the number of features plus one", f->doubts.thin,
							   f->doubts.thin, m->k, m->algo->name, m->d + 1),
				 errdetail("So few rows do not determine the shape of a cluster."),
				 m->k > 1 ? errhint("Ask for fewer clusters, or raise the option regularization.") :
				 errhint("Leave out features, or raise the option regularization.")));
}

static void
report_empty(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(NOTICE,
			(errmsg_plural("%d of %d %s clusters is empty (no row is nearest to it)",
						   "%d of %d %s clusters are empty (no row is nearest to them)", m->empty,
						   m->empty, m->k, m->algo->name),
			 errhint("Ask for fewer clusters.")));
}

/* Memberships that say little, though centers differ */
static void
report_flat(const FcFit *f)
{
	const FcModel *m = f->model;
	double		fuzzifier = fuzzifier_of(m);

	ereport(NOTICE,
			(errmsg("memberships of %s are nearly equal: the largest one of a row is %.3f on average",
					m->algo->name, f->doubts.largest),
			 errdetail("In %d clusters, equal ones would be %.3f.", m->k, 1.0 / m->k),
			 fuzzifier > 0 ? errhint("Lower the option fuzzifier, which was %s.", fc_double_text(fuzzifier)) :
			 order_of(m) > 0 ? errhint("Lower the option q, which was %s.", fc_double_text(order_of(m))) :
			 has_temperature(m) ? errhint("Lower the option temperature.") :
			 errhint("Ask for fewer clusters.")));
}

static void
report_unconverged(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(NOTICE,
			(errmsg_plural("%s did not converge within %d iteration",
						   "%s did not converge within %d iterations", m->iterations,
						   m->algo->name, m->iterations),
			 m->iterations < m->common[FC_MAX_ITERATIONS] && fc_find_option(m->algo, "max_steps") >= 0 ?
			 errhint("Raise the option max_steps or outer_tolerance.") :
			 errhint("Raise the option max_iterations or tolerance.")));
}

/* ---- all of them ---- */

static bool
has_twins(const FcFit *f)
{
	return f->doubts.twins[0] >= 0;
}

static bool
has_empty(const FcFit *f)
{
	return f->model->empty > 0 && !has_twins(f);
}

/* With two or three clusters, half of a membership says something */
static bool
has_flat(const FcFit *f)
{
	return f->doubts.largest > 0 && f->doubts.largest < fmin(2.0 / f->model->k, 0.5) && !has_twins(f);
}

static bool
has_own_doubts(const FcFit *f)
{
	return fc_doubt(f, false).part[FC_MESSAGE] != NULL;
}

static void
report_own_doubts(const FcFit *f)
{
	Words		w = fc_doubt(f, true);

	fc_tell(&w);
}

static bool
has_doubtful_shapes(const FcFit *f)
{
	return f->doubts.singular > 0 || f->doubts.thin > 0;
}

static bool
is_unconverged(const FcFit *f)
{
	return !f->model->converged && f->model->algo->epochs == NULL;	/* those say how far they came */
}

/* Reasons to doubt a model, and the notice for each */
static const struct
{
	bool		(*holds) (const FcFit *f);
	void		(*report) (const FcFit *f);
}			doubts[] =
{
	{has_twins, report_twins},
	{has_empty, report_empty},
	{has_flat, report_flat},
	{has_own_doubts, report_own_doubts},
	{has_doubtful_shapes, report_shapes},
	{is_unconverged, report_unconverged},
};

/* A notice for each reason to doubt the result */
void
fc_report_doubts(const FcFit *f, FcNotices *notices)
{
	bool		may_tell = false;

	for (int i = 0; i < (int) lengthof(doubts); i++)
	{
		if (!doubts[i].holds(f))
			continue;
		if (!may_tell && !fc_may_tell(notices))
			return;
		may_tell = true;
		doubts[i].report(f);
	}
}

/* For an ereport */
static int
detail_of_zeros(int64 zeros)
{
	return errdetail_plural(INT64_FORMAT " row has only features that are 0, and so no direction.",
							INT64_FORMAT " rows have only features that are 0, and so no direction.", zeros, zeros);
}

/*
 * Rows that were left out of a training, or of what else a query was read for; "rows", perhaps weighted, were
 * not.  Of those "zeros" had no direction.
 */
void
fc_report_skipped(int64 skipped, int64 zeros, int64 rows, bool weighted)
{
	const char *missing = weighted ? "features or weights" : "features";
	const char *weight = weighted ? ", or a weight that is null" : "";

	if (skipped == 0)
		return;
	if (rows == 0)
		ereport(NOTICE,
				(errmsg_plural("the result is NULL: the only row was left out because %s are missing",
							   "the result is NULL: all rows were left out because %s are missing", skipped, missing),
				 zeros > 0 ? detail_of_zeros(zeros) :
				 errdetail_plural(INT64_FORMAT " row has a feature that is null, NaN, infinite or too large%s.",
								  INT64_FORMAT " rows have a feature that is null, NaN, infinite or too large%s.",
								  skipped, skipped, weight)));
	else
		ereport(NOTICE,
				(errmsg_plural(INT64_FORMAT " of " INT64_FORMAT " rows was left out because %s are missing",
							   INT64_FORMAT " of " INT64_FORMAT " rows were left out because %s are missing",
							   skipped, skipped, skipped + rows, missing),
				 zeros > 0 ? detail_of_zeros(zeros) : 0));
}

/*
 * retrain.c - cluster_retrain: the next version of a model from its recipe
 *
 * In several transactions, so that others see the progress, and no snapshot or
 * lock is held while the training runs, which may take hours:
 *
 *	1. the run is recorded
 *	2. the recipe's query fills a store, which survives the commit; or statistics
 *	   and a sample of newer rows are gathered, see increment.c; or a training whose
 *	   passes run the query takes place here, as the owner
 *	3. training; comparison with the default version, whose clusters lend their
 *	   numbers to their partners; the new version is inserted, becomes the default
 *	   unless its validity has fallen too far, and old ones are deleted
 *
 * Within step 3 the state of a network's training is kept every few epochs, in a
 * transaction each, and step 2 of the next run finds it (run_log.c).
 *
 * If the recipe wants a report, step 4 runs the query once more and keeps the page, see
 * keep_report.c.
 *
 * A failure of step 2 or 3 is recorded in one more.  In a transaction
 * block, or called by a function, all of it is one transaction.  One session
 * trains a model at a time: an advisory lock, on the model's name, outlives
 * the commits and ends with the session.  So a run that is "running" without
 * its lock has died.
 *
 * Steps 1 and 2, and all statements on tables, run as the registry's owner (see
 * registry.c).  Training and comparison touch no table, and run no code of users.
 */
#include "pg/registry/retrain.h"

#include "core/direction.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/timestamp.h"

#include <math.h>

/* ---- transactions ---- */

/*
 * Runs a step as the owner of the registry, which must be the same as before:
 * nothing has been locked since the last commit
 */
static void
take_step(Retraining *r, void (*step) (void *arg))
{
	Registry	found;

	fc_open_registry(&found, r->registry_name, "cluster_retrain()");
	if (memcmp(found.tables, r->registry.tables, sizeof(found.tables)) != 0 || found.owner != r->registry.owner)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("registry \"%s\" has been replaced during the training", r->registry_name)));
	fc_as_owner(&r->registry, step, r);
}

/* The first minor versions of 14 do not begin a transaction by themselves */
static void
commit(Retraining *r)
{
	if (r->atomic)
		return;
	SPI_commit();
	SPI_start_transaction();
}

/* ---- training ---- */

/* Are the features of the default version those of the rows? */
static bool
is_of_rows(const Retraining *r)
{
	return fc_store_fits(&r->store, &r->before.model);
}

/* Does the training begin where the default version is? */
static bool
starts_warm(const Retraining *r)
{
	return r->recipe.warm_start && r->before.bytes != NULL && r->before.model.algo == r->recipe.algo &&
		r->before.model.k == r->recipe.clusters && is_of_rows(r);
}

/* In the midst of a training, which touches nothing that ends with a transaction */
static void
keep_checkpoint(void *arg, const FcModel *m, const char *phase, bytea *checkpoint)
{
	Retraining *r = arg;

	r->course = m;
	r->phase = phase;
	r->checkpoint = checkpoint;
	take_step(r, fc_record_checkpoint);
	commit(r);
}

/* One transaction keeps all or nothing */
static void
prepare_checkpoints(Retraining *r)
{
	r->checkpoints.every = r->atomic ? 0 : r->recipe.checkpoint_epochs;
	r->checkpoints.save = keep_checkpoint;
	r->checkpoints.arg = r;
}

/* The model of a recipe: rows, settings and arrays are there, and outlive a commit */
static void
train_recipe(Retraining *r)
{
	if (starts_warm(r))
	{
		fc_start_from_model(&r->arrays, &r->before.model);
		r->settings.common[FC_INIT] = FC_INIT_MODEL;
		r->settings.common[FC_RESTARTS] = 1;
		fc_training_options(&r->settings, &r->arrays, NULL);
	}
	fc_training_features(&r->settings, &r->arrays, r->store.precision, fc_store_features(&r->store),
						 r->store.categories.dictionaries != NULL);
	if (r->before.bytes != NULL && is_of_rows(r))
		fc_check_matchable(&r->before.model, &r->settings);
	prepare_checkpoints(r);
	r->model = fc_train(&r->settings, &r->arrays, &r->store, &r->checkpoints, NULL);
	if (r->checkpoints.resumed)
		ereport(DEBUG1,
				(errmsg_internal("training of model \"%s\" resumed from a checkpoint", r->name)));
}

/* ---- step 2: the rows ---- */

/* Of a recipe that is incremental, once its newest row is known */
static char *
training_query(Retraining *r)
{
	if (r->recipe.newer == NULL)
		return r->recipe.query;
	r->increment.rows.up_to = fc_newest_row(&r->increment.queries, r->recipe.newer);
	return r->increment.queries.all;
}

static void
read_all_rows(Retraining *r)
{
	MemoryContext old = MemoryContextSwitchTo(r->context);
	List	   *query;

	fc_model_begin(&r->settings, r->recipe.algo, r->recipe.clusters, 0);
	fc_training_options(&r->settings, &r->arrays, r->recipe.options);
	fc_set_search_path(r->recipe.search_path);
	query = list_make1(training_query(r));
	if (r->settings.common[FC_PASSES] == FC_PASSES_QUERY)
	{
		r->settings.skipped = fc_survey_rows(query, &r->settings, r->arrays.weight, fc_extension_schema(), true, &r->store);
		train_recipe(r);		/* each pass runs the query */
	}
	else
		r->settings.skipped = fc_query_rows(query, &r->settings, fc_missing(&r->settings), r->arrays.weight, true, &r->store);
	fc_set_search_path(OWN_SEARCH_PATH);
	MemoryContextSwitchTo(old);
}

/* All rows, or those that are newer than the ones read before */
static void
read_rows(void *arg)
{
	Retraining *r = arg;

	fc_read_default_version(r);
	if (r->recipe.newer != NULL)
		fc_begin_increment(r);
	if (r->increment.frame > 0)
		fc_read_newer_rows(r);
	else
		read_all_rows(r);
	fc_end_reading(r);
}

/* ---- step 3: comparison ---- */

/* Have the rows been divided by their length, and did the default version learn from others? */
static bool
has_lost_lengths(const Retraining *r)
{
	return r->store.directions.unit && !fc_is_cosine(&r->before.model);
}

/* A version with other features cannot score the rows */
static bool
is_comparable(const Retraining *r)
{
	int32		before = fc_model_columns(&r->before.model);

	if (r->before.bytes == NULL || (is_of_rows(r) && !has_lost_lengths(r)))
		return r->before.bytes != NULL;
	if (is_of_rows(r))
		ereport(WARNING,
				(errmsg("the default version of model \"%s\" has another distance than \"cosine\"", fc_beginning_of(r->name)),
				 errdetail("Clusters could not be matched; the new ones are numbered from 1.")));
	else if (before != r->store.d)
		ereport(WARNING,
				(errmsg("the default version of model \"%s\" has %s, but the rows now have %d",
						fc_beginning_of(r->name), fc_counted(before, "feature"), r->store.d),
				 errdetail("Clusters could not be matched; the new ones are numbered from 1.")));
	else if (fc_names_differ(r->before.model.names, r->store.names, before) < 0)
		ereport(WARNING,
				(errmsg("other columns than in the default version of model \"%s\" are categories", fc_beginning_of(r->name)),
				 errdetail("Clusters could not be matched; the new ones are numbered from 1.")));
	else
		ereport(WARNING,
				(errmsg("the default version of model \"%s\" has different features than the rows",
						fc_beginning_of(r->name)),
				 errdetail("They were %s and are now %s. Clusters could not be matched; the new ones are numbered from 1.",
						   fc_list_names(r->before.model.names, before), fc_list_names(r->store.names, before))));
	return false;
}

/*
 * The old model may fit the new rows badly, as they have moved, or there may be
 * less to find in them: the better of its two values is what counts
 */
static void
judge(Retraining *r)
{
	double		old = fmax(r->drift.silhouette[0], r->before.silhouette);
	double		new = r->drift.silhouette[1];

	if (old - new > r->recipe.max_validity_drop * fabs(old))
		r->refused = psprintf("the silhouette falls from %.3f to %.3f, more than max_validity_drop = %s allows",
							  old, new, fc_double_text(r->recipe.max_validity_drop));
}

static void
compare(Retraining *r)
{
	fc_measure_drift(is_comparable(r) ? r->before.bytes : NULL, r->model, &r->store, true, &r->drift);
	r->model = r->drift.model;
	fc_model_from_datum(&r->new_model, PointerGetDatum(r->model));
	r->nrows = r->increment.frame > 0 ? fc_newer_rows(r) : r->new_model.rows;
	judge(r);
}

/* Rows, time, quality, and comparison with the previous version */
static char *
result_text(const Retraining *r)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfo(&s, INT64_FORMAT " %s%s in %.2f s", r->nrows, r->increment.frame > 0 ? "newer " : "",
					 r->nrows == 1 ? "row" : "rows", r->seconds);
	if (isfinite(r->drift.silhouette[1]))
		appendStringInfo(&s, "; silhouette %.3f", r->drift.silhouette[1]);
	if (isfinite(r->drift.silhouette[0]))
		appendStringInfo(&s, " (previous version %.3f)", r->drift.silhouette[0]);
	if (isfinite(r->drift.changed))
		appendStringInfo(&s, "; %.1f %% of the rows changed cluster", 100 * r->drift.changed);
	return s.data;
}

static void
tell_result(const Retraining *r)
{
	ereport(NOTICE,
			(r->refused ? errmsg("version %d of model \"%s\" has been trained", r->version, r->name) :
			 errmsg("version %d of model \"%s\" has been trained and is now the default", r->version, r->name),
			 errdetail("%s.", result_text(r))));
}

static void
tell_refusal(const Retraining *r)
{
	if (r->refused)
		ereport(WARNING,
				(errmsg("version %d of model \"%s\" does not become the default", r->version, fc_beginning_of(r->name)),
				 errdetail("Compared with the default version, %s.", r->refused),
				 errhint("Check its drift in %s.versions; to use it anyway, call cluster_set_default.",
						 r->registry.schema)));
}

/* ---- failures ---- */

/*
 * After an error: rolls back and records it.  Where even that fails, the run
 * stays as it is, and is found dead by the next one.
 */
static void
record_error(Retraining *r, ErrorData *error)
{
	SPI_rollback();
	SPI_start_transaction();
	MemoryContextSwitchTo(r->context);
	r->error = error;
	PG_TRY();
	{
		take_step(r, fc_record_failure);
		commit(r);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(r->context);
		FlushErrorState();
	}
	PG_END_TRY();
}

/* ---- all of it ---- */

static void
end_without_rows(Retraining *r)
{
	take_step(r, fc_record_nothing);
	commit(r);
	ereport(NOTICE,
			(errmsg("model \"%s\" has no rows to learn from that are newer than %s", r->name, r->increment.newer_than),
			 errdetail("Its default version stays.")));
}

static void
train_and_record(Retraining *r)
{
	take_step(r, read_rows);
	commit(r);
	if (r->increment.frame > 0 && r->increment.rows.up_to == NULL)
	{
		end_without_rows(r);
		return;
	}
	if (r->increment.frame > 0)
		fc_update_frame(r);
	else if (r->model == NULL)
		train_recipe(r);
	compare(r);
	take_step(r, fc_record_version);
	commit(r);
	tell_result(r);
	tell_refusal(r);
}

static void
retrain(Retraining *r)
{
	ErrorData  *error;

	take_step(r, fc_begin_run);
	commit(r);
	PG_TRY();
	{
		train_and_record(r);
	}
	PG_CATCH();
	{
		if (r->atomic)
			PG_RE_THROW();
		MemoryContextSwitchTo(r->context);
		error = CopyErrorData();
		FlushErrorState();
		record_error(r, error);
		ReThrowError(error);
	}
	PG_END_TRY();
	if (r->recipe.report && r->version > 0)
	{
		take_step(r, fc_keep_report);
		commit(r);
	}
}

/* Ends with the transaction if that is all there is */
static void
retrain_locked(Retraining *r)
{
	LOCKTAG		tag = fc_model_lock(&r->registry, r->name);

	fc_lock_model(&r->registry, r->name, !r->atomic);
	fc_progress_model(r->name);
	PG_TRY();
	{
		retrain(r);
	}
	PG_FINALLY();
	{
		fc_progress_model(NULL);
		fc_store_hide(&r->store);
		fc_store_close(&r->store);
		if (!r->atomic)
			LockRelease(&tag, ExclusiveLock, true);
	}
	PG_END_TRY();
}

static void
tell_model(void *arg)
{
	errcontext("retraining of model \"%s\"", fc_beginning_of(((Retraining *) arg)->name));
}

/* The arguments are copied, because their memory may end with the first commit */
static Retraining *
begin(FunctionCallInfo fcinfo, bool atomic)
{
	MemoryContext context = AllocSetContextCreate(PortalContext, "fuzzyclust retraining", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Retraining *r = palloc0(sizeof(Retraining));

	r->context = context;
	r->atomic = atomic;
	r->name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	r->registry_name = pstrdup(NameStr(*PG_GETARG_NAME(1)));
	r->increment.full = PG_GETARG_BOOL(2);
	r->began = GetCurrentTimestamp();
	r->run = (Run) {.registry = &r->registry, .name = r->name};
	MemoryContextSwitchTo(old);
	return r;
}

/*
 * CALL cluster_retrain(name text, registry name, full boolean)
 *
 * Trains the next version of a model, which becomes the default; with full on
 * all rows, also if the recipe is incremental.
 */
PG_FUNCTION_INFO_V1(cluster_retrain);
Datum
cluster_retrain(PG_FUNCTION_ARGS)
{
	bool		atomic = !(fcinfo->context && IsA(fcinfo->context, CallContext)) ||
		castNode(CallContext, fcinfo->context)->atomic;
	ErrorContextCallback callback = {.callback = tell_model};
	Retraining *r;

	fc_refuse_null(fcinfo, 0, "name");
	fc_refuse_null(fcinfo, 1, "registry");
	fc_refuse_null(fcinfo, 2, "full");
	r = begin(fcinfo, atomic);
	callback.arg = r;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	if (atomic)
		ereport(DEBUG1,
				(errmsg_internal("model \"%s\" is trained in a single transaction, because the caller has a transaction open", r->name)));
	SPI_connect_ext(atomic ? 0 : SPI_OPT_NONATOMIC);
	MemoryContextSwitchTo(r->context);
	fc_open_registry(&r->registry, r->registry_name, "cluster_retrain()");
	retrain_locked(r);
	SPI_finish();
	error_context_stack = callback.previous;
	MemoryContextDelete(r->context);
	PG_RETURN_VOID();
}

/*
 * team.h - processes that share the work of a training
 *
 * Member 0 leads: it runs the algorithm as it would alone.  Each other member
 * has made the same FcFit from the same model and rows, and the same layout
 * (fc_fit_layout), whose pieces are its own memory, or, if fc_take_shared()
 * placed them, memory that all members see.  The leader calls fc_team_run() for
 * work that can be divided; the others wait for that in fc_fit_join().
 *
 * Portions of a task are claimed in their order by whoever is free, and merged in
 * their order, one at a time.  What a portion computes depends neither on the
 * member nor on the portions before it, so results have the same bits for any
 * number of members.  How large a portion is may depend on n, d, k and options only.
 */
#ifndef FC_TEAM_H
#define FC_TEAM_H

#include "core/fc.h"

/* All that algorithms of the core have; those of an algorithm begin at FC_OWN_TASKS */
typedef enum FcTaskNumber
{
	FC_TASK_COLUMNS,			/* ranges of the columns */
	FC_TASK_CANDIDATES,			/* for first centers */
	FC_TASK_ACCUMULATE,
	FC_TASK_MEASURE,
	FC_TASK_LARGEST,
	FC_TASK_FAR,
	FC_OWN_TASKS
} FcTaskNumber;

/*
 * begin: once for each member and order, for private copies of what is shared (such
 * as centers); or NULL.  A member that is late may see there the shared memory of
 * a later order; then it gets no portion.
 * run: one portion, into memory of the member, or of the portion in shared memory.
 * merge: from there into what is shared; or NULL.
 */
typedef struct FcTask
{
	int32_t		number;
	void		(*begin) (FcFit *f);
	void		(*run) (FcFit *f, int64_t portion);
	void		(*merge) (FcFit *f, int64_t portion);
} FcTask;

/* Of an algorithm */
typedef struct FcTeamHooks
{
	const FcTask *const *tasks; /* besides those of the core, ends with NULL; or NULL */
	void		(*join) (FcFit *f);	/* in a member that does not lead: prepares f->work for tasks */
} FcTeamHooks;

/* How rows are seen: as they were read, with means in place of what is missing, as the model scales them, or relative to FcFit.offset */
typedef enum FcView
{
	FC_AS_READ,
	FC_FILLED,
	FC_AS_SCALED,
	FC_SHIFTED
} FcView;

/* What members need to know that is not in shared memory */
typedef struct FcOrder
{
	int32_t		task;
	int64_t		portions;
	int32_t		k;
	int32_t		stage;			/* FcFit.stage */
	int			view;			/* FcFit.view */
	double		common[FC_NCOMMON];
	double		option[FC_MAX_OPTIONS];
	double		spread;			/* of the sample */
	double		usual;
	double		argument[FC_ARGUMENTS]; /* FcFit.argument */
} FcOrder;

/* The caller's functions, which may all longjmp */
typedef struct FcTeam
{
	int32_t		members;		/* at most, with the leader */
	void		(*announce) (void *arg, const FcOrder *order);	/* the leader's order, which begins with portion 0 */
	bool		(*await) (void *arg, FcOrder *order);	/* another member: a copy of the next order; false: the end */
	int64_t		(*claim) (void *arg, int64_t portions);	/* the next portion of this member's order; -1: there is none */
	void		(*await_turn) (void *arg, int64_t portion);	/* until all portions before it are merged */
	void		(*end_turn) (void *arg, int64_t portion);
	void		(*finish) (void *arg, int64_t portions);	/* the leader: until all are */
	void	   *arg;
} FcTeam;

extern int64_t fc_portions_of(const FcRows *rows);
extern int64_t fc_portion_first(const FcRows *rows, int64_t portion);
extern void fc_team_run(FcFit *f, const FcTask *task, int64_t portions);
extern bool fc_team_await(FcFit *f, FcOrder *order);
extern void fc_team_take_part(FcFit *f, const FcTask *task, int64_t portions);

#endif

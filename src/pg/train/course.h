/*
 * course.h - the progress of a training, for its observers
 */
#ifndef FUZZYCLUST_COURSE_H
#define FUZZYCLUST_COURSE_H

#include "pg/train/team.h"

typedef struct Course
{
	const FcModel *model;
	const FcFit *fit;
	RowStore   *store;
	Team	   *team;			/* or NULL */
	TimestampTz began;
	int32		first;			/* the first reported iteration; 0: none yet */
	int32		iteration;		/* ... and last */
	uint32		checks;
} Course;

extern void fc_show_course(const Course *c);
extern void fc_course_check(void *arg);
extern void fc_course_iteration(void *arg, int32_t iteration, double objective, double change);

#endif

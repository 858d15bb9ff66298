/*
 * status.h - why a call of the core failed
 */
#ifndef FC_STATUS_H
#define FC_STATUS_H

typedef enum FcStatus
{
	FC_OK = 0,
	FC_TOO_FEW_ROWS,			/* fewer distinct rows than clusters: see FcFailure */
	FC_TOO_CLOSE,				/* rows differ, but all squared distances are 0 */
	FC_TOO_FINE,				/* more centers to begin with than there may be: see FcFailure */
	FC_TOO_MANY_COLUMNS,		/* for clusters with a covariance */
	FC_BAD_LIST,				/* an option has too many or too few values: see FcFailure */
	FC_VANISHED,				/* every weight underflowed to 0 */
	FC_DIVERGED,				/* the objective is not a finite number */
	FC_NOT_A_MODEL,				/* the bytes do not begin as a model does */
	FC_NEWER_MODEL,				/* written in a format that this version cannot read */
	FC_UNKNOWN_ALGORITHM,		/* a model of an algorithm that this version lacks */
	FC_DAMAGED_MODEL,			/* truncated, or counts and sizes contradict each other */
	FC_BAD_SHAPE,				/* the layers of a net do not fit each other, or the image */
	FC_TOO_LARGE,				/* a net has more layers, columns or parameters than there may be */
	FC_NOT_WHOLE,				/* a list has a number that is not whole: see FcFailure */
	FC_OTHER_COLUMNS,			/* an image has more or fewer values than a row: see FcFailure */
	FC_NO_IMAGE,				/* a convolutional net needs the shape of its images */
	FC_WIDE_CODE,				/* a code would be longer than the rows */
	FC_OTHER_NET,				/* the model to begin with has another net, or scale */
	FC_NO_WEIGHTS,				/* rows have weights, which the algorithm does not know */
	FC_NO_CATEGORIES,			/* rows have categories, likewise */
	FC_OTHER_CATEGORIES,		/* a column is a category in one place and a number in another, or there are other columns */
	FC_TOO_MANY_VALUES,			/* a category would have more than FC_MAX_CATEGORY_VALUES */
	FC_NO_GAPS,					/* numbers are missing, which the algorithm does not know */
	FC_NO_NOISE,				/* rows may be noise, which the algorithm does not know */
	FC_NEVER_OBSERVED,			/* no row has a feature: see FcFailure */
	FC_OTHER_STATE,				/* the state to resume from belongs to another training, or is damaged */
	FC_UNREADABLE,				/* a reader would not accept the model: see model_check.c */
	FC_NO_STEP,					/* models of this algorithm have no steps */
	FC_NOT_STATISTICS,			/* the bytes do not begin as statistics do */
	FC_NEWER_STATISTICS,		/* written in a format that this version cannot read */
	FC_DAMAGED_STATISTICS,		/* truncated, or numbers contradict each other */
	FC_OTHER_STATISTICS,		/* of another model, precision, instruction set or kind of sums */
	FC_NO_PART,					/* more is subtracted than was added */
	FC_TOO_MANY_ROWS,			/* of statistics: more than can be counted */
	FC_TOO_LITTLE_ROOM,			/* of statistics: see FcStatistics.needed */
	/* found by the caller, which knows the limits of sizes */
	FC_MODEL_TOO_LARGE,
	FC_TOO_LITTLE_MEMORY,		/* for the columns of FC_SPILLS: see FcFit.memory */
	FC_STATUSES
} FcStatus;

#endif

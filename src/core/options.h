/*
 * options.h - the options of algorithms
 */
#ifndef FC_OPTIONS_H
#define FC_OPTIONS_H

#include <stdbool.h>

struct FcAlgorithm;
struct FcModel;

typedef enum FcOptionType
{
	FC_NUMBER,
	FC_INTEGER,
	FC_CHOICE,					/* value: the position in choices */
	FC_LIST,					/* value: how many numbers; they are in FcModel.list */
	FC_COLUMN,					/* of a query, by its name, which the caller keeps; value: 1 if it is given, else NaN */
	FC_START					/* a choice, or explicit centers, or a model */
} FcOptionType;

/* One row an option; drives parsing, defaults, messages and documentation */
typedef struct FcOption
{
	const char *name;
	FcOptionType type;
	double		initial;		/* NaN: found from the data */
	double		min;
	double		max;
	const char *const *choices; /* ends with NULL; append only: models store names */
	const char *help;
} FcOption;

/* The options that every algorithm has, in this order */
enum
{
	FC_SEED,
	FC_MAX_ITERATIONS,
	FC_TOLERANCE,
	FC_RESTARTS,
	FC_INIT,
	FC_SCALE,
	FC_MISSING,
	FC_TOO_FEW,
	FC_PASSES,
	FC_DISTANCE,
	FC_CATEGORY_WEIGHT,
	FC_WEIGHT,
	FC_NOISE,
	FC_NOISE_DISTANCE,
	FC_NCOMMON
};

/* Two of them, for an algorithm that begins with another value: see FcAlgorithm.common */
#define FC_MAX_ITERATIONS_FROM(value) { \
		.name = "max_iterations", .type = FC_INTEGER, .initial = (value), .min = 1, .max = 1000000, \
		.help = "maximum number of iterations of one start" \
	}
#define FC_TOLERANCE_FROM(value) { \
		.name = "tolerance", .type = FC_NUMBER, .initial = (value), .min = 0, .max = 1, \
		.help = "stop when no center moves by more than this, in units of the root mean square radius of the rows" \
	}

enum
{
	FC_INIT_KMEANSPP,
	FC_INIT_RANDOM,				/* uniform in the bounding box */
	FC_INIT_SAMPLE,				/* distinct rows, all equally likely */
	FC_INIT_CENTERS,			/* given by the caller */
	FC_INIT_MODEL				/* the centers of an earlier model */
};

enum
{
	FC_SCALE_NONE,
	FC_SCALE_MINMAX,
	FC_SCALE_ZSCORE
};

enum
{
	FC_MISSING_ERROR,
	FC_MISSING_SKIP,
	FC_MISSING_MEAN,			/* the mean of the feature takes its place */
	FC_MISSING_PARTIAL			/* distances are found from the other features */
};

/* Of trainings on the rows of a query */
enum
{
	FC_PASSES_MEMORY,
	FC_PASSES_QUERY				/* the query runs for each pass: see elsewhere.h */
};

enum
{
	FC_EUCLIDEAN,
	FC_COSINE					/* 1 - cos: half the squared distance of rows of unit length */
};

/* Set by the caller, except for the number of initial centers if no number of clusters is given */
enum
{
	FC_TOO_FEW_ERROR,
	FC_TOO_FEW_NULL,			/* no model */
	FC_TOO_FEW_FEWER			/* a model of as many clusters as there are distinct rows */
};

extern const FcOption fc_common_options[];
extern int	fc_count_options(const struct FcAlgorithm *algo);
extern const FcOption *fc_option_at(const struct FcAlgorithm *algo, int i);
extern int	fc_find_option(const struct FcAlgorithm *algo, const char *name);
extern double *fc_option_value(struct FcModel *m, int i);
extern int	fc_list_position(const struct FcAlgorithm *algo, int i);
extern bool fc_is_initial(const FcOption *o, double value);
extern bool fc_option_allows(const FcOption *o, double value);
extern int	fc_find_choice(const FcOption *o, const char *name);

#endif

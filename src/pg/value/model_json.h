/*
 * model_json.h - models as JSON: keys that writer and reader share; see doc/json.md
 */
#ifndef FUZZYCLUST_MODEL_JSON_H
#define FUZZYCLUST_MODEL_JSON_H

#include "pg/value/value.h"

#define FC_JSON_VERSION	1		/* of the schema, in FC_JSON_MARK: grows when readers must be changed */
#define FC_JSON_MARK	"fuzzyclust"

/* How an array is written */
typedef enum FcJsonForm
{
	FC_JSON_NUMBER,				/* of one number */
	FC_JSON_NUMBERS,			/* an array of numbers: one a row */
	FC_JSON_ROWS				/* an array of such arrays */
} FcJsonForm;

extern FcJsonForm fc_json_form(const FcArray *array);
extern bool fc_has_json(const FcAlgorithm *algo);
extern bool fc_is_json_option(const FcModel *m, const FcArray *array);

#endif

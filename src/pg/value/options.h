/*
 * options.h - shared by reading and building options
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "pg/value/value.h"

extern double fc_checked_number(const FcOption *o, double value);
extern double fc_checked_choice(const FcOption *o, const char *word);
extern bool fc_is_model_text(const char *word);
pg_noreturn extern void fc_reject_range(const FcOption *o, double value);
pg_noreturn extern void fc_reject_type(const FcOption *o, const char *found);
pg_noreturn extern void fc_reject_centers(void);

#endif

/*
 * hash_table.h - PostgreSQL's lib/simplehash.h for one file
 *
 * The includer has defined SH_PREFIX, SH_ELEMENT_TYPE and so on.  Included once
 * for each table, so it has no guard.
 */
#define SH_SCOPE	static inline
#define SH_DECLARE
#define SH_DEFINE

/* It has parameters that it does not always use */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "lib/simplehash.h"
#pragma GCC diagnostic pop

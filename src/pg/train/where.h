/*
 * where.h - where the rows of an aggregating statement are: see where.c
 */
#ifndef FUZZYCLUST_WHERE_H
#define FUZZYCLUST_WHERE_H

#include "postgres.h"

#include "executor/spi.h"

typedef struct FcWhere
{
	bool		foreign;		/* some are on servers reached by a foreign data wrapper */
	bool		citus;			/* some are in shards of Citus */
	bool		divided;		/* ... whose nodes aggregate them */
	bool		fetched;		/* some are sent to a server that aggregates them */
} FcWhere;

extern FcWhere fc_where(SPIPlanPtr plan);

#endif

/*
 * fuzzyclust.c - module start, and the hook that every long loop calls
 */
#include "fuzzyclust.h"

#include "miscadmin.h"

PG_MODULE_MAGIC;

/* For FcHooks.check and its like: may longjmp */
void
fc_check_interrupts(void *arg pg_attribute_unused())
{
	CHECK_FOR_INTERRUPTS();
}

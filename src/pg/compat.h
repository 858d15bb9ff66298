/*
 * compat.h - differences between PostgreSQL 14 to 19; every test of
 * PG_VERSION_NUM is here
 */
#ifndef COMPAT_H
#define COMPAT_H

#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#endif

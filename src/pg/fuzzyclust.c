/*
 * fuzzyclust.c - module start
 */
#include "fuzzyclust.h"

PG_MODULE_MAGIC;

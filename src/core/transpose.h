/*
 * transpose.h - rows as they arrive into the columns of a block
 */
#ifndef FC_TRANSPOSE_H
#define FC_TRANSPOSE_H

#include "core/fc.h"

/* rows (FC_LANES, d) into block (d, stride): block[j * stride + i] = rows[i * d + j] */
extern void fc_transpose(const void *rows, int32_t d, FcPrecision precision, void *block, int64_t stride);

#endif

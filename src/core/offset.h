/*
 * offset.h - rows far from zero, brought near it while an algorithm runs
 */
#ifndef FC_OFFSET_H
#define FC_OFFSET_H

#include "core/scale.h"

/* What one training needs for that */
typedef struct FcOffset
{
	double	   *shift;			/* (d) subtracted from each row; 0 for columns that stay */
	FcScaledRows rows;
} FcOffset;

extern void fc_offset_layout(FcArena *a, FcOffset *o, const FcRows *rows);
extern bool fc_offset_choose(FcOffset *o, FcSample *s, const FcRows *rows, const FcHooks *hooks);
extern void fc_offset_begin(FcFit *f, FcOffset *o);
extern void fc_offset_end(FcFit *f);

#endif

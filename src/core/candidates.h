/*
 * candidates.h - rows that may become first centers
 */
#ifndef FC_CANDIDATES_H
#define FC_CANDIDATES_H

#include "core/seed.h"

extern int32_t fc_pool_size(int64_t n, int32_t d);
extern void fc_copy_sampled(const FcFit *f, int64_t i, void *to, int64_t at);
extern void fc_set_chances(const FcFit *f, FcSeeder *s, bool squared);
extern double fc_all_chances(const FcFit *f, const FcSeeder *s);
extern int64_t fc_draw_row(const FcFit *f, const FcSeeder *s, FcRng *rng);
extern void fc_fill_pool(FcFit *f, FcSeeder *s, FcRng *rng, int32_t count);
extern void fc_thin_pool(const FcFit *f, FcSeeder *s, int32_t most);
extern int32_t fc_best_candidate(const FcFit *f, FcSeeder *s, int32_t fewest);
extern void fc_cover_by_candidate(const FcFit *f, FcSeeder *s, int32_t l);
extern void fc_cover_by_centers(const FcFit *f, FcSeeder *s, int32_t first, int32_t c);

#endif

/*
 * team.h - parallel workers that share the work of a training
 */
#ifndef FUZZYCLUST_TEAM_H
#define FUZZYCLUST_TEAM_H

#include "pg/train/train.h"

extern Team *fc_team_begin(FcFit *f, RowStore *store);
extern void *fc_team_lay_out(Team *t);
extern void fc_team_gather(Team *t);
extern void fc_team_dismiss(Team *t);
extern void fc_team_abandon(Team *t);
extern void fc_team_end(Team *t);

#endif

/*
 * choice.h - which number of clusters to choose: see choice.c
 */
#ifndef FUZZYCLUST_CHOICE_H
#define FUZZYCLUST_CHOICE_H

#include "pg/score/score.h"

/* NaN: no meaning, or not measured */
typedef struct Merits
{
	double		silhouette;
	double		stability;
} Merits;

typedef struct Choice
{
	uint64		seed;
	TrainAgain	train;
	void	   *arg;
	RowStore   *sample;			/* rows whose parts models are trained on ... */
	RowStore   *compared;		/* ... and rows that are compared with each other */
	RowStore	store[2];		/* memory of these, where they are not all rows */
	Merits		best;
	int32		k;				/* that has these; 0: none */
} Choice;

extern void fc_choice_begin(Choice *c, RowStore *store, uint64 seed, TrainAgain train, void *arg);
extern void fc_choice_end(Choice *c);

extern Merits fc_choice_judge(Choice *c, bytea *model, int32 k);

#endif

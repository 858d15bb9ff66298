/*
 * words.h - messages of an algorithm about its training, collected
 */
#ifndef FUZZYCLUST_WORDS_H
#define FUZZYCLUST_WORDS_H

#include "pg/train/train.h"

typedef struct Words
{
	FcWords		words;			/* must be first */
	char	   *part[FC_PARTS]; /* NULL if not given */
	bool		tells;			/* a message ends the one before, which becomes a notice */
} Words;

extern void fc_tell(Words *w);
extern Words fc_explain(const FcFit *f, FcStatus status);
extern Words fc_doubt(const FcFit *f, bool tells);

#endif

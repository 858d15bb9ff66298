/*
 * words.c - messages of an algorithm about its training, collected
 */
#include "pg/train/words.h"

#include "lib/stringinfo.h"

/* For FcWords.say */
static void pg_attribute_printf(3, 4)
say(FcWords *words, FcPart part, const char *format,...)
{
	Words	   *w = (Words *) words;
	StringInfoData s;

	if (part == FC_MESSAGE && w->tells)
		fc_tell(w);
	initStringInfo(&s);
	for (;;)
	{
		va_list		arguments;
		int			more;

		va_start(arguments, format);
		more = appendStringInfoVA(&s, format, arguments);
		va_end(arguments);
		if (more == 0)
			break;
		enlargeStringInfo(&s, more);
	}
	w->part[part] = s.data;
}

/* Raises a notice of the collected parts, if there is a message */
void
fc_tell(Words *w)
{
	if (w->part[FC_MESSAGE])
		ereport(NOTICE,
				(errmsg_internal("%s", w->part[FC_MESSAGE]),
				 w->part[FC_DETAIL] ? errdetail_internal("%s", w->part[FC_DETAIL]) : 0,
				 w->part[FC_HINT] ? errhint("%s", w->part[FC_HINT]) : 0));
	memset(w->part, 0, sizeof(w->part));
}

/* The error for a failed training: parts that the algorithm does not provide are NULL */
Words
fc_explain(const FcFit *f, FcStatus status)
{
	Words		w = {.words.say = say};

	if (f->model->algo->advice && f->model->algo->advice->explain)
		f->model->algo->advice->explain(f, status, &w.words);
	return w;
}

/* Reasons to doubt a model: each is a notice if "tells" is set, else the last one is returned */
Words
fc_doubt(const FcFit *f, bool tells)
{
	Words		w = {.words.say = say, .tells = tells};

	if (f->model->algo->advice && f->model->algo->advice->doubt)
		f->model->algo->advice->doubt(f, &w.words);
	return w;
}

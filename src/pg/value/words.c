/*
 * words.c - words of users, in messages
 */
#include "pg/value/value.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#define LONGEST_SHOWN	(NAMEDATALEN - 1)	/* bytes of a word that a message repeats: names are whole */

/* How many of the first "most" bytes of a text are whole characters; where none are known, of UTF-8 */
int
fc_whole_characters(const char *text, int most)
{
	int			length = (int) strnlen(text, most + 1);

	if (length <= most)
		return length;
	if (GetDatabaseEncoding() != PG_SQL_ASCII)
		return pg_mbcliplen(text, length, most);
	for (length = most; length > 0 && ((unsigned char) text[length] & 0xC0) == 0x80; length--)
		;
	return length;
}

/* A user's word for a message, truncated to a reasonable length */
const char *
fc_beginning_of(const char *word)
{
	int			shown = fc_whole_characters(word, LONGEST_SHOWN);

	return word[shown] == '\0' ? word : psprintf("%.*s...", shown, word);
}

/* Adds an item to a list that a message shows */
void
fc_append_item(StringInfo list, const char *item)
{
	appendStringInfo(list, "%s%s", list->len > 0 ? ", " : "", item);
}

/*
 * number_text.c - numbers as text, independent of settings of the session
 *
 * Options and facts are IMMUTABLE functions of their arguments, while the output
 * functions of float types obey extra_float_digits.  These give the shortest
 * text that reads back as the same number.
 */
#include "pg/value/value.h"

#include "common/shortest_dec.h"

char *
fc_double_text(double value)
{
	char	   *text = palloc(DOUBLE_SHORTEST_DECIMAL_LEN);

	double_to_shortest_decimal_buf(value, text);
	return text;
}

char *
fc_float_text(float value)
{
	char	   *text = palloc(FLOAT_SHORTEST_DECIMAL_LEN);

	float_to_shortest_decimal_buf(value, text);
	return text;
}

/* A number and what it counts, as in "1 row" and "2 rows" */
char *
fc_counted(int64 n, const char *noun)
{
	return psprintf(INT64_FORMAT " %s%s", n, noun, n == 1 ? "" : "s");
}

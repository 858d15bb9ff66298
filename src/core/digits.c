/*
 * digits.c - exact sums of any doubles and of their squares
 *
 * A sum is an integer, in units of the least double (2^-1074) or of its square,
 * with digits of 32 bits in words of 64.  A double is a whole number of units,
 * 53 bits long: it is added to three digits, or subtracted from them, and
 * carries stay where they are until fc_digits_carry().  So the order of numbers
 * does not matter (Kulisch's accumulator; Neal, 2015).  A square is added in three
 * parts, (2^26 h + l)^2 = 2^52 h^2 + 2^27 h l + l^2, each a whole number of units.
 *
 * Products with a weight have the units of squares.  w x is a whole number of them, of 106 bits; of w x^2,
 * of 159 bits, what is below one unit is left out, of each row by itself: still no order.
 *
 * Packed, a sum is a word with its sign, first digit and count, and the digits
 * from the first to the last that is not zero, two a word: one form for each
 * number.  Beyond the last digit sums wrap around, which takes forged ones.
 */
#include "core/digits.h"

#include <math.h>
#include <string.h>

#include "core/bits.h"

#define DIGIT			UINT64_C(0xFFFFFFFF)
#define NEGATIVE		(UINT64_C(1) << 63)
#define HALF_FRACTION	26
#define PRODUCT_DIGITS	(FC_SQUARE_DIGITS + 4)	/* of a sum of squares times a number of rows */
#define WEIGHTED_DIGITS	(2 * FC_SQUARE_DIGITS + 1)	/* of a sum of squares times a sum of weights */

/* ---- adding ---- */

/* Adds or subtracts m * 2^at units */
static void
add_at(uint64_t *digits, int32_t at, uint64_t m, bool negative)
{
	uint64_t   *digit = digits + at / 32;
	uint64_t	low = (m & DIGIT) << at % 32;
	uint64_t	high = (m >> 32) << at % 32;
	uint64_t	middle = (low >> 32) + (high & DIGIT);

	digit[0] += negative ? -(low & DIGIT) : low & DIGIT;
	digit[1] += negative ? -middle : middle;
	digit[2] += negative ? -(high >> 32) : high >> 32;
}

/* x is finite; point is that of the sum */
void
fc_digits_add(uint64_t *digits, double x, int32_t point)
{
	int32_t		at;
	uint64_t	m = fc_take_apart(x, &at);

	if (m != 0)
		add_at(digits, at + point - FC_SUM_POINT, m, x < 0);
}

void
fc_digits_add_square(uint64_t *digits, double x)
{
	int32_t		at;
	uint64_t	m = fc_take_apart(x, &at);
	uint64_t	high = m >> HALF_FRACTION;
	uint64_t	low = m & ((UINT64_C(1) << HALF_FRACTION) - 1);

	if (m == 0)
		return;
	add_at(digits, 2 * at, low * low, false);
	add_at(digits, 2 * at + HALF_FRACTION + 1, high * low, false);
	add_at(digits, 2 * at + 2 * HALF_FRACTION, high * high, false);
}

/* to (na + nb) = a (na) times b (nb), digits below 2^32 */
static void
multiply(const uint64_t *a, int na, const uint64_t *b, int nb, uint64_t *to)
{
	memset(to, 0, sizeof(uint64_t) * (na + nb));
	for (int i = 0; i < na; i++)
	{
		uint64_t	carry = 0;

		for (int j = 0; j < nb; j++)
		{
			carry += to[i + j] + a[i] * b[j];	/* at most 2^64 - 1 */
			to[i + j] = carry & DIGIT;
			carry >>= 32;
		}
		to[i + nb] = carry;
	}
}

/* Adds or subtracts the product of n digits, times 2^at units; what is below one unit is left out, and what only forged rows have above */
static void
add_digits(uint64_t *digits, int32_t at, const uint64_t *product, int n, bool negative)
{
	for (int i = 0; i < n && at < 32 * (FC_SQUARE_DIGITS - 2); i++, at += 32)
		if (at >= 0)
			add_at(digits, at, product[i], negative);
		else if (at > -32)
			add_at(digits, 0, product[i] >> -at, negative);
}

/* w x of a finite weight, which is not negative, and a finite x, in units of squares */
void
fc_digits_add_weighted(uint64_t *digits, double weight, double x)
{
	int32_t		at_weight;
	int32_t		at;
	uint64_t	w = fc_take_apart(weight, &at_weight);
	uint64_t	m = fc_take_apart(x, &at);
	uint64_t	product[4];

	multiply((uint64_t[]) {w & DIGIT, w >> 32}, 2, (uint64_t[]) {m & DIGIT, m >> 32}, 2, product);
	add_digits(digits, at_weight + at, product, 4, x < 0);
}

/* w x y, likewise */
void
fc_digits_add_weighted_product(uint64_t *digits, double weight, double x, double y)
{
	int32_t		at_weight;
	int32_t		at_x;
	int32_t		at_y;
	uint64_t	w = fc_take_apart(weight, &at_weight);
	uint64_t	a = fc_take_apart(x, &at_x);
	uint64_t	b = fc_take_apart(y, &at_y);
	uint64_t	xy[4];
	uint64_t	product[6];

	multiply((uint64_t[]) {a & DIGIT, a >> 32}, 2, (uint64_t[]) {b & DIGIT, b >> 32}, 2, xy);
	multiply(xy, 4, (uint64_t[]) {w & DIGIT, w >> 32}, 2, product);
	add_digits(digits, at_weight + at_x + at_y - FC_SUM_POINT, product, 6, (x < 0) != (y < 0));
}

void
fc_digits_add_weighted_square(uint64_t *digits, double weight, double x)
{
	fc_digits_add_weighted_product(digits, weight, x, x);
}

/* Every digit but the last, which has the sign, becomes 0 .. 2^32 - 1 */
void
fc_digits_carry(uint64_t *digits, int32_t n)
{
	for (int32_t i = 0; i < n - 1; i++)
	{
		uint64_t	carry = digits[i] >> 32 | (digits[i] & NEGATIVE ? DIGIT << 32 : 0);

		digits[i] &= DIGIT;
		digits[i + 1] += carry;
	}
}

/* ---- packed ---- */

static bool
is_negative(const uint64_t *words)
{
	return words[0] & NEGATIVE;
}

static int32_t
first_of(const uint64_t *words)
{
	return (int32_t) (words[0] >> 32 & 0x7FFFFFFF);
}

static int32_t
count_of(const uint64_t *words)
{
	return (int32_t) (words[0] & 0x7FFFFFFF);
}

static uint64_t
digit_of(const uint64_t *words, int32_t i)
{
	return words[1 + i / 2] >> 32 * (i % 2) & DIGIT;
}

static size_t
words_for(int32_t count)
{
	return 1 + ((size_t) count + 1) / 2;
}

/* The amount of a sum, of n digits; true: it is negative */
static bool
amount_of(const uint64_t *digits, int32_t n, uint64_t *amount)
{
	bool		negative;

	memcpy(amount, digits, sizeof(uint64_t) * n);
	fc_digits_carry(amount, n);
	negative = amount[n - 1] & NEGATIVE;
	if (negative)
	{
		for (int32_t i = 0; i < n; i++)
			amount[i] = -amount[i];
		fc_digits_carry(amount, n);
	}
	amount[n - 1] &= DIGIT;
	return negative;
}

/* Sums of at most FC_SQUARE_DIGITS; returns the number of words, which are not written if words is NULL */
size_t
fc_digits_pack(const uint64_t *digits, int32_t n, uint64_t *words)
{
	uint64_t	amount[FC_SQUARE_DIGITS];
	bool		negative = amount_of(digits, n, amount);
	int32_t		first = 0;
	int32_t		end = n;

	while (end > 0 && amount[end - 1] == 0)
		end--;
	while (first < end && amount[first] == 0)
		first++;
	if (words != NULL)
	{
		memset(words, 0, sizeof(uint64_t) * words_for(end - first));
		if (first < end)
			words[0] = (negative ? NEGATIVE : 0) | (uint64_t) first << 32 | (uint64_t) (end - first);
		for (int32_t i = first; i < end; i++)
			words[1 + (i - first) / 2] |= amount[i] << 32 * ((i - first) % 2);
	}
	return words_for(end - first);
}

/* The words of a packed sum of n digits at the beginning of "length" words; 0: there is none that fc_digits_pack() could have written */
size_t
fc_digits_packed(const uint64_t *words, size_t length, int32_t n)
{
	int32_t		count;

	if (length == 0)
		return 0;
	count = count_of(words);
	if (words[0] & UINT64_C(0x80000000) || count > n || words_for(count) > length)
		return 0;
	if (count == 0)
		return words[0] == 0 ? 1 : 0;
	if (first_of(words) > n - count || digit_of(words, 0) == 0 || digit_of(words, count - 1) == 0)
		return 0;
	return count % 2 && words[words_for(count) - 1] >> 32 ? 0 : words_for(count);
}

/* Adds a packed sum to digits */
void
fc_digits_unpack(uint64_t *digits, const uint64_t *words)
{
	for (int32_t i = 0; i < count_of(words); i++)
	{
		uint64_t	digit = digit_of(words, i);

		digits[first_of(words) + i] += is_negative(words) ? -digit : digit;
	}
}

/* ---- as doubles ---- */

/* The nearest number of 53 bits to an amount, whose digits are below 2^32, without its power of two, which goes to *exponent */
static double
nearest_mantissa(const uint64_t *amount, int32_t n, int32_t *exponent)
{
	uint64_t	top = 0;
	int32_t		end = n;
	int32_t		shift = 0;
	bool		rest = false;

	while (end > 0 && amount[end - 1] == 0)
		end--;
	*exponent = 0;
	if (end == 0)
		return 0;
	top = amount[end - 1] << 32 | (end > 1 ? amount[end - 2] : 0);
	while (!(top & NEGATIVE))
	{
		top <<= 1;
		shift++;
	}
	if (end > 2 && shift > 0)
		top |= amount[end - 3] >> (32 - shift);
	for (int32_t i = 0; i < end - 2; i++)
		rest = rest || (i < end - 3 ? amount[i] : amount[i] << shift & DIGIT) != 0;
	*exponent = 32 * (end - 2) - shift;
	return (double) (top | rest);
}

/* The nearest double */
static double
nearest(const uint64_t *amount, int32_t n, int32_t point)
{
	int32_t		exponent;
	double		mantissa = nearest_mantissa(amount, n, &exponent);

	return ldexp(mantissa, exponent - point);
}

/* Of a packed sum, not of squares */
double
fc_digits_sum(const uint64_t *words)
{
	uint64_t	amount[FC_SUM_DIGITS] = {0};
	double		sum;

	for (int32_t i = 0; i < count_of(words); i++)
		amount[first_of(words) + i] = digit_of(words, i);
	sum = nearest(amount, FC_SUM_DIGITS, FC_SUM_POINT);
	return is_negative(words) ? -sum : sum;
}

/* Adds the product of a packed sum and another number, whose digit is "place" digits from the last */
static void
add_product(uint64_t *product, const uint64_t *words, uint64_t digit, int32_t place, bool subtract)
{
	for (int32_t i = 0; i < count_of(words) && digit != 0; i++)
	{
		uint64_t	part = digit_of(words, i) * digit;
		uint64_t   *to = product + first_of(words) + i + place;

		to[0] += subtract ? -(part & DIGIT) : part & DIGIT;
		to[1] += subtract ? -(part >> 32) : part >> 32;
	}
}

/*
 * Sum of squared differences to the mean of n numbers, from their packed sum and
 * sum of squares: (n squares - sum^2) / n, whose difference is exact
 */
double
fc_digits_spread(const uint64_t *sum, const uint64_t *squares, int64_t n)
{
	uint64_t	difference[PRODUCT_DIGITS + 1] = {0};

	add_product(difference, squares, (uint64_t) n & DIGIT, 0, false);
	add_product(difference, squares, (uint64_t) n >> 32, 1, false);
	for (int32_t i = 0; i < count_of(sum); i++)
		add_product(difference, sum, digit_of(sum, i), first_of(sum) + i, true);
	fc_digits_carry(difference, PRODUCT_DIGITS + 1);
	if (difference[PRODUCT_DIGITS] & NEGATIVE)
		return 0;				/* of forged sums only */
	return nearest(difference, PRODUCT_DIGITS, FC_SQUARE_POINT) / (double) n;
}

/* ---- of rows with weights ---- */

/* The nearest number to a packed sum, without its power of two */
static double
mantissa_of(const uint64_t *words, int32_t *exponent)
{
	uint64_t	amount[FC_SQUARE_DIGITS] = {0};
	double		mantissa;

	for (int32_t i = 0; i < count_of(words); i++)
		amount[first_of(words) + i] = digit_of(words, i);
	mantissa = nearest_mantissa(amount, FC_SQUARE_DIGITS, exponent);
	return is_negative(words) ? -mantissa : mantissa;
}

/* A packed sum of weights */
double
fc_digits_weight(const uint64_t *weight)
{
	int32_t		exponent;
	double		mantissa = mantissa_of(weight, &exponent);

	return ldexp(mantissa, exponent - FC_SQUARE_POINT);
}

/* sum / weight, both packed; the weight is positive */
double
fc_digits_weighted_mean(const uint64_t *weight, const uint64_t *sum)
{
	int32_t		of_weight;
	int32_t		of_sum;
	double		w = mantissa_of(weight, &of_weight);
	double		x = mantissa_of(sum, &of_sum);

	return ldexp(x / w, of_sum - of_weight);
}

/* Of WEIGHTED_DIGITS + 1: weight products - sum_x sum_y, all packed; the weight is not negative */
static void
subtract_products(uint64_t *difference, const uint64_t *weight, const uint64_t *sum_x, const uint64_t *sum_y,
				  const uint64_t *products)
{
	bool		same_sign = is_negative(sum_x) == is_negative(sum_y);

	for (int32_t i = 0; i < count_of(weight); i++)
		add_product(difference, products, digit_of(weight, i), first_of(weight) + i, is_negative(products));
	for (int32_t i = 0; i < count_of(sum_x); i++)
		add_product(difference, sum_y, digit_of(sum_x, i), first_of(sum_x) + i, same_sign);
	fc_digits_carry(difference, WEIGHTED_DIGITS + 1);
}

/*
 * Weighted sum of squared differences to the weighted mean: (weight squares - sum^2) / weight, whose
 * difference is exact
 */
double
fc_digits_weighted_spread(const uint64_t *weight, const uint64_t *sum, const uint64_t *squares)
{
	uint64_t	difference[WEIGHTED_DIGITS + 1] = {0};
	int32_t		of_weight;
	int32_t		of_product;
	double		w = mantissa_of(weight, &of_weight);
	double		product;

	subtract_products(difference, weight, sum, sum, squares);
	if (difference[WEIGHTED_DIGITS] & NEGATIVE)
		return 0;				/* of forged sums, or where squares are less than one unit */
	product = nearest_mantissa(difference, WEIGHTED_DIGITS, &of_product);
	return ldexp(product / w, of_product - of_weight - FC_SQUARE_POINT);
}

/*
 * Weighted covariance of x and y, times 2^-exponent: (weight products - sum_x sum_y) / weight^2, whose
 * difference is exact; the weight is positive
 */
double
fc_digits_weighted_covariance(const uint64_t *weight, const uint64_t *sum_x, const uint64_t *sum_y,
							  const uint64_t *products, int32_t exponent)
{
	uint64_t	difference[WEIGHTED_DIGITS + 1] = {0};
	uint64_t	amount[WEIGHTED_DIGITS + 1];
	int32_t		of_weight;
	int32_t		of_product;
	double		w = mantissa_of(weight, &of_weight);
	double		product;
	bool		negative;

	subtract_products(difference, weight, sum_x, sum_y, products);
	negative = amount_of(difference, WEIGHTED_DIGITS + 1, amount);
	product = nearest_mantissa(amount, WEIGHTED_DIGITS + 1, &of_product);
	product = ldexp(product / w / w, of_product - 2 * of_weight - exponent);
	return negative ? -product : product;
}

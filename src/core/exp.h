/*
 * exp.h - the exponential of variants.h: 0 where it would be subnormal.  Has no
 * include guard on purpose.
 *
 * The vector functions of glibc leave such arguments to the scalar ones, one
 * by one, which takes fifteen to thirty times as long; and rows far from a
 * center have many of them.  NaN stays NaN.
 *
 * The smallest exponent is hidden from the compiler, which would otherwise
 * compute exp(x) for all lanes again and select afterwards.
 */
static inline __attribute__((always_inline, unused)) FC_REAL
FC_VARIANT(exp) (FC_REAL x)
{
	const FC_REAL least = FC_LEAST_EXPONENT;
	FC_REAL		e = FC_EXP_PLAIN(x < least ? least : x) - FC_LEAST_EXP;

	return e < 0 ? 0 : e;
}

/*
 * exp.h - the exponential of variants.h: 0 where it would be subnormal.  Has no
 * include guard on purpose.
 *
 * The vector functions of glibc leave such arguments to the scalar ones, one by
 * one, which takes fifteen to thirty times as long; and what is far from a center
 * has many of them.  NaN stays NaN.
 *
 * The least exponent is no constant that the compiler can see, or it would take
 * exp(x) for all lanes again and choose afterwards.
 */
static inline __attribute__((always_inline, unused)) FC_REAL
FC_VARIANT(exp) (FC_REAL x)
{
	const FC_REAL least = FC_LEAST_EXPONENT;
	FC_REAL		e = FC_EXP_PLAIN(x < least ? least : x) - FC_LEAST_EXP;

	return e < 0 ? 0 : e;
}

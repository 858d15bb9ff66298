/*
 * logic.h - uninorm, absorbing norm, and the fuzzy logical distance: see logic.c
 */
#ifndef FC_LOGIC_H
#define FC_LOGIC_H

#include "core/fc.h"

/* theta and vartheta keep this distance from 0 and 1, where u_e does not exist */
#define FC_LOGIC_MARGIN		1e-9

/* A point e of the unit interval that a generator maps to 0 */
typedef struct FcZero
{
	double		e;
	double		parameter;		/* derived from e, as the generator needs it */
} FcZero;

/* An increasing function u_e from the unit interval onto the reals with u_e(e) = 0 */
typedef struct FcGenerator
{
	const char *name;			/* SQL name, stored in models: never reuse */
	bool		shifts;			/* u_e(x) = u(x) - u(e) with one u for all e */
	double		(*parameter) (double e);
	double		(*forward) (double x, const FcZero *zero);	/* u_e(x) */
	double		(*inverse) (double z, const FcZero *zero);
	double		(*carry) (double z, const FcZero *from, const FcZero *to);	/* u_to(u_from^-1(z)) */
	double		(*rise) (double z, const FcZero *zero); /* (u_e^-1(z) - e) / (1 - e), 0 < z < inf */
} FcGenerator;

extern const FcGenerator fc_generators[];	/* ends with name == NULL; first the default */
extern const FcGenerator *fc_find_generator(const char *name, size_t length);

/* An algebra: the operators of one generator */
typedef struct FcLogic
{
	const FcGenerator *generator;
	FcZero		theta;			/* neutral element of the uninorm */
	FcZero		vartheta;		/* absorbing element of the absorbing norm */
	bool		squares;		/* Sigma is a sum of squares plus d * excess */
	double		excess;			/* c (1 - c) of eq. 5 */
	int			isa;			/* an FcIsa */
} FcLogic;

extern void fc_logic_begin(FcLogic *l, const FcGenerator *generator, double theta, double vartheta);

extern double fc_uninorm(const FcLogic *l, double x, double y);
extern double fc_absorbing_norm(const FcLogic *l, double x, double y);
extern double fc_logical_not(const FcLogic *l, double x);

extern int32_t fc_outside_unit(const double *x, int32_t d);
extern double fc_logical_sigma(const FcLogic *l, const double *x, const double *y, int32_t d);
extern double fc_logical_dissimilarity(const FcLogic *l, double sigma);
extern double fc_logical_square(const FcLogic *l, double z);
extern double fc_logical_rise(const FcGenerator *g, const FcZero *theta, double sigma);
extern double fc_logical_distance(const FcLogic *l, double sigma);

extern double fc_logit_squares(int isa, FcPrecision precision, const void *x, const void *y, int32_t d);

#endif

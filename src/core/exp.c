/*
 * exp.c - the smallest argument of exponentials; see exp.h
 */
#include "core/variants.h"

const float fc_least_exponent_f32 = -87;
const double fc_least_exponent_f64 = -708;

/*
 * variants.h - one source, compiled for each precision and instruction set
 *
 * Hot loops of a file NAME.c are in NAME_loops.h, which has no include guard.
 * After the constants, types and helpers that they use, NAME.c has
 *
 *		#define FC_VARIANTS_OF "core/block_loops.h"
 *		#include "core/variants.h"
 *
 * That includes the loops once for each combination, with FC_REAL the type of a
 * feature and FC_VARIANT(name) a name of its own for each.
 * FC_TABLE(name) is the table of them, indexed [FcIsa][FcPrecision].  With
 * FC_ONLY_F64 defined there is double precision only, and FC_TABLE_F64(name) is
 * indexed [FcIsa].
 * A variant calls another file's of its kind by [FC_ISA_INDEX][FC_PRECISION_INDEX].
 * FC_VECTOR_BYTES is the size of a register; FC_EXP (see exp.h), FC_LOG and FC_LOG1P
 * are functions of the type, FC_LARGEST its largest number and FC_LEAST its least
 * normal one.
 *
 * Thus one binary runs everywhere and uses the instructions that the processor
 * has.  The results of two variants agree to rounding, not to the bit.
 */
#ifndef FC_VARIANTS_H
#define FC_VARIANTS_H

#include "core/fc.h"

typedef enum FcIsa
{
	FC_ISA_BASE,				/* the compiler's target */
	FC_ISA_AVX2,				/* with FMA */
	FC_ISA_AVX512,				/* F, DQ, BW and VL */
	FC_ISAS
} FcIsa;

extern FcIsa fc_best_isa(void);

extern const float fc_least_exponent_f32;	/* see exp.h */
extern const double fc_least_exponent_f64;

#if defined(__x86_64__) && defined(__GNUC__)
#define FC_X86 1
#define FC_TABLE(name) { \
	{name##_f32_base, name##_f64_base}, \
	{name##_f32_avx2, name##_f64_avx2}, \
	{name##_f32_avx512, name##_f64_avx512}}
#define FC_TABLE_F64(name) {name##_f64_base, name##_f64_avx2, name##_f64_avx512}
#else
#define FC_TABLE(name) { \
	{name##_f32_base, name##_f64_base}, \
	{name##_f32_base, name##_f64_base}, \
	{name##_f32_base, name##_f64_base}}
#define FC_TABLE_F64(name) {name##_f64_base, name##_f64_base, name##_f64_base}
#endif

#define FC_PASTE_(name, precision, isa) name##_##precision##_##isa
#define FC_PASTE(name, precision, isa) FC_PASTE_(name, precision, isa)
#define FC_VARIANT(name) FC_PASTE(name, FC_PRECISION_NAME, FC_ISA_NAME)

/*
 * glibc's vector versions of these functions are within 4 units in the last
 * place; elsewhere the loops call the scalar ones.
 */
#include <float.h>
#include <math.h>
#include <string.h>
#if defined(FC_X86) && defined(__GLIBC__) && !defined(__clang__)
#define FC_SIMD __attribute__((__simd__("notinbranch")))
extern FC_SIMD float expf(float);
extern FC_SIMD float logf(float);
extern FC_SIMD double exp(double);
extern FC_SIMD double log(double);
#if __GLIBC_PREREQ(2, 35)
extern FC_SIMD float log1pf(float);
extern FC_SIMD double log1p(double);
extern FC_SIMD double expm1(double);
#endif
#endif

#endif

#ifdef FC_VARIANTS_OF

#define FC_ISA_NAME base
#define FC_ISA_INDEX FC_ISA_BASE
#define FC_VECTOR_BYTES 16
#include "core/precisions.h"
#undef FC_ISA_NAME
#undef FC_ISA_INDEX
#undef FC_VECTOR_BYTES

#ifdef FC_X86
#define FC_ISA_NAME avx2
#define FC_ISA_INDEX FC_ISA_AVX2
#define FC_VECTOR_BYTES 32
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#include "core/precisions.h"
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef FC_ISA_NAME
#undef FC_ISA_INDEX
#undef FC_VECTOR_BYTES

#define FC_ISA_NAME avx512
#define FC_ISA_INDEX FC_ISA_AVX512
#define FC_VECTOR_BYTES 64
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512dq,avx512bw,avx512vl,prefer-vector-width=512")
#endif
#include "core/precisions.h"
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef FC_ISA_NAME
#undef FC_ISA_INDEX
#undef FC_VECTOR_BYTES
#endif

#undef FC_VARIANTS_OF
#endif

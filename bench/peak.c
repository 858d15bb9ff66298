/*
 * peak.c - the maximum speed of one core of this machine, measured
 *
 * Arithmetic: the instructions of the hot loops on registers alone, in more
 * independent chains than the pipelines hold.  Memory: a sum over a buffer.
 * The best of several runs counts, because other processes only take away.
 *
 * An engine's iteration does for each row, column and cluster one subtraction
 * and two fused multiply-adds, and reads each row once from memory.  No way of
 * writing it can take less time than these two limits say; the weights come on
 * top.
 */
#include "peak.h"

#include <time.h>

#define CHAINS		10			/* a latency of 4 twice a cycle is 8, and 16 registers hold them */
#define STEPS		2000000
#define RUNS		20

/* The compiler must take it that the register has changed; it costs nothing */
#if defined(__x86_64__)
#define TOUCH(vector) __asm__ volatile ("" : "+x" (vector))
#elif defined(__aarch64__)
#define TOUCH(vector) __asm__ volatile ("" : "+w" (vector))
#else
#define TOUCH(vector) __asm__ volatile ("" : "+m" (vector))
#endif

#define FC_VARIANTS_OF "peak_loops.h"
#include "core/variants.h"

static double (*const compute[FC_ISAS][2]) (int64_t steps, Mix mix) = FC_TABLE(compute);
static double (*const read[FC_ISAS][2]) (const void *buffer, size_t size) = FC_TABLE(read);

static volatile double ignored; /* a result that must be computed, but is not used */

/* Seconds of processor time, which other processes do not affect */
double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Repetitions a nanosecond: each of the mix's operations once, on one feature */
double
peak_rate(int isa, FcPrecision precision, Mix mix)
{
	static const int width[FC_ISAS] = {16, 32, 64};
	double		best = 0;

	for (int run = 0; run < RUNS; run++)
	{
		double		start = now();
		double		rate;

		ignored = compute[isa][precision] (STEPS, mix);
		rate = (double) STEPS * width[isa] / FC_SIZE(precision) / (now() - start) * 1e-9;
		best = rate > best ? rate : best;
	}
	return best;
}

/* Bytes a nanosecond, which is GB/s */
double
read_rate(int isa, const void *buffer, size_t size)
{
	double		best = 0;

	for (int run = 0; run < RUNS; run++)
	{
		double		start = now();
		double		rate;
		int			times = size < ((size_t) 1 << 26) ? (int) (((size_t) 1 << 26) / size) : 1;

		for (int i = 0; i < times; i++)
			ignored = read[isa][FC_F32] (buffer, size);
		rate = (double) size * times / (now() - start) * 1e-9;
		best = rate > best ? rate : best;
	}
	return best;
}

/*
 * schedule.c - the learning rate over time
 *
 *   rate (least + (1 - least) (1 + cos(pi t / T)) / 2)
 *
 * (Loshchilov and Hutter, 2017, without restarts.)
 */
#include "nn/optimizer.h"

/* step from 0 to steps - 1; least is a share of the rate */
double
fc_cosine_rate(double rate, double least, int64_t step, int64_t steps)
{
	return rate * (least + (1 - least) * (1 + cos(3.14159265358979323846 * step / steps)) / 2);
}

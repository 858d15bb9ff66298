/*
 * mse.c - mean squared error
 *
 *   L = sum (y - t)^2 / count;  dy = 2 (y - t) / count
 *
 * count is rows x columns.  dy may be y.
 */
#include "nn/loss.h"

#define PART	1024			/* summed in the type, then in double */

double
fc_mse(const FcHooks *hooks, const FcReal *y, const FcReal *target, int64_t count, double weight, FcReal *dy)
{
	FcReal		factor = (FcReal) (2 * weight / count);
	double		total = 0;

	for (int64_t first = 0; first < count; first += PART)
	{
		int64_t		end = count - first < PART ? count : first + PART;
		FcReal		lane[FC_LANES] = {0};
		int64_t		i = first;

		fc_check(hooks);
		for (; i + FC_LANES <= end; i += FC_LANES)
			for (int l = 0; l < FC_LANES; l++)
			{
				FcReal		difference = y[i + l] - target[i + l];

				lane[l] += difference * difference;
				dy[i + l] = factor * difference;
			}
		for (; i < end; i++)
		{
			FcReal		difference = y[i] - target[i];

			lane[0] += difference * difference;
			dy[i] = factor * difference;
		}
		for (int l = 0; l < FC_LANES; l++)
			total += lane[l];
	}
	return total / count;
}

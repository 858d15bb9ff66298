/*
 * advice.c - reasons to doubt the clusters of a graph, and messages
 */
#include "spectral/model.h"

#include <math.h>

/*
 * How many of these rows a cluster may have and still lie within the neighbourhood by which the
 * width of affinities is found: it is smaller than what can be seen with them.  0: any number, since
 * some clusters of so few rows are that small anyway
 */
double
fc_spectral_neighborhood(const FcModel *m, double rows)
{
	int32_t		nodes = 0;
	double		neighborhood = fc_spectral_neighbor(m);

	if (fc_spectral_room(m) < m->rows)
	{
		for (int32_t l = 0; l < fc_spectral_stride(m); l++)
			nodes += FC_MASS(m)[l] > 0;
		neighborhood *= rows / nodes;
	}
	return rows > m->k * (neighborhood + 1) ? neighborhood : 0;
}

static void
explain(const FcFit *f, FcStatus status, FcWords *w)
{
	const FcModel *m = f->model;

	if (status == FC_BAD_LIST)
	{
		w->say(w, FC_MESSAGE, "option \"sigma\" has no effect when option \"affinity\" is local");
		w->say(w, FC_HINT, "Each row has its own width then.");
	}
	if (status == FC_VANISHED)
	{
		w->say(w, FC_MESSAGE, "too few rows have neighbors at sigma %.3g for %d clusters", m->option[FC_SPECTRAL_SIGMA], m->k);
		w->say(w, FC_HINT, "Raise the option sigma.");
	}
	if (status == FC_MODEL_TOO_LARGE)
		w->say(w, FC_HINT, "Lower the options exact_rows and landmarks.");
	if (status == FC_TOO_LITTLE_MEMORY)
		w->say(w, FC_HINT, "or lower the option %s", fc_spectral_room(m) < m->rows ? "landmarks" : "exact_rows");
}

static void
doubt(const FcFit *f, FcWords *w)
{
	const FcModel *m = f->model;
	double		most = fc_spectral_neighborhood(m, (double) m->rows);
	int32_t		small = 0;

	for (int32_t c = 0; c < m->k; c++)
		small += m->weights[c] <= most && most > 0;
	if (small == 0)
		return;
	w->say(w, FC_MESSAGE, "%d of %d spectral clusters %s no more than %.0f rows, the size of a neighbourhood in the graph",
		   small, m->k, small == 1 ? "has" : "have", floor(most));
	w->say(w, FC_DETAIL, "They may be a few rows apart from all others, in whose favour other clusters had to merge.");
	w->say(w, FC_HINT, m->option[FC_SPECTRAL_AFFINITY] == FC_LOCAL ? "Leave such rows out, or ask for more clusters." :
		   "Leave such rows out, ask for more clusters, raise the option sigma, or set the option affinity to local.");
}

const FcAdviceHooks fc_spectral_advice = {.explain = explain, .doubt = doubt};

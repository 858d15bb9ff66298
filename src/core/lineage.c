/*
 * lineage.c - what became of the clusters of a model in another one
 *
 * Spiliopoulou, Ntoutsi, Theodoridis and Schult, MONIC: modeling and monitoring
 * cluster transitions (2006), for rows that both models have scored.  With u
 * the memberships by the old model, w those by the new one, a and b the
 * clusters that row i is nearest to, the mass that two clusters share is
 *
 *   M_ab = sum_i u_ia w_ib										(eq. 1)
 *
 * so that a row between clusters counts less than one within.  Other clusters'
 * memberships of the row do not count: over many rows they would add up to more
 * than a small cluster has.  Nor does a row that is an outlier of a or of b,
 * unless a and b are partners of the matching: it is nearest to a cluster, but has
 * come from elsewhere.  It counts for the sum of the other cluster only.  Noise is no
 * cluster (noise.h): a row that is noise for one of the models counts for the sum of the other's
 * cluster only, and where it is noise for both for none.  With these sums, M_a and M_b, b continues a if
 *
 *   2 M_ab >= M_a, or 2 M_ab >= M_b								(eq. 2)
 *
 * and partners already with 4 in place of 2, as in match.c; partners without
 * any mass, which only their centers tell, do too.  Of the clusters
 * of one model, at most two have half of another, so there are at most
 * 3 (old k + new k) pairs.
 */
#include "core/lineage.h"

#include <math.h>
#include <string.h>

const char *
fc_event_name(FcEvent event)
{
	static const char *const names[FC_EVENTS] = {
		[FC_KEPT] = "kept", [FC_SPLIT] = "split", [FC_MERGED] = "merged", [FC_MIXED] = "mixed",
		[FC_APPEARED] = "appeared", [FC_FADED] = "faded"
	};

	return names[event];
}

void
fc_lineage_layout(FcArena *a, FcLineage *l, const FcMatching *matching)
{
	*l = (FcLineage) {
		.matching = matching,
		.mass = matching->table, .of_old = matching->of_old, .of_new = matching->of_new,
		.heirs = fc_take(a, matching->old->k, sizeof(int32_t)),
		.origins = fc_take(a, matching->new->k, sizeof(int32_t)),
	};
}

void
fc_lineage_begin(FcLineage *l)
{
	int32_t		old_k = l->matching->old->k;
	int32_t		new_k = l->matching->new->k;

	memset(l->mass, 0, sizeof(double) * old_k * new_k);
	memset(l->of_old, 0, sizeof(double) * old_k);
	memset(l->of_new, 0, sizeof(double) * new_k);
	memset(l->heirs, 0, sizeof(int32_t) * old_k);
	memset(l->origins, 0, sizeof(int32_t) * new_k);
}

/* A row's part of eq. 1, and whether it is an outlier of either; no mass where it is not a number.  Cluster -1 is noise */
void
fc_lineage_add(FcLineage *l, int32_t old, int32_t new, double mass, bool old_outlier, bool new_outlier)
{
	bool		both = old >= 0 && new >= 0;
	bool		partners = both && l->matching->match[old] == new;

	if (!(mass > 0))
		return;
	if (both && (partners || (!old_outlier && !new_outlier)))
		l->mass[(int64_t) old * l->matching->new->k + new] += mass;
	if (old >= 0 && (partners || !old_outlier))
		l->of_old[old] += mass;
	if (new >= 0 && (partners || !new_outlier))
		l->of_new[new] += mass;
}

static bool
continues(const FcLineage *l, int32_t old, int32_t new)
{
	double		mass = l->mass[(int64_t) old * l->matching->new->k + new];
	bool		partners = l->matching->match[old] == new;
	int			times = partners ? 4 : 2;

	if (mass == 0)
		return partners && l->of_old[old] == 0 && l->of_new[new] == 0;
	return times * mass >= l->of_old[old] || times * mass >= l->of_new[new];
}

/* check, unless NULL, is called every few milliseconds and may longjmp */
void
fc_lineage_finish(FcLineage *l, void (*check) (void *arg), void *arg)
{
	for (int32_t a = 0; a < l->matching->old->k; a++)
	{
		if (check)
			check(arg);
		for (int32_t b = 0; b < l->matching->new->k; b++)
			if (continues(l, a, b))
			{
				l->heirs[a]++;
				l->origins[b]++;
			}
	}
}

bool
fc_lineage_descent(const FcLineage *l, int32_t old, int32_t new, FcDescent *descent)
{
	double		mass = l->mass[(int64_t) old * l->matching->new->k + new];
	bool		split = l->heirs[old] > 1;
	bool		merged = l->origins[new] > 1;

	if (!continues(l, old, new))
		return false;
	*descent = (FcDescent) {
		.share = l->of_new[new] > 0 ? mass / l->of_new[new] : NAN,
		.old_share = l->of_old[old] > 0 ? mass / l->of_old[old] : NAN,
		.event = split && merged ? FC_MIXED : split ? FC_SPLIT : merged ? FC_MERGED : FC_KEPT
	};
	return true;
}

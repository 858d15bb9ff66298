/*
 * plot.c - cluster_plot: rows gather into a sample, which is drawn as SVG
 *
 * At most SAMPLE rows are kept for drawing. Beyond that row number n, counted
 * from 1, replaces a random one of them with probability SAMPLE / n (Vitter's
 * algorithm R), so that every row is drawn equally likely. The generator is
 * SplitMix64 (Steele, Lea and Flood, 2014) with a fixed seed: the same rows in
 * the same order give the same picture. Extremes and counts are over all rows.
 *
 * Memory is bounded: SAMPLE points, and the counts of MAX_CLUSTERS.
 */
#include "fuzzyclust.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "svg.h"

#define SAMPLE 10000
#define MAX_CLUSTERS 10000
#define SEED UINT64CONST(0x66757A7A79)

typedef struct PlotState
{
	Plot		plot;
	PlotPoint  *point;			/* (point_room) what plot.point points to */
	int			point_room;
	PlotCluster *cluster;		/* (cluster_room) what plot.cluster points to */
	int			cluster_room;
	uint64		random;
} PlotState;

static uint64
next_random(uint64 *state)
{
	uint64		z = (*state += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static void
check_coordinate(const char *name, double v)
{
	if (!isfinite(v))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("%s must be finite, not %s", name, float8out_internal(v))));
}

static void
check_membership(double u)
{
	if (isnan(u))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("membership must be a number, not %s", float8out_internal(u))));
	/* sums of memberships may be off by rounding */
	if (u < 0 || u > 1 + 1e-6)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("membership %s is out of range", float8out_internal(u)),
				 errdetail("A membership is between 0 and 1.")));
}

/* False for a row that is left out */
static bool
read_point(FunctionCallInfo fcinfo, PlotPoint *p)
{
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return false;
	p->x = PG_GETARG_FLOAT8(1);
	p->y = PG_GETARG_FLOAT8(2);
	p->cluster = PG_GETARG_INT32(3);
	p->membership = PG_ARGISNULL(4) ? 1 : PG_GETARG_FLOAT8(4);
	check_coordinate("x", p->x);
	check_coordinate("y", p->y);
	check_membership(p->membership);
	return true;
}

/* In UTF-8; an empty text counts as none */
static const char *
read_text(FunctionCallInfo fcinfo, int arg)
{
	char	   *s;

	if (arg >= PG_NARGS() || PG_ARGISNULL(arg))
		return NULL;
	s = text_to_cstring(PG_GETARG_TEXT_PP(arg));
	return *s == '\0' ? NULL : pg_server_to_any(s, strlen(s), PG_UTF8);
}

static PlotState *
begin_plot(FunctionCallInfo fcinfo, const PlotPoint *p)
{
	PlotState  *s = palloc0(sizeof(PlotState));

	s->plot.title = read_text(fcinfo, 5);
	s->plot.x_label = read_text(fcinfo, 6);
	s->plot.y_label = read_text(fcinfo, 7);
	s->plot.x_min = s->plot.x_max = p->x;
	s->plot.y_min = s->plot.y_max = p->y;
	s->plot.membership_min = s->plot.membership_max = p->membership;
	s->random = SEED;
	s->point_room = 64;
	s->plot.point = s->point = palloc(s->point_room * sizeof(PlotPoint));
	s->cluster_room = 8;
	s->plot.cluster = s->cluster = palloc(s->cluster_room * sizeof(PlotCluster));
	return s;
}

/* Insert a cluster without rows at this place of the ascending list */
static void
insert_cluster(PlotState *s, int at, int32 cluster)
{
	if (s->plot.ncluster == MAX_CLUSTERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cluster_plot takes at most %d clusters", MAX_CLUSTERS),
				 errhint("The third argument is the cluster of a row, such as cluster_id gives.")));
	if (s->plot.ncluster == s->cluster_room)
	{
		s->cluster_room *= 2;
		s->plot.cluster = s->cluster = repalloc(s->cluster, s->cluster_room * sizeof(PlotCluster));
	}
	memmove(&s->cluster[at + 1], &s->cluster[at], (s->plot.ncluster - at) * sizeof(PlotCluster));
	s->cluster[at].cluster = cluster;
	s->cluster[at].rows = 0;
	s->plot.ncluster++;
}

static void
count_row(PlotState *s, int32 cluster)
{
	int			at = fc_svg_find_cluster(&s->plot, cluster);

	if (at == s->plot.ncluster || s->cluster[at].cluster != cluster)
		insert_cluster(s, at, cluster);
	s->cluster[at].rows++;
}

static void
widen(double *min, double *max, double v)
{
	*min = Min(*min, v);
	*max = Max(*max, v);
}

static void
sample_row(PlotState *s, const PlotPoint *p)
{
	uint64		at;

	if (s->plot.npoint < SAMPLE)
	{
		if (s->plot.npoint == s->point_room)
		{
			s->point_room *= 2;
			s->plot.point = s->point = repalloc(s->point, s->point_room * sizeof(PlotPoint));
		}
		s->point[s->plot.npoint++] = *p;
		return;
	}
	at = next_random(&s->random) % (uint64) s->plot.rows;
	if (at < SAMPLE)
		s->point[at] = *p;
}

static void
add_row(PlotState *s, const PlotPoint *p)
{
	s->plot.rows++;
	widen(&s->plot.x_min, &s->plot.x_max, p->x);
	widen(&s->plot.y_min, &s->plot.y_max, p->y);
	widen(&s->plot.membership_min, &s->plot.membership_max, p->membership);
	count_row(s, p->cluster);
	sample_row(s, p);
}

/*
 * cluster_plot_accum(internal, x float8, y float8, cluster int, membership float8
 *	  [, title text, x_label text, y_label text]) returns internal
 *
 * Rows without x, y or cluster are left out; no membership counts as 1. The
 * texts are those of the first row that is not left out.
 */
PG_FUNCTION_INFO_V1(cluster_plot_accum);
Datum
cluster_plot_accum(PG_FUNCTION_ARGS)
{
	PlotState  *s = PG_ARGISNULL(0) ? NULL : (PlotState *) PG_GETARG_POINTER(0);
	MemoryContext aggcontext;
	MemoryContext old;
	PlotPoint	p;

	if (!AggCheckCallContext(fcinfo, &aggcontext))
		elog(ERROR, "cluster_plot_accum called in non-aggregate context");
	if (!read_point(fcinfo, &p))
	{
		if (s == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(s);
	}

	old = MemoryContextSwitchTo(aggcontext);
	if (s == NULL)
		s = begin_plot(fcinfo, &p);
	add_row(s, &p);
	MemoryContextSwitchTo(old);

	PG_RETURN_POINTER(s);
}

/*
 * cluster_plot_final(internal) returns text
 *
 * The picture. A window may call it again, so it leaves the state as it is.
 */
PG_FUNCTION_INFO_V1(cluster_plot_final);
Datum
cluster_plot_final(PG_FUNCTION_ARGS)
{
	const PlotState *s;
	StringInfoData out;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	s = (const PlotState *) PG_GETARG_POINTER(0);
	initStringInfo(&out);
	fc_svg_plot(&out, &s->plot);

	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

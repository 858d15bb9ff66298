/*
 * history.c - the course of a training as lines
 *
 * Rows of a history have iterations, or epochs, that begin with 1 again in each phase: a
 * trial on a sample comes first.  Here they follow one another along one axis, and phases
 * are marked.  The objective of a sample has a panel of its own, since it is smaller than
 * that of all rows.
 */
#include "pg/value/value.h"

#include "utils/builtins.h"

#include "pg/plot/figure.h"
#include "pg/plot/options.h"

#define ALONE_WIDTH 720.0
#define MOST_PHASES 12			/* that are marked: more are steps of one schedule */
#define MOST_PANELS 3
#define MOST_SERIES 3			/* objective, and of networks two parts of it */

/* The rows of a history */
typedef struct Course
{
	int			n;
	double	   *x;				/* (n) */
	double	   *y[FC_HISTORY_COLUMNS];	/* (n) each; the objective, of all rows */
	double	   *on_sample;		/* (n) the objective of the sample, or NaN */
	Phase	   *phase;			/* (nphase) */
	int			nphase;
} Course;

static const char *
phase_name(const FcModel *m, int i)
{
	const char *name = fc_phase_text(m, i);

	if (name == NULL)
		return "training";
	if ((m->algo->traits & FC_POSSIBILISTIC) && strcmp(name, FC_SAMPLE_PHASE) != 0)
		return strcmp(name, "0") == 0 ? "fuzzy c-means" : "typicalities";
	return name;
}

static bool
begins_phase(const FcModel *m, int i)
{
	return i == 0 || strcmp(phase_name(m, i - 1), phase_name(m, i)) != 0;
}

/* 0 for a number that no training has, as a model from elsewhere may */
static double
iteration_of(const FcModel *m, int i)
{
	double		iteration = fabs(fc_history_get(m, i, FC_HISTORY_ITERATION));

	return iteration <= PG_INT32_MAX ? iteration : 0;
}

/* The place of a row on the axis, after those before it */
static double
next_place(const FcModel *m, const Course *c, int i)
{
	double		now = iteration_of(m, i);
	double		before = i == 0 ? 0 : iteration_of(m, i - 1);

	if (i == 0)
		return now;
	return c->x[i - 1] + (now > before ? now - before : Max(now, 1));
}

/* Of the objective, what is of the sample and what is of all rows */
static void
part_objective(const FcModel *m, Course *c, int i)
{
	bool		on_sample = fc_history_get(m, i, FC_HISTORY_ITERATION) < 0;

	c->on_sample[i] = on_sample ? c->y[FC_HISTORY_OBJECTIVE][i] : NAN;
	if (on_sample)
		c->y[FC_HISTORY_OBJECTIVE][i] = NAN;
}

static Course
read_course(const FcModel *m)
{
	Course		c = {.n = m->history.count};

	c.x = palloc(c.n * sizeof(double));
	c.on_sample = palloc(c.n * sizeof(double));
	c.phase = palloc(c.n * sizeof(Phase));
	for (int column = 0; column < FC_HISTORY_COLUMNS; column++)
		c.y[column] = palloc(c.n * sizeof(double));
	for (int i = 0; i < c.n; i++)
	{
		c.x[i] = next_place(m, &c, i);
		for (int column = 0; column < FC_HISTORY_COLUMNS; column++)
			c.y[column][i] = fc_history_get(m, i, column);
		part_objective(m, &c, i);
		if (begins_phase(m, i))
			c.phase[c.nphase++] = (Phase) {.name = phase_name(m, i), .first = c.x[i]};
		c.phase[c.nphase - 1].last = c.x[i];
	}
	return c;
}

/* The panels of a figure */
typedef struct Panels
{
	const Course *course;
	PanelScale	scale;
	int			n;
	Panel		panel[MOST_PANELS];
	Series		series[MOST_PANELS][MOST_SERIES];
} Panels;

static bool
has_values(const double *y, int n)
{
	for (int i = 0; i < n; i++)
		if (isfinite(y[i]))
			return true;
	return false;
}

/* Adds a line, if it has values, to the next panel, which begins with it if it is the first */
static void
add_series(Panels *p, const char *name, const double *y)
{
	Panel	   *panel = &p->panel[p->n];

	if (!has_values(y, p->course->n))
		return;
	if (panel->nseries == 0)
		*panel = (Panel) {.label = name, .series = p->series[p->n], .scale = p->scale};
	p->series[p->n][panel->nseries++] = (Series) {.name = name, .n = p->course->n, .x = p->course->x, .y = y};
}

static void
end_panel(Panels *p)
{
	if (p->panel[p->n].nseries > 0)
		p->n++;
}

static bool
draw(StringInfo out, const Figure *f, const FcModel *m, PanelScale scale)
{
	Course		c = read_course(m);
	Panels		p = {.course = &c, .scale = scale};
	Lines		lines = {.x_label = m->algo->epochs ? "epoch" : "iteration", .phase = c.phase,
		.nphase = c.nphase > 1 && c.nphase <= MOST_PHASES ? c.nphase : 0};

	add_series(&p, "on the sample", c.on_sample);
	end_panel(&p);
	add_series(&p, "objective", c.y[FC_HISTORY_OBJECTIVE]);
	add_series(&p, "reconstruction", c.y[FC_HISTORY_RECONSTRUCTION]);
	add_series(&p, "clustering", c.y[FC_HISTORY_CLUSTERING]);
	end_panel(&p);
	add_series(&p, "change", c.y[FC_HISTORY_CHANGE]);
	end_panel(&p);
	if (p.n == 0)
		return false;
	lines.panel = p.panel;
	lines.npanel = p.n;
	fc_figure_lines(out, f, &lines);
	return true;
}

bool
fc_figure_history(StringInfo out, const Figure *f, const FcModel *m)
{
	return draw(out, f, m, PANEL_AUTO);
}

/* ---- SQL ---- */

/*
 * cluster_plot_history(model bytea, options jsonb DEFAULT NULL) returns text
 *
 * NULL if the model is, or has kept no history.
 */
PG_FUNCTION_INFO_V1(cluster_plot_history);
Datum
cluster_plot_history(PG_FUNCTION_ARGS)
{
	Figure		f = {.width = ALONE_WIDTH, .alone = true};
	HistoryOptions options;
	StringInfoData out;
	FcModel		m;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	options = fc_history_options(fc_options_argument(fcinfo, 1));
	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	f.title = options.title ? options.title : psprintf("Training of %s", m.algo->name);
	initStringInfo(&out);
	if (!draw(&out, &f, &m, (PanelScale) options.scale))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/*
 * figure_heat.c - a table of values as colours
 *
 *				 names of columns, upright where they have no room
 *	 name of row [][][][][]
 *	 name of row [][][][][]
 *				 -2 [ ... ] +2 label
 *
 * Values are written in the cells if the cells have room for them; and each cell has a
 * title with its names and value, unless there are very many. A cell without a value has a
 * diagonal.
 */
#include "postgres.h"

#include <math.h>

#include "pg/plot/figure.h"

#define NAME_SIZE 12.0
#define VALUE_SIZE 11.0
#define MOST_ROWS 100			/* drawn */
#define MOST_COLUMNS 100
#define LONGEST_ROW 0.3			/* name, of the width */
#define LONGEST_COLUMN 110.0	/* name, upright */
#define LEAST_PITCH 16.0		/* of names that stand side by side */
#define LEAST_CELL 3.0
#define CELL_HEIGHT 26.0
#define LOW_CELL 16.0			/* if there are more than FEW_ROWS */
#define FEW_ROWS 16
#define LARGEST_CELL 90.0
#define GAP 6.0
#define ROUNDING 0.5			/* of widths that are just those of texts */
#define MOST_TITLES 1500		/* cells with titles */
#define KEY_CELL 9.0			/* width of a colour in the key */
#define KEY_HEIGHT 10.0

typedef struct HeatLayout
{
	const HeatMap *map;
	int			rows;			/* drawn */
	int			columns;
	double		limit;
	double		left;			/* of the cells */
	double		top;
	double		width;			/* of a cell */
	double		height;
	double		upright;		/* length of upright names of columns; 0: they lie, below 0: there are none */
	bool		values;			/* in the cells */
} HeatLayout;

static double
value_at(const HeatMap *map, int row, int column)
{
	return map->value[(Size) row * map->columns + column];
}

/* A number with a decimal, or fewer if it is long */
static char *
short_number(double v)
{
	double		amount = fabs(v);
	char	   *text;

	if (!isfinite(v))
		return isnan(v) ? "" : v > 0 ? "\xE2\x88\x9E" : SVG_MINUS "\xE2\x88\x9E";
	text = amount < 99.95 ? psprintf("%.1f", amount) : amount < 1e6 ? psprintf("%.0f", amount) : psprintf("%.1e", amount);
	return v < 0 && strcmp(text, "0.0") != 0 ? psprintf(SVG_MINUS "%s", text) : text;
}

static double
find_limit(const HeatLayout *l)
{
	double		limit = 0;

	if (l->map->limit > 0)
		return l->map->limit;
	for (int r = 0; r < l->rows; r++)
		for (int c = 0; c < l->columns; c++)
			if (isfinite(value_at(l->map, r, c)))
				limit = Max(limit, fabs(value_at(l->map, r, c)));
	return limit > 0 ? limit : 1;
}

static double
widest_name(const char *const *name, int n)
{
	double		width = 0;

	for (int i = 0; i < n; i++)
		width = Max(width, fc_svg_text_width(name[i], NAME_SIZE));
	return width;
}

static double
widest_value(const HeatLayout *l)
{
	double		width = 0;

	for (int r = 0; r < l->rows; r++)
		for (int c = 0; c < l->columns; c++)
			width = Max(width, fc_svg_text_width(short_number(value_at(l->map, r, c)), VALUE_SIZE));
	return width;
}

static HeatLayout
lay_out(const HeatMap *map, const FigurePlace *at)
{
	HeatLayout	l = {.map = map, .rows = Min(map->rows, MOST_ROWS), .columns = Min(map->columns, MOST_COLUMNS)};
	double		names = Min(widest_name(map->row_name, l.rows), LONGEST_ROW * at->width);
	double		longest = widest_name(map->column_name, l.columns);

	l.limit = find_limit(&l);
	l.left = FIGURE_MARGIN + names + GAP;
	l.width = (at->width - FIGURE_MARGIN - l.left) / Max(l.columns, 1);
	l.width = Max(Min(l.width, LARGEST_CELL), LEAST_CELL);
	l.height = l.rows > FEW_ROWS ? LOW_CELL : CELL_HEIGHT;
	if (longest + GAP > l.width)
		l.upright = l.width < LEAST_PITCH ? -1 : Min(longest, LONGEST_COLUMN);
	l.top = at->top + (l.upright < 0 ? 0 : (l.upright > 0 ? l.upright : NAME_SIZE) + GAP);
	l.values = widest_value(&l) + 3 <= l.width && l.height >= VALUE_SIZE + 2;
	return l;
}

/* ---- drawing ---- */

/* A text that may be cut, and then has the whole as its title */
static void
draw_name(StringInfo out, double x, double y, const char *attributes, const char *name, double room)
{
	const char *text = fc_svg_text_fit(name, NAME_SIZE, room);

	appendStringInfo(out, "<text x='%.1f' y='%.1f'%s>", x, y, attributes);
	fc_svg_write(out, text);
	if (text != name)
	{
		appendStringInfoString(out, "<title>");
		fc_svg_write(out, name);
		appendStringInfoString(out, "</title>");
	}
	appendStringInfoString(out, "</text>");
}

static void
draw_names(StringInfo out, const HeatLayout *l)
{
	appendStringInfo(out, "<g class='names' font-size='%g'>", NAME_SIZE);
	for (int r = 0; r < l->rows; r++)
		draw_name(out, l->left - GAP, l->top + (r + 0.5) * l->height + 4.2, " text-anchor='end'",
				  l->map->row_name[r], l->left - GAP - FIGURE_MARGIN + ROUNDING);
	for (int c = 0; c < l->columns && l->upright >= 0; c++)
	{
		double		x = l->left + (c + 0.5) * l->width;
		double		y = l->top - GAP;

		if (l->upright == 0)
			draw_name(out, x, y, " text-anchor='middle'", l->map->column_name[c], l->width);
		else
			draw_name(out, x + 4.2, y, psprintf(" transform='rotate(-90 %.1f %.1f)'", x + 4.2, y),
					  l->map->column_name[c], l->upright + ROUNDING);
	}
	appendStringInfoString(out, "</g>");
}

static int
level_of(const HeatLayout *l, double value)
{
	double		part = value / l->limit;

	return (int) rint(Max(Min(part, 1), -1) * HEAT_LEVELS);
}

static void
draw_cell(StringInfo out, const HeatLayout *l, int r, int c)
{
	double		value = value_at(l->map, r, c);
	bool		known = !isnan(value);
	int			level = known ? level_of(l, value) : 0;
	double		x = l->left + c * l->width;
	double		y = l->top + r * l->height;

	appendStringInfo(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='%s'", x, y,
					 l->width, l->height, known ? fc_heat_color(level) : "none");
	if (l->rows * l->columns <= MOST_TITLES)
	{
		appendStringInfoString(out, "><title>");
		fc_svg_write(out, psprintf("%s \xC2\xB7 %s: %s", l->map->row_name[r], l->map->column_name[c],
								   known ? fc_svg_number(value) : "none"));
		appendStringInfoString(out, "</title></rect>");
	}
	else
		appendStringInfoString(out, "/>");
	if (!known)
		appendStringInfo(out, "<path fill='none' stroke='" AXES "' d='M%.1f %.1fL%.1f %.1f'/>", x, y + l->height, x + l->width, y);
	if (known && l->values)
		fc_svg_draw_text(out, x + l->width / 2, y + l->height / 2 + 4,
						 psprintf(" fill='%s' pointer-events='none'", fc_heat_ink(level)), short_number(value));
}

static void
draw_cells(StringInfo out, const HeatLayout *l)
{
	bool		rims = l->width > 8;

	appendStringInfo(out, "<g class='cells' font-size='%g' text-anchor='middle'>", VALUE_SIZE);
	for (int r = 0; r < l->rows; r++)
		for (int c = 0; c < l->columns; c++)
			draw_cell(out, l, r, c);
	appendStringInfo(out, "</g><path class='rims' fill='none' stroke='" PAPER "' stroke-width='%g' d='", rims ? 1.5 : 0.6);
	for (int r = 1; r < l->rows; r++)
		appendStringInfo(out, "M%.1f %.1fh%.1f", l->left, l->top + r * l->height, l->columns * l->width);
	for (int c = 1; c < l->columns && rims; c++)
		appendStringInfo(out, "M%.1f %.1fv%.1f", l->left + c * l->width, l->top, l->rows * l->height);
	appendStringInfoString(out, "'/>");
}

/* The colours, from the least value to the largest; y: its top */
static void
draw_key(StringInfo out, const HeatLayout *l, double y)
{
	double		width = (2 * HEAT_LEVELS + 1) * KEY_CELL;
	char	   *text = psprintf("%.3g", l->limit);
	double		x = FIGURE_MARGIN + fc_svg_text_width(text, VALUE_SIZE) + 14;

	appendStringInfo(out, "<g class='key' font-size='%g'>", VALUE_SIZE);
	for (int level = -HEAT_LEVELS; level <= HEAT_LEVELS; level++)
		appendStringInfo(out, "<rect x='%.1f' y='%.1f' width='%g' height='%g' fill='%s'/>",
						 x + (level + HEAT_LEVELS) * KEY_CELL, y, KEY_CELL, KEY_HEIGHT, fc_heat_color(level));
	fc_svg_draw_text(out, x - GAP, y + KEY_HEIGHT - 1, " text-anchor='end'", psprintf(SVG_MINUS "%s", text));
	fc_svg_draw_text(out, x + width + GAP, y + KEY_HEIGHT - 1, "",
					 l->map->label != NULL ? psprintf("%s %s", text, l->map->label) : text);
	appendStringInfoString(out, "</g>");
}

/* What of the table is not drawn, or NULL */
static const char *
caption_of(const HeatLayout *l)
{
	if (l->rows == l->map->rows && l->columns == l->map->columns)
		return NULL;
	return psprintf("%s of %s rows, %s of %s columns drawn", fc_svg_count(l->rows), fc_svg_count(l->map->rows),
					fc_svg_count(l->columns), fc_svg_count(l->map->columns));
}

void
fc_figure_heat_map(StringInfo out, const Figure *f, const HeatMap *map)
{
	FigurePlace at = fc_begin_figure(f);
	HeatLayout	l = lay_out(map, &at);
	const char *caption = caption_of(&l);
	double		bottom = l.top + l.rows * l.height + 12;

	fc_open_figure(out, f, &at, bottom + KEY_HEIGHT + (caption ? 20 : 0) + FIGURE_MARGIN,
				   psprintf("Table of %s rows and %s columns as colours", fc_svg_count(map->rows), fc_svg_count(map->columns)));
	draw_cells(out, &l);
	draw_names(out, &l);
	draw_key(out, &l, bottom);
	if (caption != NULL)
		fc_svg_draw_text(out, FIGURE_MARGIN, bottom + KEY_HEIGHT + 20, " font-size='11' fill='" SOFT_INK "'", caption);
	fc_close_figure(out);
}

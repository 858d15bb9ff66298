#!/usr/bin/env python3
"""
mixed.py - reference values for a table of numbers and texts, with weights and gaps

    test/golden/mixed.py >test/sql/include/mixed.psql       for test/sql/mixed.sql; needs numpy
    test/golden/mixed.py --compare 'host=... dbname=...'    trains in that database, and compares; needs psycopg2 as well

From the formulas, in numpy, apart from the C code.  A row has columns, each a number or a text, and a weight w.

    numbers     (x - mean) / deviation: weighted, of the values that are there
    texts       one indicator for each value, sorted by the bytes of UTF-8; 1 becomes f,
                f^2 = (mean variance of the numbers, here 1) / (mean over texts of the sum of the variances of indicators,
                which is 1 - sum of the squares of shares, where no gap has been filled)
    gaps        partial distances (Hathaway and Bezdek 2001): the sum over columns that are there, times
                (columns) / (columns that are there); the gap of a text takes all its indicators away
    centers     v_cj = sum w_i u_ic^m x_ij / sum w_i u_ic^m, over the rows that have a value there
    objective   sum w_i u_ic^m d_ic, for mec sum w_i u_ic (d_ic + T ln u_ic), at the centers given

Rows of weight 0, and rows without any value, are left out.  With missing => 'mean' gaps are filled before all this: with
the mean of a number, and with the shares of the values of a text.

The rows are made of integers alone, the same in SQL and here, to the last bit.
"""
import argparse
import json
import sys

import numpy as np

CLUSTERS = 4
UNITS = (1., 10., 100., .25, 1000., 4.)
VALUES = (("red", "green", "Blue"), ("zebra", "Äpfel", "apple", "Zürich", "żółty"),
          tuple(f"level {j}" for j in range(7)), tuple(f"v{j}" for j in range(12)))
NUMBERS, COLUMNS = len(UNITS), len(UNITS) + len(VALUES)
GAPS = .08
ROWS = 600                      # of the test
SHOWN = 12                      # rows whose memberships are compared there
TOLERANCE = 1e-8

# algorithm, its option, number of iterations
RUNS = [(algorithm, option, missing, iterations)
        for algorithm, option in (("kmeans", {}), ("fcm", {"fuzzifier": 1.5}), ("mec", {"temperature": 2.}))
        for missing, iterations in (("partial", 1), ("partial", 5), ("partial", 100), ("mean", 1), ("mean", 2000))]
CONVERGED = 2000                # then steps may be extrapolated on the way

# u(i, j): numbers that look random, from 0 to less than 1
SQL_FUNCTION = """\
CREATE FUNCTION pg_temp.u(i bigint, j bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT ((b * b + j) % 2147483647) / 2147483648::float8
	FROM (SELECT (a * a + i) % 2147483647 AS b FROM (SELECT (i * 7919 + j * 104729 + 12345) % 2147483647 AS a) s) t
$$;
"""


def u(i, j):
    a = (i * 7919 + j * 104729 + 12345) % 2147483647
    b = (a * a + i) % 2147483647
    return ((b * b + j) % 2147483647) / 2147483648


# ---- the rows

def sql_rows(rows):
    """A statement that makes the table mixed."""
    numbers = [f"CASE WHEN {sql_there(j)} THEN {unit:g}::float8 * (i % 4 * {j + 1} * 7 % 11 + 8 * (pg_temp.u(i, {j}) "
               f"+ pg_temp.u(i, {10 + j})) - 8) END AS n{j + 1}" for j, unit in enumerate(UNITS)]
    texts = [f"CASE WHEN {sql_there(NUMBERS + j)} THEN ('{{{','.join(values)}}}'::text[])[1 + CASE WHEN pg_temp.u(i, {20 + j}) < 0.75 "
             f"THEN i % 4 * {j + 1} % {len(values)} ELSE floor(pg_temp.u(i, {30 + j}) * {len(values)})::int END] END AS c{j + 1}"
             for j, values in enumerate(VALUES)]
    return ("CREATE TABLE mixed AS SELECT i AS id,\n\t" + ",\n\t".join(numbers + texts) +
            f",\n\tfloor(pg_temp.u(i, 60) * 8) / 4 AS weight\nFROM generate_series(1, {rows}::bigint) i;\n")


def sql_there(column):
    return f"i % 97 > 0 AND pg_temp.u(i, {40 + column}) >= {GAPS}"


def make_rows(rows):
    """Numbers (n, 6) with NaN, codes of texts (n, 4) in the order of bytes or -1, weights (n)."""
    i = np.arange(1, rows + 1, dtype=np.int64)
    x = np.empty((rows, NUMBERS))
    codes = np.empty((rows, len(VALUES)), int)
    for j, unit in enumerate(UNITS):
        x[:, j] = unit * (i % 4 * (j + 1) * 7 % 11 + 8 * (u(i, j) + u(i, 10 + j)) - 8)
        x[~there(i, j), j] = np.nan
    for j, values in enumerate(VALUES):
        order = np.array([sorted(values, key=str.encode).index(value) for value in values])
        index = np.where(u(i, 20 + j) < .75, i % 4 * (j + 1) % len(values), np.floor(u(i, 30 + j) * len(values)).astype(int))
        codes[:, j] = np.where(there(i, NUMBERS + j), order[index], -1)
    return x, codes, np.floor(u(i, 60) * 8) / 4


def there(i, column):
    return (i % 97 > 0) & (u(i, 40 + column) >= GAPS)


class Table:
    """All rows with indicators in place of texts, x (n, d); what a column shares with its indicators, share (d)."""

    def __init__(self, rows):
        numbers, codes, weight = make_rows(rows)
        parts, shares = [numbers], [np.ones(NUMBERS)]
        for j, values in enumerate(VALUES):
            indicators = np.eye(len(values))[codes[:, j]]
            indicators[codes[:, j] < 0] = np.nan
            parts.append(indicators)
            shares.append(np.full(len(values), 1 / len(values)))
        self.x, self.share, self.weight = np.hstack(parts), np.concatenate(shares), weight
        self.counts = (weight > 0) & ~np.isnan(self.x).all(1)

    def filled(self):
        """x with the means in place of gaps"""
        x = self.x.copy()
        mean, _ = moments(x[self.counts], self.weight[self.counts])
        for j in range(x.shape[1]):
            x[np.isnan(x[:, j]), j] = mean[j]
        return x

    def first_centers(self):
        """Of each group the first row that has no gaps."""
        complete = self.counts & ~np.isnan(self.x).any(1)
        rows = [np.flatnonzero(complete & ((np.arange(len(self.x)) + 1) % 4 == c))[0] for c in range(CLUSTERS)]
        return self.x[rows]


def moments(x, w):
    """Weighted mean and variance of the values that are there, by column."""
    seen = ~np.isnan(x)
    total = w @ seen
    mean = w @ np.where(seen, x, 0) / total
    return mean, w @ np.where(seen, (np.where(seen, x, 0) - mean) ** 2, 0) / total


# ---- the reference

def scaling(x, w):
    """Shift and factor (d) of each feature."""
    mean, variance = moments(x, w)
    shift, factor = np.zeros(x.shape[1]), np.ones(x.shape[1])
    shift[:NUMBERS], factor[:NUMBERS] = mean[:NUMBERS], variance[:NUMBERS] ** -.5
    unlike, at = [], NUMBERS
    for values in VALUES:
        unlike.append(variance[at:at + len(values)].sum())
        at += len(values)
    factor[NUMBERS:] = np.mean(unlike) ** -.5
    return shift, factor


def distances(x, v, share):
    """Partial distances (n, k), squared."""
    seen = ~np.isnan(x)
    filled, part = np.where(seen, x, 0), COLUMNS / (seen @ share)
    return np.stack([(seen * (filled - center) ** 2).sum(1) * part for center in v], 1)


def memberships(d, algorithm, option):
    if algorithm == "kmeans":
        return np.eye(d.shape[1])[d.argmin(1)]
    if algorithm == "fcm":
        least = d.min(1, keepdims=True)
        on_centers = least == 0
        u = np.where(on_centers, d == 0, (np.where(on_centers, 1, d) / np.where(on_centers, 1, least)) ** (-1 / (option["fuzzifier"] - 1)))
    else:
        u = np.exp(-(d - d.min(1, keepdims=True)) / option["temperature"])
    return u / u.sum(1, keepdims=True)


def objective(d, u, w, algorithm, option):
    if algorithm == "mec":
        return w @ (u * (d + option["temperature"] * np.log(np.maximum(u, 1e-300)))).sum(1)
    return w @ (u ** option.get("fuzzifier", 1) * d).sum(1)


def train(table, v, algorithm, option, missing, iterations):
    """Centers in the units of the columns, memberships of all rows, objective."""
    x = table.filled() if missing == "mean" else table.x
    shift, factor = scaling(x[table.counts], table.weight[table.counts])
    x, v = (x - shift) * factor, (v - shift) * factor
    rows, w = x[table.counts], table.weight[table.counts]
    seen = ~np.isnan(rows)
    filled = np.where(seen, rows, 0)
    for _ in range(iterations):
        u = memberships(distances(rows, v, table.share), algorithm, option) ** option.get("fuzzifier", 1) * w[:, None]
        v, before = (u.T @ filled) / (u.T @ seen), v
        if np.abs(v - before).max() < 1e-13:
            break
    d = distances(rows, v, table.share)
    value = objective(d, memberships(d, algorithm, option), w, algorithm, option)
    has = ~np.isnan(table.x).all(1)
    every = np.full((len(x), CLUSTERS), np.nan)
    every[has] = memberships(distances(x[has], v, table.share), algorithm, option)
    return v / factor + shift, every, value


# ---- what is printed

HEAD = """\
\\set ECHO none
-- Numbers and texts with weights and gaps, and what they become from given first centers; written by test/golden/mixed.py
"""


def braces(values):
    if np.ndim(values):
        return "{" + ",".join(map(braces, values)) + "}"
    return "NULL" if np.isnan(values) else repr(float(values))


def print_reference():
    table = Table(ROWS)
    first = table.first_centers()
    print(HEAD + SQL_FUNCTION + sql_rows(ROWS), end="")
    print(f"\\set first '{json.dumps(first.tolist())}'")
    print("CREATE TABLE reference (algorithm text, options jsonb, missing text, iterations int, centers float8[], memberships float8[], "
          "objective float8);\nINSERT INTO reference VALUES")
    lines = []
    for algorithm, option, missing, iterations in RUNS:
        v, u, value = train(table, first, algorithm, option, missing, iterations)
        lines.append(f"('{algorithm}', '{json.dumps(option)}', '{missing}', {iterations},\n\t'{braces(v)}',\n"
                     f"\t'{braces(u[:SHOWN])}', {float(value)!r})")
    print(",\n".join(lines) + ";\n\\set ECHO all")


# ---- the full size, in a server

COLUMN_LIST = ", ".join([f"n{j + 1}" for j in range(NUMBERS)] + [f"c{j + 1}" for j in range(len(VALUES))])


class Database:
    def __init__(self, connection, rows):
        import psycopg2
        self.connection = psycopg2.connect(connection)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.run("SET client_min_messages = error")
        self.run("DROP TABLE IF EXISTS mixed")
        self.run(SQL_FUNCTION + sql_rows(rows).replace("CREATE TABLE", "CREATE UNLOGGED TABLE"))
        self.run("VACUUM ANALYZE mixed")

    def run(self, statement, *values):
        self.cursor.execute(statement, values or None)
        return self.cursor.fetchall() if self.cursor.description else []

    def train(self, algorithm, options, order="id"):
        query = f"SELECT {COLUMN_LIST}, weight FROM mixed ORDER BY {order}"
        return bytes(self.run(f"SELECT {algorithm}_train(%s, {CLUSTERS}, %s::jsonb)", query, json.dumps(options))[0][0])

    def centers(self, model):
        return np.array([row[0] for row in self.run("SELECT center FROM cluster_centers(%s) ORDER BY cluster", model)])

    def memberships(self, model):
        """Of all rows (n, k); NaN where there are none"""
        rows = self.run(f"WITH m AS MATERIALIZED (SELECT %s::bytea AS model) SELECT cluster_membership(model, r) FROM m, "
                        f"(SELECT {COLUMN_LIST} FROM mixed ORDER BY id) r", model)
        return np.array([row[0] or [np.nan] * CLUSTERS for row in rows])

    def objective(self, model):
        return float(self.run("SELECT cluster_info(%s) ->> 'objective'", model)[0][0])


def differences(ours, theirs):
    """The largest difference, relative above 1; infinite where only one is NaN"""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if (np.isnan(ours) != np.isnan(theirs)).any():
        return np.inf
    return np.nanmax(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs)))


def compare(connection, rows):
    """Prints a line for each training; the number of those that differ by more than the tolerance."""
    table, database = Table(rows), Database(connection, rows)
    first, bad = table.first_centers(), 0
    for algorithm, option, missing, iterations in RUNS:
        v, u, value = train(table, first, algorithm, option, missing, iterations)
        model = database.train(algorithm, {**option, "init": first.tolist(), "scale": "zscore", "missing": missing,
                                           "weight": "weight", "max_iterations": iterations,
                                           "tolerance": 1e-12 if iterations == CONVERGED else 0})
        found = (differences(database.centers(model), v), differences(database.memberships(model), u),
                 abs(database.objective(model) / value - 1))
        bad += max(found) > TOLERANCE
        print(f"{algorithm:7} {missing:8} {iterations:4} iterations: centers {found[0]:.1e}, memberships {found[1]:.1e}, "
              f"objective {found[2]:.1e}", flush=True)
    for algorithm, option, *_ in RUNS[::5]:
        options = {**option, "scale": "zscore", "missing": "partial", "weight": "weight", "passes": "query"}
        models = {database.train(algorithm, options, order) for order in ("id", "md5(id::text)")}
        bad += len(models) > 1
        print(f"{algorithm:7} passes => 'query', shuffled rows: {'the same bytes' if len(models) == 1 else 'OTHER BYTES'}", flush=True)
    return bad


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--compare")
    parser.add_argument("--rows", type=int, default=200_000)
    arguments = parser.parse_args()
    if arguments.compare is None:
        return print_reference()
    sys.exit(compare(arguments.compare, arguments.rows) > 0)


main()

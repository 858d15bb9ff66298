"""
part_tables.py - weights, categories and gaps beside the plain training of the same rows

The plain rows have no gaps, no weights, and texts as columns of 0 and 1.
"""
import io
import json

import numpy as np

import sets
import table
from bench import difference

ITERATIONS = 2, 40
WHOLE = 20                      # of a statement
NOTHING = 1.03                  # of options that have nothing to do
ALGORITHMS = ("kmeans", "fcm")


def run(bench):
    k = sets.SHAPES["T"][2]
    load(bench.server, *sets.table(bench.quick))
    table.heading(f"{bench.server.value('SELECT count(*) FROM t'):,} rows of {sets.NUMBERS} numbers and "
                  f"{len(sets.LEVELS)} texts: an iteration, and a whole statement, over those of the plain rows; one core")
    centers = bench.server.value(f"SELECT array_agg(plain) FROM (SELECT plain FROM t ORDER BY n0 LIMIT {k}) s")
    for algorithm in ALGORITHMS:
        side = Side(bench, algorithm, centers)
        compare(bench, f"{algorithm}: a weight of 1", side("plain", weight="one"), side("plain"))
        compare(bench, f"{algorithm}: weights", side("plain", weight="weight"), side("plain"))
        compare(bench, f"{algorithm}: categories", side("whole"), side("plain"))
        compare(bench, f"{algorithm}: missing => 'partial', no gaps", side("plain", missing="partial"), side("plain"), NOTHING)
        compare(bench, f"{algorithm}: gaps in numbers", side("holes", missing="partial"), side("plain"))
        compare(bench, f"{algorithm}: gaps in numbers, missing => 'mean'", side("holes", missing="mean"), side("plain"))
        compare(bench, f"{algorithm}: weights, categories and gaps", side("mixed", weight="weight", missing="partial"),
                side("plain"))
    bench.server.drop("t")


class Side:
    """side(features, weight, options) is a function that trains: (seconds, processor seconds, iterations made)."""

    def __init__(self, bench, algorithm, centers):
        self.server, self.algorithm, self.centers = bench.server, algorithm, centers

    def __call__(self, features, weight=None, **options):
        fields = {"whole": (NUMBER_COLUMNS, TEXT_COLUMNS), "mixed": (with_gaps(NUMBER_COLUMNS), with_gaps(TEXT_COLUMNS))}
        arguments = f"ROW({', '.join(sum(fields[features], []))})" if features in fields else features

        def fit(iterations):
            given = {"init": self.centers, "tolerance": 0, "max_iterations": iterations, **options}
            if self.algorithm == "fcm":
                given["fuzzifier"] = 2
            wall, cpu, model = self.server.timed(
                f"SELECT {self.algorithm}_fit({arguments}, {len(self.centers)}, %s::jsonb{', ' + weight if weight else ''}) FROM t",
                json.dumps(given))
            return wall, cpu, self.server.info(bytes(model))["iterations"]
        return fit


def compare(bench, what, ours, theirs, limit=None):
    few, many = ITERATIONS
    sides = table.alternate(bench.runs, difference(ours, few, many), difference(theirs, few, many))
    table.pair(f"{what}, an iteration", *sides, "ms", limit, scale=1e3)
    table.pair(f"{what}, a statement", *table.alternate(bench.runs, lambda _: ours(WHOLE), lambda _: theirs(WHOLE)), limit=limit)


# ---- the table

NUMBER_COLUMNS = [f"n{j}" for j in range(sets.NUMBERS)]
TEXT_COLUMNS = [f"c{j}" for j in range(len(sets.LEVELS))]


def with_gaps(columns):
    return [column + "_gaps" for column in columns]


def load(server, numbers, codes, gaps, weight):
    """Columns with and without gaps; and arrays: "plain" with texts as 0 and 1, "holes" with gaps where numbers have some."""
    server.execute("DROP TABLE IF EXISTS t")
    kinds = [f"{column} float8" for column in NUMBER_COLUMNS + with_gaps(NUMBER_COLUMNS)]
    kinds += [f"{column} text" for column in TEXT_COLUMNS + with_gaps(TEXT_COLUMNS)]
    server.execute(f"CREATE UNLOGGED TABLE t (id int, weight float8, one float8, {', '.join(kinds)}, plain float8[], holes float8[])")
    server.cursor.copy_expert("COPY t FROM STDIN", io.StringIO("".join(lines(numbers, codes, gaps, weight))))
    server.execute("VACUUM (FREEZE, ANALYZE) t")


def lines(numbers, codes, gaps, weight):
    ones = [np.eye(levels, dtype=int) for levels in sets.LEVELS]
    for i, (row, code, gap) in enumerate(zip(numbers.tolist(), codes, gaps)):
        indicators = [value for j, c in enumerate(code) for value in ones[j][c]]
        holes = ["NULL" if gap[j] else repr(value) for j, value in enumerate(row)]
        texts = [f"value {c}" for c in code]
        fields = [i + 1, weight[i], 1, *row, *or_null(row, gap[:sets.NUMBERS]), *texts, *or_null(texts, gap[sets.NUMBERS:]),
                  "{" + ",".join(map(str, row + indicators)) + "}", "{" + ",".join(map(str, holes + indicators)) + "}"]
        yield "\t".join(map(str, fields)) + "\n"


def or_null(values, gaps):
    return ["\\N" if gap else value for value, gap in zip(values, gaps)]

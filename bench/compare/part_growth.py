"""
part_growth.py - twice the rows, columns or clusters: how many times the seconds of an iteration

Within one regime (in cache, in memory, spilled to files) at most 2.2; across their boundaries it is reported.
"""
import numpy as np

import sets
import table

LIMIT = 2.2
MEMORY = (500_000, 32, 16)      # 64 MB: beyond the caches
CACHE = (40_000, 32, 16)        # 5 MB: within the third level
SPILL = "32MB"                  # maintenance_work_mem; half the base


def run(bench):
    table.heading("an iteration of twice the rows, columns or clusters over that of the base (ours: twice, theirs: the base), "
                  "in ms, one core")
    n, d, k = MEMORY
    memory = (n // 4 if bench.quick else n, d, k)
    compare(bench, "in cache", CACHE)
    compare(bench, "in memory", memory)
    with bench.server.setting("maintenance_work_mem", "8MB" if bench.quick else SPILL):
        compare(bench, "spilled", memory)
    cross(bench, memory)


def compare(bench, regime, base):
    n, d, k = base
    once = {algorithm: start(bench, algorithm, "base", *base) for algorithm in ("fcm", "kmeans")}
    for what, twice in (("n", (2 * n, d, k)), ("d", (n, 2 * d, k)), ("k", (n, d, 2 * k))):
        for algorithm, side in once.items():
            doubled, single = table.alternate(bench.runs_of("base", k), start(bench, algorithm, "twice", *twice), side)
            table.pair(f"{algorithm}, {regime}: {what} of {n} x {d}, k = {k}, doubled", doubled, single, "ms", LIMIT, scale=1e3)
        bench.drop("twice")
    bench.drop("base")


def start(bench, algorithm, name, n, d, k):
    """A function that measures an iteration on a set of this shape, which is made unless it is there."""
    if name not in bench.rows:
        bench.use(name, sets.mixture(np.random.default_rng([n, d]), n, d, k, sets.APART), k)
    return bench.iteration(algorithm, name, k)


def cross(bench, memory):
    """From the cache to memory, as the time of a row, and from memory to files."""
    for algorithm in "fcm", "kmeans":
        sides = [a_row(start(bench, algorithm, name, *shape), shape[0])
                 for name, shape in (("large", memory), ("little", CACHE))]
        table.pair(f"{algorithm}, a row: in memory over in cache", *table.alternate(bench.runs, *sides), "ns", scale=1e9)
        inside = start(bench, algorithm, "large", *memory)
        table.pair(f"{algorithm}, an iteration: spilled over in memory",
                   *table.alternate(bench.runs, spilling(bench, inside), inside), "ms", scale=1e3)
    bench.drop("large")
    bench.drop("little")


def a_row(side, n):
    return lambda run: [took / n for took in side(run)]


def spilling(bench, side):
    def measure(run):
        with bench.server.setting("maintenance_work_mem", "8MB" if bench.quick else SPILL):
            return side(run)
    return measure

"""
part_kmeans.py - kmeans_fit with its defaults beside scikit-learn: how good, and how long
"""
import os

import sets
import table
from bench import nearest

SEEDS = 10
IRIS = os.path.join(os.path.dirname(__file__), "..", "..", "test", "data", "iris.csv")


def run(bench):
    seeds = range(3 if bench.quick else SEEDS)
    table.heading("kmeans_fit, defaults: objective over that of KMeans(n_init=10), medians over seeds; then seconds, "
                  "reading included, over KMeans(n_init=1)")
    for name in sets.SEPARATION:
        compare_large(bench, name, seeds)
    small = sets.sets_of_directory(bench.arguments.data) if bench.arguments.data else sets.small_sets(IRIS)
    for name, x, k in small:
        compare_small(bench, name, x, k, seeds)


def compare_large(bench, name, seeds):
    x, k = bench.use(name)
    server = bench.server
    ours, once = table.alternate(len(seeds), lambda seed: server.fit("kmeans", name, k, seed=seed),
                                 lambda seed: bench.peer().kmeans(name, k, n_init=1, random_state=seed))
    many = [bench.peer().kmeans(name, k, n_init=10, random_state=seed) for seed in seeds]
    objectives(f"{name}: objective", x, [server.centers(model) for _, _, model in ours], [run[2] for run in many])
    table.note(f"{name}: {table.median([server.info(model)['iterations'] for _, _, model in ours]):g} passes over all rows; "
               f"n_init=10 takes {table.median([run[0] for run in many]):.2f} s")
    table.pair(f"{name}: time, one core", ours, once, limit=.6)

    server.set_workers(bench.arguments.workers)
    table.pair(f"{name}: time, {1 + bench.arguments.workers} cores", one_core=False, *table.alternate(
        min(bench.runs, len(seeds)), lambda seed: server.fit("kmeans", name, k, seed=seed),
        lambda seed: bench.peer(1 + bench.arguments.workers).kmeans(name, k, n_init=1, random_state=seed)))
    server.set_workers(0)
    bench.drop(name)


def compare_small(bench, name, x, k, seeds):
    bench.use("small", x, k)
    ours = [bench.server.centers(bench.server.fit("kmeans", "small", k, seed=seed)[2]) for seed in seeds]
    theirs = [bench.peer().kmeans("small", k, n_init=10, random_state=seed)[2] for seed in seeds]
    objectives(f"{name} (k = {k}): objective", x, ours, theirs)
    bench.drop("small")


def objectives(what, x, ours, theirs):
    ours, theirs = (table.median([nearest(x, v) for v in side]) for side in (ours, theirs))
    table.line(what, ours, theirs, "", 1.001, form=".6f")

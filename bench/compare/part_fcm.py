"""
part_fcm.py - fcm_fit with its defaults but the fuzzifier: objective, passes, and time beside e1071
"""
import sets
import table
from bench import fuzzy

MOST_PASSES = 30
M = 2


def run(bench):
    table.heading("fcm_fit, defaults, one core: objective above the best known (relative), passes over all rows, and seconds, "
                  "reading included, over e1071's cmeans(x, k)")
    for name in sets.SEPARATION:
        compare(bench, name)


def compare(bench, name):
    x, k = bench.use(name)
    server = bench.server
    ours, theirs = table.alternate(min(bench.runs, 2) if bench.quick else bench.runs,
                                   lambda seed: server.fit("fcm", name, k, seed=seed, fuzzifier=M),
                                   lambda seed: bench.cmeans(name, k, M, seed=seed))
    reached = [fuzzy(x, server.centers(model), M) for _, _, model in ours]
    others = [fuzzy(x, centers, M) for _, _, centers, _ in theirs]
    best = min(reached + others + best_known(bench, name, x, k))
    table.line(f"{name}: objective, median over seeds, above the best known", table.median(reached), best, "", 1e-8,
               ratio=table.median(reached) / best - 1, form=".1e")
    table.line(f"{name}: objective of e1071's defaults above the best known", table.median(others), best, "",
               ratio=table.median(others) / best - 1, form=".1e")
    passes = table.median([server.info(model)["iterations"] for _, _, model in ours])
    table.line(f"{name}: passes over all rows (theirs: iterations of e1071)", passes,
               table.median([made for *_, made in theirs]), "", MOST_PASSES, ratio=passes, form=".0f")
    table.pair(f"{name}: time", ours, theirs, limit=.015)
    bench.drop(name)


def best_known(bench, name, x, k):
    """Objectives of long runs from several starts."""
    models = [bench.server.fit("fcm", name, k, seed=seed, fuzzifier=M, tolerance=1e-14, restarts=1,
                               max_iterations=300 if bench.quick else 3000)[2] for seed in (101, 102, 103)]
    return [fuzzy(x, bench.server.centers(model), M) for model in models]

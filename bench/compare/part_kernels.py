"""
part_kernels.py - an iteration on one core: fcm beside the bare kernel of bare.c, kmeans beside scikit-learn's Lloyd

Both sides start from the same centers; an iteration is the difference of many and few, divided by their number, so that
reading rows and the rest of a statement cancel out.
"""
import os
import subprocess

import sets
import table
from bench import FEW, MANY, difference

BARE = os.path.join(os.path.dirname(__file__), "..", "..", "build", "bench", "bare")
KMEANS_LIMIT = {"A": .3, "B": .3, "C": .4, "D": .3}


def run(bench):
    table.heading("an iteration on one core, in ms: of fcm_fit over the bare kernel, of kmeans_fit over scikit-learn's, "
                  "and fcm_fit over e1071's")
    for name in "ABCD":
        x, k = bench.use(name)
        sets.start_of("fcm", x, k).astype("f4").tofile(os.path.join(bench.directory, name + "_init.f32"))
        for m in 2, 1.7:
            compare_fcm(bench, name, x, k, m)
        compare_kmeans(bench, name, x, k)
        if name == "A":
            compare_e1071(bench, name, k)
        bench.drop(name)


def compare_fcm(bench, name, x, k, m):
    ours, theirs = table.alternate(bench.runs_of(name, k), bench.iteration("fcm", name, k, fuzzifier=m),
                                   lambda _: bare(bench, name, x, k, m))
    table.pair(f"{name}: fcm, m = {m}, over the bare kernel", ours, theirs, "ms", 1.2, scale=1e3)


def bare(bench, name, x, k, m):
    """Seconds of the clock and of the processor that bare.c prints for an iteration."""
    file = os.path.join(bench.directory, name)
    printed = subprocess.run([BARE, file + ".f32", file + "_init.f32", *map(str, (*x.shape, k, MANY - FEW, m))],
                             check=True, capture_output=True, text=True).stdout
    return tuple(map(float, printed.split()[:2]))


def compare_kmeans(bench, name, x, k):
    centers = sets.start_of("kmeans", x, k).astype("f4")

    def theirs(iterations):
        wall, cpu, _, made = bench.peer().kmeans(name, k, init=centers, n_init=1, max_iter=iterations, tol=0)
        return wall, cpu, made
    ours = bench.iteration("kmeans", name, k)
    table.pair(f"{name}: kmeans, over scikit-learn", *table.alternate(
        bench.runs_of(name, k), ours, difference(theirs, FEW, MANY)), "ms", KMEANS_LIMIT[name], scale=1e3)


def compare_e1071(bench, name, k):
    def theirs(iterations):
        wall, cpu, _, made = bench.cmeans(name, k, 2, iterations)
        return wall, cpu, made
    table.pair(f"{name}: fcm, m = 2, over e1071 (float8)", *table.alternate(
        bench.runs, bench.iteration("fcm", name, k), difference(theirs, 2, 12)), "ms", scale=1e3)

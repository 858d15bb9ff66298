"""
part_costs.py - the cost model of doc/performance.md, over measured statements

    seconds = read + launch + (iterations + EXTRA_PASSES) * pass
    read    = n (READ_ROW + READ_VALUE d)
    pass    = n max(arithmetic / members, memory) + n file
    arithmetic = d k / (SHARE of what one core does at most) + WEIGHT k + ADD_VALUE d
    memory     = bytes of a row / bandwidth

What one core does at most and the bandwidth come from limit.c, in this run; the rest are the constants below.
"""
import os
import subprocess

import sets
import table

LIMIT_PROGRAM = os.path.join(os.path.dirname(__file__), "..", "..", "build", "bench", "limit")
WITHIN = 1.5                    # model over measured, or the other way round

READ_ROW, READ_VALUE = 100e-9, 2.8e-9       # seconds
READ_TOAST = 3.3e-6             # of a row stored out of line, more than 2 kB
WEIGHT = {"kmeans": .1e-9, "fcm m = 2": .2e-9, "fcm m = 1.7": .9e-9}        # seconds of a membership
ADD_VALUE = {"kmeans": .2e-9}   # seconds of a value that is added to its cluster's sum alone
SHARE = .75                     # of the maximum speed of arithmetic
FILE_RATE = 4e9                 # bytes a second of files in the cache of the system
LAUNCH = .02                    # seconds of a team
EXTRA_PASSES = 1                # which scores the rows at last
ITERATIONS = 20


def run(bench):
    table.heading(f"the cost model over measured seconds of whole statements of {ITERATIONS} iterations "
                  f"(ours: model, theirs: measured, of one core in processor time); within a factor of {WITHIN}")
    machine = measure_machine()
    for name in "ABCD":
        x, k = bench.use(name)
        for algorithm in WEIGHT:
            compare(bench, machine, name, algorithm, k)
        if name in "BC":
            compare(bench, machine, name, "fcm m = 2", k, workers=1)
            compare(bench, machine, name, "fcm m = 2", k, memory="8MB" if bench.quick else "32MB")
        bench.drop(name)


def measure_machine():
    """Repetitions a second of a subtraction and one or two multiply-adds, and bytes a second, of one core."""
    printed = subprocess.run([LIMIT_PROGRAM], check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in printed.splitlines()]
    best = lines[0][0]
    figures = {what: float(value) * 1e9 for isa, kind, what, value in lines if isa == best and kind in ("any", "real[]")}
    return {"kmeans": figures["sub+fma"], "fcm": figures["sub+2fma"], "memory": figures["memory GB/s"]}


def model(machine, algorithm, n, d, k, iterations, members=1, spilled=False):
    """Seconds of a statement."""
    read = n * (READ_ROW + READ_VALUE * d + (READ_TOAST if d * 4 > 2000 else 0))
    arithmetic = d * k / (machine[algorithm.split()[0]] * SHARE) + WEIGHT[algorithm] * k + ADD_VALUE.get(algorithm, 0) * d
    one_pass = n * max(arithmetic / members, 4 * d / machine["memory"]) + (n * 4 * d / FILE_RATE if spilled else 0)
    return read + (LAUNCH if members > 1 else 0) + (iterations + EXTRA_PASSES) * one_pass


def compare(bench, machine, name, algorithm, k, workers=0, memory=None):
    server = bench.server
    centers = sets.start_of(algorithm.split()[0], bench.rows[name], k)
    options = {"init": centers.tolist(), "tolerance": 0, "max_iterations": ITERATIONS}
    if algorithm.startswith("fcm"):
        options["fuzzifier"] = float(algorithm.split()[-1])
    server.set_workers(workers)
    with server.setting("maintenance_work_mem", memory or "2GB"):
        runs = [server.fit(algorithm.split()[0], name, k, **options) for _ in range(bench.runs)]
    server.set_workers(0)
    n, d = bench.rows[name].shape
    expected = model(machine, algorithm, n, d, k, server.info(runs[0][2])["iterations"], workers + 1, memory is not None)
    measured = table.median([run[0 if workers else 1] for run in runs])     # the processor's where that is all
    ratio = expected / measured
    what = f"{name}: {algorithm}, {1 + workers} core{'s' if workers else ''}{', ' + memory if memory else ''}"
    table.line(what, expected, measured, "s", ratio=ratio)
    table.verdict(what + ": model", ratio, WITHIN, 1 / WITHIN <= ratio <= WITHIN)

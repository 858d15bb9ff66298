"""
part_cores.py - two cores over one: iterations, whole statements, training steps; and the same bytes for any number
"""
import sets
import table
from bench import difference

ITERATIONS = {("fcm", "B"): 1.7, ("fcm", "C"): 1.8, ("fcm", "D"): 1.8, ("kmeans", "E"): 1.8}       # at least
STATEMENTS = {"B": 1.3, "C": 1.5}       # of a whole fcm_fit of 20 iterations
STEP_LIMIT = 1.7
MANY_WORKERS = (0, 1, 2, 3, 8)
NET = {"hidden": [500, 500, 2000], "latent": 10}
BATCH = 256
STEPS = 10                      # of an epoch


def run(bench):
    server = bench.server
    most = server.value("SHOW max_parallel_workers")
    table.heading("a team over one process: how many times faster (ours: the team, theirs: one process alone); "
                  f"max_parallel_workers = {most}")
    for name in "BCDE":
        x, k = bench.use(name)
        centers = sets.start_of("fcm", x, k)
        for algorithm in ("kmeans",) if name == "E" else ("fcm", "kmeans"):
            compare(bench, f"{name}: an iteration of {algorithm}", bench.iteration(algorithm, name, k),
                    ITERATIONS.get((algorithm, name)), "ms")
        if name in STATEMENTS:
            compare(bench, f"{name}: fcm_fit, 20 iterations, whole statement", lambda _: server.fit(
                "fcm", name, k, fuzzifier=2, tolerance=0, max_iterations=20, init=centers.tolist()), STATEMENTS[name])
            compare(bench, f"{name}: kmeans_fit, defaults, whole statement",
                    lambda run: server.fit("kmeans", name, k, seed=run))
        bench.drop(name)
    compare_steps(bench)
    compare_bytes(bench)


def compare(bench, what, side, limit=None, unit="s"):
    def among(workers):
        def measure(run):
            bench.server.set_workers(workers)
            return side(run)
        return measure
    alone, two, three = table.alternate(bench.runs, among(0), among(1), among(2))
    bench.server.set_workers(0)
    scale = 1e3 if unit == "ms" else 1
    table.speedup(f"{what}, 1 worker", alone, two, unit, limit, scale)
    table.speedup(f"{what}, 2 workers", alone, three, unit, None, scale)


def compare_steps(bench):
    """A training step of a dense autoencoder: the difference of epochs; and the same in PyTorch."""
    x, _ = bench.use("D")
    bench.use("net", x[:STEPS * BATCH], 10)

    def steps(epochs):
        wall, cpu, _ = bench.server.fit("autoencoder", "net", 10, pretrain_epochs=epochs, batch_size=BATCH, **NET)
        return wall, cpu, STEPS * epochs
    few, many = (1, 2) if bench.quick else (1, 4)
    compare(bench, "a training step of 784-500-500-2000-10", difference(steps, few, many), STEP_LIMIT, "ms")

    bench.server.set_workers(1)
    ours, theirs = table.alternate(bench.runs, difference(steps, few, many), lambda _: [
        took / STEPS for took in bench.peer(2).torch_steps(NET["hidden"], NET["latent"], BATCH, STEPS)])
    bench.server.set_workers(0)
    table.pair("the same over PyTorch, two cores", ours, theirs, "ms", scale=1e3, one_core=False)
    bench.drop("net")
    bench.drop("D")


def compare_bytes(bench):
    """Models of every kind of pass must be the same for any number of workers."""
    x, k = bench.use("B")
    bench.use("part_of_b", x[:len(x) // 4], k)
    short = {"max_iterations": 5, "tolerance": 0}
    fits = {"kmeans": {}, "fcm": short, "mec": short, "tsallis": {"max_iterations": 5}, "gk": short, "gg": short,
            "autoencoder": {"hidden": [64], "latent": 4, "pretrain_epochs": 2}}
    for algorithm, options in fits.items():
        digests = set()
        for workers in MANY_WORKERS:
            bench.server.set_workers(workers)
            digests.add(bench.server.md5(bench.server.fit(algorithm, "part_of_b", k, **options)[2]))
        table.line(f"{algorithm}_fit: different models among {', '.join(map(str, MANY_WORKERS))} workers", len(digests),
                   len(MANY_WORKERS), "", 1, ratio=len(digests), form=".0f")
    bench.server.set_workers(0)
    bench.drop("part_of_b")
    bench.drop("B")

"""
part_embeddings.py - ten iterations of kmeans on vectors of 768 columns, with first centers of its own on each side

scikit-learn begins with its k-means++, faiss with random rows, kmeans_fit with its default.
"""
import sets
import table
from bench import nearest

ITERATIONS = 10
CLUSTERS = (64, 256, 1000)
OVER_SKLEARN = {64: .25, 256: .2, 1000: .25}
OVER_FAISS = {64: .5, 256: .4, 1000: .8}
WORSE = 1.01                    # objective over the better of the two, at most


def run(bench):
    table.heading(f"kmeans on unit vectors of 768: seconds of a whole fit of {ITERATIONS} iterations, first centers and "
                  "reading included; one core")
    for name in ("E",) if bench.quick else ("E", "E200"):
        x, _ = bench.use(name)
        for k in CLUSTERS[:2] if bench.quick else CLUSTERS:
            compare(bench, name, x, k)
        bench.drop(name)


def compare(bench, name, x, k):
    server, peer = bench.server, bench.peer()
    ours, theirs, random = table.alternate(
        bench.runs,
        lambda seed: server.fit("kmeans", name, k, seed=seed, restarts=1, max_iterations=ITERATIONS, tolerance=0),
        lambda seed: peer.kmeans(name, k, n_init=1, max_iter=ITERATIONS, tol=0, random_state=seed),
        lambda seed: peer.faiss_kmeans(name, k, ITERATIONS, seed + 1))
    what = f"{len(x)} rows, k = {k}"
    table.pair(f"{what}: over scikit-learn", ours, theirs, limit=OVER_SKLEARN[k])
    table.pair(f"{what}: over faiss", ours, random, limit=OVER_FAISS[k])
    reached = table.median([nearest(x, server.centers(model)) for _, _, model in ours])
    better = min(table.median([nearest(x, run[2]) for run in side]) for side in (theirs, random))
    table.line(f"{what}: objective over the better of both", reached, better, "", WORSE, form=".4f")

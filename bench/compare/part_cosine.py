"""
part_cosine.py - kmeans and fcm with distance => 'cosine' on topics of a known label, beside numpy and faiss

From the same first centers, rows drawn at random: how well topics are found in as many iterations, over spherical k-means
in numpy.  Then seconds over as many iterations of spherical k-means of faiss: ours from these first centers, and from our
own.
"""
import numpy as np

import sets
import table
from bench import mutual_information

ITERATIONS = 25
LOSS = -.01                     # mutual information less that of numpy, at least
CLEAR = .8                      # mean of a row's largest membership in fcm, at least
OVER_FAISS = {"kmeans": .7, "fcm": 1.5}


def run(bench):
    for name, cosine in sets.COSINE.items():
        x, label = sets.topics(name, bench.quick)
        k = sets.SHAPES[name][2]
        bench.use(name, x, k)
        table.heading(f"{name}: {len(x)} unit vectors of {x.shape[1]} columns, cosine {cosine} to the directions of {k} topics")
        first = x[np.random.default_rng(3).choice(len(x), k, replace=False)].astype("f8")
        found(bench, name, label, first)
        for workers in 0, bench.arguments.workers:
            for algorithm, limit in OVER_FAISS.items():
                compare(bench, name, algorithm, k, first, workers, limit)
        bench.drop(name)


def fit(bench, name, algorithm, k, **options):
    return bench.server.fit(algorithm, name, k, distance="cosine", max_iterations=ITERATIONS, **options)


def found(bench, name, label, first):
    """How well the topics are found."""
    server, k = bench.server, len(first)
    reached = mutual_information(label, bench.peer().spherical_kmeans(name, first, ITERATIONS)[2])
    for algorithm in OVER_FAISS:
        model = fit(bench, name, algorithm, k, init=first.tolist())[2]
        clusters = server.execute(f"SELECT cluster_id(%s, x) FROM {name} ORDER BY id", model)
        ours = mutual_information(label, np.array(clusters)[:, 0] - 1)
        table.line(f"{algorithm}: mutual information, less that of numpy (ratio: difference)", ours, reached, "", LOSS,
                   ratio=ours - reached, least=True, form=".4f")
        table.note(f"{algorithm}: {server.info(model)['iterations']} iterations" +
                   (f", fuzzifier {server.info(model)['options']['fuzzifier']:.5f}" if algorithm == "fcm" else ""))
    largest = server.value(f"SELECT avg(s.membership) FROM {name}, cluster_set(%s, x, top_n => 1) s", model)
    table.line("fcm: mean of the largest memberships", largest, None, "", CLEAR, ratio=largest, least=True)


def compare(bench, name, algorithm, k, first, workers, limit):
    bench.server.set_workers(workers)
    peer = bench.peer(workers + 1)
    init = first.tolist()
    given, own, theirs = table.alternate(
        bench.runs,
        lambda seed: fit(bench, name, algorithm, k, init=init),
        lambda seed: fit(bench, name, algorithm, k, seed=seed),
        lambda seed: peer.faiss_kmeans(name, k, ITERATIONS, seed + 1, spherical=True))
    bench.server.set_workers(0)
    cores = f"{workers + 1} core{'s' if workers else ''}"
    table.pair(f"{algorithm}: from given rows, over faiss, {cores}", given, theirs, limit=limit, one_core=not workers)
    table.pair(f"{algorithm}: from its own first centers, over faiss, {cores}", own, theirs, limit=limit, one_core=not workers)

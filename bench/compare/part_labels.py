"""
part_labels.py - end to end: rows in a table to labels in a table, 20 iterations from the same centers

Theirs is a client: fetch, fit, write back.  Rows are fetched through a cursor of the server, as psycopg2 gives them, and
by COPY in its binary format, which numpy can read when all rows have the same length; labels are written by COPY.
"""
import json

import sets
import table

ITERATIONS = 20
LIMIT = {"numpy_labels": .25, "sklearn_labels": .20}
TITLE = {"numpy_labels": "psycopg2 + numpy fcm", "sklearn_labels": "psycopg2 + scikit-learn KMeans",
         "fetch_by_cursor": "fetched through a cursor", "fetch_by_copy": "fetched by binary COPY"}


def run(bench):
    table.heading(f"B, rows in a table to labels in a table, {ITERATIONS} iterations: seconds, fcm_fit and cluster_id over "
                  "a client")
    x, k = bench.use("B")
    for threads in 1, 2:
        for labels in LIMIT:
            for fetch in "fetch_by_cursor", "fetch_by_copy":
                compare(bench, x, k, threads, labels, fetch)
    bench.drop("B")


def compare(bench, x, k, threads, labels, fetch):
    """Both sides may use so many cores: ours a worker, theirs a thread more."""
    server = bench.server
    algorithm = "fcm" if labels == "numpy_labels" else "kmeans"
    centers = sets.start_of(algorithm, x, k)
    options = json.dumps({"init": centers.tolist(), "max_iterations": ITERATIONS, "tolerance": 0,
                          **({"fuzzifier": 2} if algorithm == "fcm" else {})})

    def ours(_):
        server.drop("our_labels")
        return server.timed(f"CREATE UNLOGGED TABLE our_labels AS WITH trained AS MATERIALIZED "
                            f"(SELECT {algorithm}_fit(x, {k}, %s::jsonb) AS model FROM B) "
                            "SELECT id, cluster_id(model, x) AS cluster FROM B, trained", options)
    server.set_workers(threads - 1)
    server.execute(f"SET max_parallel_workers_per_gather = {threads - 1}")
    table.pair(f"{algorithm}, over {TITLE[labels]}, {TITLE[fetch]}; {threads} core{'s' * (threads > 1)}", *table.alternate(
        bench.runs, ours, lambda _: bench.peer(threads).journey(bench.server.host, "B", x.shape[1], k, ITERATIONS, centers,
                                                                fetch, labels)),
        limit=LIMIT[labels], one_core=False)
    agreement(bench)
    server.set_workers(0)
    server.execute("SET max_parallel_workers_per_gather = 0")


def agreement(bench):
    """The same work, or the times say nothing."""
    share = bench.server.value("SELECT avg((a.cluster = b.cluster)::int) FROM our_labels a JOIN their_labels b USING (id)")
    if share < .9:
        table.note(f"only {100 * share:.1f} % of the labels agree")

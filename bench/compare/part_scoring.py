"""
part_scoring.py - reading and scoring all rows of a table, over SELECT sum(x[1]) of it
"""
import table

ID_LIMIT = {"B": 1.3, "C": 2.5}
MEMBERSHIP_LIMIT = {"B": 2, "C": 5}
READ_LIMIT = .8                 # of B: a fit of one cluster and one iteration, which is little else


def run(bench):
    table.heading("reading and scoring a whole table, over SELECT sum(x[1]) of it; one core, then a parallel plan")
    for name in "ABCD":
        x, k = bench.use(name)
        compare(bench, name, k)
        bench.drop(name)


def compare(bench, name, k):
    server = bench.server
    server.drop("model")
    server.execute(f"CREATE TABLE model AS SELECT fcm_fit(x, {k}, '{{\"fuzzifier\": 2, \"max_iterations\": 10}}') AS m FROM {name}")
    server.execute("VACUUM ANALYZE model")
    scan = f"SELECT sum(x[1]) FROM {name}"
    identify = f"SELECT sum(cluster_id((SELECT m FROM model), x)) FROM {name}"
    member = f"SELECT count(cluster_membership((SELECT m FROM model), x)) FROM {name}"

    def over(what, statement, base, limit=None, one_core=True):
        ours, theirs = table.alternate(bench.runs + 2, lambda _: server.timed(statement), lambda _: server.timed(base))
        table.pair(f"{name}: {what}", ours, theirs, limit=limit, one_core=one_core)

    read = f"SELECT kmeans_fit(x, 1, '{{\"max_iterations\": 1, \"restarts\": 1}}') FROM {name}"
    over("reading rows (kmeans_fit, k = 1, one iteration)", read, scan, READ_LIMIT if name == "B" else None)
    over("cluster_id", identify, scan, ID_LIMIT.get(name))
    over("cluster_membership", member, scan, MEMBERSHIP_LIMIT.get(name))
    with server.setting("max_parallel_workers_per_gather", 1):
        over("cluster_id, parallel plan over parallel scan", identify, scan, one_core=False)
    server.drop("model")

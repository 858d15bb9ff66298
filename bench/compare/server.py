"""
server.py - our side: tables of the sets, and statements with their time

All rows of a set are in shared buffers, one table (id int, x real[] or float8[]) each.
"""
import contextlib
import hashlib
import io
import json
import struct
import time

import numpy as np
import psycopg2


class Server:
    def __init__(self, host):
        self.connection = psycopg2.connect(host=host, user="postgres", dbname="postgres")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.host = host
        for setting in ("client_min_messages = error", "synchronize_seqscans = off", "jit = off", "work_mem = '256MB'",
                        "maintenance_work_mem = '2GB'", "max_parallel_workers_per_gather = 0"):
            self.execute("SET " + setting)
        self.set_workers(0)
        self.pid = self.connection.info.backend_pid

    def execute(self, statement, *values):
        self.cursor.execute(statement, values or None)
        return self.cursor.fetchall() if self.cursor.description else []

    def value(self, statement, *values):
        return self.execute(statement, *values)[0][0]

    def set_workers(self, workers):
        self.execute(f"SET max_parallel_maintenance_workers = {workers}")

    @contextlib.contextmanager
    def setting(self, name, value):
        before = self.value(f"SHOW {name}")
        self.execute(f"SET {name} = '{value}'")
        try:
            yield
        finally:
            self.execute(f"SET {name} = '{before}'")

    def cpu(self):
        """Processor time of the backend in seconds; workers' own is not in it."""
        with open(f"/proc/{self.pid}/schedstat") as file:
            return int(file.read().split()[0]) * 1e-9

    def timed(self, statement, *values):
        """Seconds of the clock and of the processor, and the first value of the result."""
        cpu, start = self.cpu(), time.perf_counter()
        rows = self.execute(statement, *values)
        took = time.perf_counter() - start
        return took, self.cpu() - cpu, rows[0][0] if rows else None

    # ---- tables

    def load(self, name, x):
        self.execute(f"DROP TABLE IF EXISTS {name}")
        self.execute(f"CREATE UNLOGGED TABLE {name} (id int, x {'real' if x.dtype == np.float32 else 'float8'}[])")
        self.cursor.copy_expert(f"COPY {name} FROM STDIN (FORMAT binary)", io.BytesIO(copy_bytes(x)))
        self.execute(f"VACUUM (FREEZE, ANALYZE) {name}")
        self.execute(f"SELECT sum(x[1]) FROM {name}")

    def drop(self, name):
        self.execute(f"DROP TABLE IF EXISTS {name}")

    # ---- models

    def fit(self, algorithm, table, k, **options):
        """Seconds, processor seconds and the model of a whole statement."""
        wall, cpu, model = self.timed(f"SELECT {algorithm}_fit(x, {k}, %s::jsonb) FROM {table}", json.dumps(options))
        return wall, cpu, bytes(model)

    def info(self, model):
        return self.value("SELECT cluster_info(%s)", model)

    def centers(self, model):
        return np.array(self.value("SELECT array_agg(center ORDER BY cluster) FROM cluster_centers(%s)", model))

    def labels(self, model, table):
        return self.value(f"SELECT array_agg(cluster_id(%s, x) ORDER BY id) FROM {table}", model)

    def md5(self, model):
        return hashlib.md5(model).hexdigest()


def copy_bytes(x):
    """The rows in the binary format of COPY: id and the array of a row."""
    n, d = x.shape
    size = x.dtype.itemsize
    oid = 700 if size == 4 else 701
    head = struct.pack(">hiiiiiiii", 2, 4, 0, 20 + d * (4 + size), 1, 0, oid, d, 1)
    row = np.dtype([("head", "u1", len(head)), ("value", [("length", ">i4"), ("number", f">f{size}")], d)])
    rows = np.empty(n, row)
    rows["head"] = np.frombuffer(head, "u1")
    rows["head"][:, 6:10] = np.arange(1, n + 1, dtype=">i4").view("u1").reshape(n, 4)
    rows["value"]["length"] = size
    rows["value"]["number"] = x
    return b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0) + rows.tobytes() + struct.pack(">h", -1)

"""
bench.py - what the parts share: the server, the peers, the sets, how often to run
"""
import os
import subprocess

import numpy as np

import sets
from peer import Peer
from server import Server

FEW, MANY = 2, 27               # iterations: enough of them to be measured beside the reading of wide rows, too


def difference(fit, few, many):
    """One iteration, from fit(iterations) -> (seconds, processor seconds, iterations made) of many and of few."""
    def measure(_run=0):
        a, b = fit(few), fit(many)
        if b[2] <= a[2]:
            raise RuntimeError(f"only {b[2]} iterations were made; the first centers are too good")
        return (b[0] - a[0]) / (b[2] - a[2]), (b[1] - a[1]) / (b[2] - a[2])
    return measure


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.quick = arguments.quick
        self.runs = arguments.runs
        self.directory = arguments.directory
        self.server = Server(arguments.host)
        self.peers = {}
        self.rows = {}

    def peer(self, threads=1):
        if threads not in self.peers:
            self.peers[threads] = Peer(self.directory, threads)
        return self.peers[threads]

    def cmeans(self, name, k, m, iterations="default", seed=0):
        """e1071's fuzzy c-means: seconds, processor seconds, centers, iterations."""
        if "R" not in self.peers:
            script = os.path.join(os.path.dirname(__file__), "cmeans.R")
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            self.peers["R"] = subprocess.Popen(["Rscript", script, self.directory], stdin=subprocess.PIPE,
                                               stdout=subprocess.PIPE, text=True, env=environment)
        process = self.peers["R"]
        d = self.rows[name].shape[1]
        print(name, d, k, m, iterations, seed, file=process.stdin, flush=True)
        wall, cpu, made = process.stdout.readline().split()
        centers = np.fromfile(os.path.join(self.directory, "centers.f64")).reshape(k, d)
        return float(wall), float(cpu), centers, int(made)

    def use(self, name, x=None, k=None):
        """Makes a set for all sides; returns its rows and number of clusters."""
        if x is None:
            x, k = sets.make(name)[:sets.rows_of(name, self.quick)], sets.SHAPES[name][2]
        if name not in self.rows:
            self.rows[name] = x
            np.save(os.path.join(self.directory, name + ".npy"), x)
            x.tofile(os.path.join(self.directory, name + ".f32"))
            self.server.load(name, x)
        return self.rows[name], k

    def drop(self, name):
        """Frees the memory of all sides."""
        del self.rows[name]
        self.server.drop(name)
        for key, peer in self.peers.items():
            if key != "R":
                peer.forget(name)
        for suffix in ".npy", ".f32":
            os.remove(os.path.join(self.directory, name + suffix))

    def iteration(self, algorithm, name, k, **options):
        """A function that measures one iteration of ours: (seconds, processor seconds)."""
        centers = sets.start_of(algorithm, self.rows[name], k)
        if algorithm == "fcm" and "distance" not in options:
            options = {"fuzzifier": 2, **options}       # that of the other side, which the rows might not suggest

        def fit(iterations):
            wall, cpu, model = self.server.fit(algorithm, name, k, init=centers.tolist(), tolerance=0,
                                               max_iterations=iterations, **options)
            return wall, cpu, self.server.info(model)["iterations"]
        return difference(fit, FEW, MANY)

    def runs_of(self, name, k):
        """Runs of an iteration: more where it is short."""
        n, d = self.rows[name].shape
        return self.runs * (3 if n * d * k < 1e8 else 1)

    def end(self):
        for key, peer in self.peers.items():
            if key != "R":
                peer.end()
            else:
                peer.stdin.close()
                peer.wait()


# ---- the same measure for all sides

def mutual_information(a, b):
    """Normalized by the mean of both entropies."""
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1 / len(a))

    def entropy(p):
        p = p[p > 0]
        return -(p * np.log(p)).sum()
    both = entropy(table.sum(0)) + entropy(table.sum(1))
    return 2 * (both - entropy(table)) / both



def nearest(x, v, chunk=4096):
    """Sum of squared distances to the nearest center."""
    v = v.astype("f8") if x.shape[1] < 100 else v.astype("f4")
    return sum(least_distances(x[at:at + chunk].astype(v.dtype), v).astype("f8").sum() for at in range(0, len(x), chunk))


def squared_distances(x, v):
    if x.dtype == np.float64 and x.shape[1] * len(v) < 2000:    # exact where it is affordable
        return sum((x[:, j, None] - v[:, j]) ** 2 for j in range(x.shape[1]))
    return np.maximum((x * x).sum(1)[:, None] - 2 * (x @ v.T) + (v * v).sum(1), 0)


def least_distances(x, v):
    return squared_distances(x, v).min(1)


def fuzzy(x, v, m, chunk=50_000):
    """The objective of fuzzy c-means at its optimal memberships: sum of (sum of d^(-2/(m-1)))^(1-m)."""
    total = 0.
    for at in range(0, len(x), chunk):
        distance = np.maximum(squared_distances(x[at:at + chunk].astype("f8"), v), 1e-300)
        total += ((distance ** (-1 / (m - 1))).sum(1) ** (1 - m)).sum()
    return total

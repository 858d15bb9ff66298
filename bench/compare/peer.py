"""
peer.py - the other side, in a process of its own, whose environment says how many threads it has

peer.Peer(directory, threads) starts it and calls its functions; arguments and results are pickled.  Sets are read once,
from DIRECTORY/NAME.npy, before any clock runs.  A function returns (seconds, processor seconds, ...).
"""
import os
import pickle
import subprocess
import sys
import time


class Peer:
    def __init__(self, directory, threads=1):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
        self.process = subprocess.Popen([sys.executable, "-W", "ignore", __file__, directory],
                                        env={**os.environ, **dict.fromkeys(names, str(threads))},
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __getattr__(self, function):
        def call(*values, **named):
            pickle.dump((function, values, named), self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)
        return call

    def end(self):
        self.process.stdin.close()
        self.process.wait()


# ---- inside the process

sets = {}


def rows(name):
    import numpy
    if name not in sets:
        sets[name] = numpy.load(os.path.join(sys.argv[1], name + ".npy"))
    return sets[name]


def forget(name):
    sets.pop(name, None)


def timed(work):
    cpu, start = time.process_time(), time.perf_counter()
    result = work()
    return time.perf_counter() - start, time.process_time() - cpu, result


def versions():
    import numpy
    import sklearn
    names = {"numpy": numpy.__version__, "scikit-learn": sklearn.__version__}
    for name in "faiss", "torch", "psycopg2":
        try:
            names[name] = __import__(name).__version__.split()[0]
        except ImportError:
            pass
    return names


def kmeans(name, k, **options):
    """Seconds, processor seconds, centers and iterations of scikit-learn's KMeans."""
    from sklearn.cluster import KMeans
    x = rows(name)
    wall, cpu, fit = timed(lambda: KMeans(k, algorithm="lloyd", **options).fit(x))
    return wall, cpu, fit.cluster_centers_, fit.n_iter_


def agreement(a, b):
    """Adjusted Rand index."""
    from sklearn.metrics import adjusted_rand_score
    return adjusted_rand_score(a, b)


def judged(name, k, method, labels, seed):
    """The same of labels and a clustering of scikit-learn; of mixtures the best form of covariances by BIC."""
    from sklearn.cluster import KMeans, SpectralClustering
    from sklearn.mixture import GaussianMixture
    x = rows(name)
    if method == "mixture":
        fits = [GaussianMixture(k, covariance_type=form, n_init=5, random_state=seed).fit(x)
                for form in ("full", "tied", "diag", "spherical")]
        return agreement(labels, min(fits, key=lambda fit: fit.bic(x)).predict(x))
    if method == "kmeans":
        return agreement(labels, KMeans(k, n_init=10, random_state=seed).fit_predict(x))
    affinity = {"spectral_rbf": "rbf", "spectral_neighbors": "nearest_neighbors"}[method]
    found = limited(30, lambda: SpectralClustering(k, affinity=affinity, random_state=seed).fit_predict(x))
    return 0. if found is None else agreement(labels, found)


def limited(seconds, work):
    """What it returns, or None if it takes more processor time: eigenvectors of a graph of many parts may not converge."""
    import signal

    def late(*_):
        raise TimeoutError
    signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return work()
    except TimeoutError:
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def faiss_kmeans(name, k, iterations, seed, **options):
    """faiss' k-means from its random start, on all rows."""
    import faiss
    x = rows(name)
    fit = faiss.Kmeans(x.shape[1], k, niter=iterations, nredo=1, seed=seed, min_points_per_centroid=1,
                       max_points_per_centroid=len(x), **options)
    wall, cpu, _ = timed(lambda: fit.train(x))
    return wall, cpu, fit.centroids


def spherical_kmeans(name, centers, iterations):
    """Spherical k-means (Dhillon and Modha 2001) from given centers, as one writes it with matrix products; labels."""
    import numpy as np
    x = rows(name)

    def work():
        v = centers.astype(x.dtype)
        for _ in range(iterations):
            label = (x @ v.T).argmax(1)
            order = np.argsort(label, kind="stable")
            found, first = np.unique(label[order], return_index=True)
            v[found] = np.add.reduceat(x[order], first)         # a center without rows stays
            v /= np.linalg.norm(v, axis=1, keepdims=True)
        return (x @ v.T).argmax(1)
    return timed(work)


def numpy_fcm(x, k, iterations, centers):
    """Fuzzy c-means, m = 2, as one writes it with matrix products; returns centers and the squares of distances."""
    import numpy as np
    v, square = centers.astype(x.dtype), np.einsum("ij,ij->i", x, x)[:, None]
    for step in range(iterations + 1):
        distance = np.maximum(square - 2 * (x @ v.T) + np.einsum("ij,ij->i", v, v), 1e-12)
        if step < iterations:
            u = 1 / distance
            u /= u.sum(1, keepdims=True)
            u *= u
            v = (u.T @ x) / u.sum(0)[:, None]
    return v, distance


def numpy_labels(x, k, iterations, centers):
    return numpy_fcm(x, k, iterations, centers)[1].argmin(1)


def sklearn_labels(x, k, iterations, centers):
    from sklearn.cluster import KMeans
    return KMeans(k, init=centers.astype(x.dtype), n_init=1, max_iter=iterations, tol=0).fit(x).labels_


def fetch_by_cursor(connection, table, d):
    """All rows of a table as numpy arrays, through a cursor of the server."""
    import numpy as np
    ids, x = [], []
    with connection.cursor("rows") as cursor:
        cursor.itersize = 100_000
        cursor.execute(f"SELECT id, x FROM {table}")
        while batch := cursor.fetchmany(cursor.itersize):
            ids.append(np.array([i for i, _ in batch], "i4"))
            x.append(np.array([row for _, row in batch], "f4"))
    return np.concatenate(ids), np.concatenate(x)


def fetch_by_copy(connection, table, d):
    """The same in the binary format of COPY, of which all rows have the same length."""
    import io
    import numpy as np
    stream = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} TO STDOUT (FORMAT binary)", stream)
    row = np.dtype([("fields", ">i2"), ("length", ">i4"), ("id", ">i4"), ("array", ">i4", 6),
                    ("x", [("length", ">i4"), ("value", ">f4")], d)])
    data = np.frombuffer(stream.getbuffer()[19:-2], row)
    return data["id"].astype("i4"), data["x"]["value"].astype("f4")


def journey(host, table, d, k, iterations, centers, fetch, labels):
    """Rows in a table to labels in a table."""
    import io
    import numpy as np
    import psycopg2
    connection = psycopg2.connect(host=host, user="postgres", dbname="postgres")

    def work():
        with connection, connection.cursor() as cursor:
            ids, x = globals()[fetch](connection, table, d)
            label = globals()[labels](x, k, iterations, centers)
            cursor.execute("DROP TABLE IF EXISTS their_labels")
            cursor.execute("CREATE UNLOGGED TABLE their_labels (id int, cluster int)")
            lines = "\n".join(map("%d\t%d".__mod__, zip(ids.tolist(), (label + 1).tolist())))
            cursor.copy_expert("COPY their_labels FROM STDIN", io.StringIO(lines))
    wall, cpu, _ = timed(work)
    connection.close()
    return wall, cpu


def torch_steps(hidden, latent, batch, steps):
    """Training steps of a dense autoencoder: forward, mean squared error, backward, Adam."""
    import torch
    from torch import nn
    torch.manual_seed(1)
    widths = [784] + hidden + [latent] + hidden[::-1] + [784]
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    layers.pop()
    layers.pop(2 * len(hidden) + 1)     # codes are linear
    net, x = nn.Sequential(*layers), torch.rand(batch, 784)
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)

    def work():
        for _ in range(steps):
            adam.zero_grad()
            nn.functional.mse_loss(net(x), x).backward()
            adam.step()
    return timed(work)[:2]


def main():
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)               # what a library prints must not get between the answers
    while True:
        try:
            function, values, named = pickle.load(source)
        except EOFError:
            return
        pickle.dump(globals()[function](*values, **named), answers)
        answers.flush()


if __name__ == "__main__":
    main()

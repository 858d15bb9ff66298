# kmeans.py - KMeans of scikit-learn on the rows that bench/peers exported
#
# usage: python3 kmeans.py DIRECTORY RUNS

import sys
import time
import warnings

import numpy
import sklearn
from sklearn.cluster import KMeans

DIRECTORY, RUNS = sys.argv[1], int(sys.argv[2])


def read_rows(name):
    return numpy.loadtxt(f"{DIRECTORY}/{name}", delimiter=",", ndmin=2)


def seconds(x, centers, iterations):
    """Processor time, as on our side, of exactly so many iterations."""
    fit = KMeans(len(centers), init=centers, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd")
    start = time.process_time()
    fit.fit(x)
    took = time.process_time() - start
    if fit.n_iter_ != iterations:
        sys.exit(f"KMeans made {fit.n_iter_} iterations instead of {iterations}")
    return took


def main():
    warnings.simplefilter("ignore")     # that it did not converge
    rows = read_rows("rows.csv")
    centers = read_rows("centers.csv")
    for name, number in ("real[]", numpy.float32), ("float8[]", numpy.float64):
        x, v = rows.astype(number), centers.astype(number)
        few = min(seconds(x, v, 20) for _ in range(RUNS))
        many = min(seconds(x, v, 40) for _ in range(RUNS))
        print(f"scikit-learn {sklearn.__version__}", "kmeans", name, (many - few) / 20 * 1000, sep="\t")


main()

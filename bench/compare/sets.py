"""
sets.py - the sets of rows of the comparison: float32 except the small ones, the same on every machine

    A to D      one shape each: from what a cache holds to many columns
    S1 to S3    gaussian mixtures of unit variance, from well separated to overlapping
    E, E200     vectors of length 1 and 768 columns, as embeddings are
    V5, V3      the same from von Mises-Fisher distributions, with labels: the mean cosine to the mean direction is .5, .3
    T           a table of numbers and texts, with weights and values that are missing
"""
import csv
import glob
import os

import numpy as np

SHAPES = {                      # rows, columns, clusters
    "A": (100_000, 16, 10), "B": (1_000_000, 16, 10), "C": (1_000_000, 64, 32), "D": (70_000, 784, 10),
    "S1": (1_000_000, 8, 10), "S2": (1_000_000, 8, 10), "S3": (1_000_000, 4, 6),
    "E": (20_000, 768, 256), "E200": (200_000, 768, 256),
    "V5": (100_000, 768, 200), "V3": (100_000, 768, 200), "T": (200_000, 10, 8),
}
SEPARATION = {"S1": 4, "S2": 2, "S3": 1.5}      # standard deviation of the centers, per column
APART = 3                       # the same of the others: where centers of fcm stay apart, and kmeans has long to go
QUICK = 10                      # so many times fewer rows
EMBEDDING_CENTERS = 200
COSINE = {"V5": .5, "V3": .3}   # mean cosine to the mean direction
NUMBERS = 6                     # of the columns of T; the others are texts
LEVELS = (3, 5, 12, 30)         # different values of the texts
MISSING = .08                   # share of the values of T that are missing


def rows_of(name, quick):
    return SHAPES[name][0] // (QUICK if quick else 1)


def mixture(random, n, d, k, separation):
    """Rows around k centers, each as likely, with a standard deviation of 1 in every column."""
    centers = random.normal(0, separation, (k, d))
    x = centers[random.integers(0, k, n)].astype("f4")
    for at in range(0, n, 100_000):
        x[at:at + 100_000] += random.normal(size=x[at:at + 100_000].shape).astype("f4")
    return x


def separated(random):
    """S1 to S3 draw from one stream, in this order, whichever is wanted."""
    for name in SEPARATION:
        n, d, k = SHAPES[name]
        centers = random.normal(0, SEPARATION[name], (k, d))
        label = random.integers(0, k, n)
        yield name, (centers[label] + random.normal(size=(n, d))).astype("f4")


def embeddings(random, n, d):
    centers = random.normal(size=(EMBEDDING_CENTERS, d))
    x = .6 * centers[random.integers(0, EMBEDDING_CENTERS, n)] + random.normal(size=(n, d))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype("f4")


def directions(random, n, d):
    """Vectors of length 1 in any direction."""
    x = random.normal(size=(n, d))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def cosines(random, n, d, kappa):
    """Cosines of n draws of a von Mises-Fisher distribution to its mean direction: the rejection of Wood (1994)."""
    b = (-2 * kappa + np.sqrt(4 * kappa ** 2 + (d - 1) ** 2)) / (d - 1)
    x0 = (1 - b) / (1 + b)
    c = kappa * x0 + (d - 1) * np.log(1 - x0 ** 2)
    accepted = np.empty(0)
    while len(accepted) < n:
        z = random.beta((d - 1) / 2, (d - 1) / 2, n)
        w = (1 - (1 + b) * z) / (1 - (1 - b) * z)
        accepted = np.append(accepted, w[kappa * w + (d - 1) * np.log(1 - x0 * w) - c >= np.log(random.uniform(size=n))])
    return accepted[:n]


def topics(name, quick):
    """Rows and labels of V5 or V3: as many von Mises-Fisher distributions as clusters, each as likely."""
    n, d, k = SHAPES[name]
    cosine = COSINE[name]
    kappa = cosine * (d - cosine ** 2) / (1 - cosine ** 2)      # after Banerjee et al. (2005), to some digits
    n = rows_of(name, quick)
    random = np.random.default_rng([n, d, k])
    means = directions(random, k, d)
    label = random.integers(0, k, n)
    cosine = cosines(random, n, d, kappa)[:, None]
    x = np.empty((n, d), "f4")
    for at in range(0, n, 10_000):
        mean, part = means[label[at:at + 10_000]], slice(at, at + 10_000)
        aside = random.normal(size=mean.shape)
        aside -= (aside * mean).sum(1, keepdims=True) * mean
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        x[part] = cosine[part] * mean + np.sqrt(1 - cosine[part] ** 2) * aside
    return x, label


def table(quick):
    """The rows of T: numbers, codes of texts, both without gaps, where they have gaps, and weights."""
    n, k = rows_of("T", quick), SHAPES["T"][2]
    random = np.random.default_rng(8)
    label = random.integers(0, k, n)
    numbers = random.normal(0, 2, (k, NUMBERS))[label] + random.normal(size=(n, NUMBERS))
    codes = np.empty((n, len(LEVELS)), int)
    for j, levels in enumerate(LEVELS):
        usual = random.integers(0, levels, k)[label]
        codes[:, j] = np.where(random.uniform(size=n) < .7, usual, random.integers(0, levels, n))
    gaps = random.uniform(size=(n, NUMBERS + len(LEVELS))) < MISSING
    return numbers, codes, gaps, random.integers(1, 6, n) / 2


def make(name):
    n, d, k = SHAPES[name]
    if name in SEPARATION:
        return next(x for other, x in separated(np.random.default_rng(5)) if other == name)
    if name.startswith("E"):
        return embeddings(np.random.default_rng(1), n, d)
    return mixture(np.random.default_rng([n, d, k]), n, d, k, APART)


def first_centers(x, k):
    """The k rows least in the first column: so badly placed that kmeans has iterations to make."""
    return x[np.sort(np.argpartition(x[:, 0], k)[:k])].astype("f8")


def distant_centers(x, k):
    """Rows far from each other: centers of fcm do not merge from there, which would end a training early."""
    x = x[:5000].astype("f8")
    chosen, least = [x[0]], np.full(len(x), np.inf)
    while len(chosen) < k:
        least = np.minimum(least, ((x - chosen[-1]) ** 2).sum(1))
        chosen.append(x[least.argmax()])
    return np.array(chosen)


def start_of(algorithm, x, k):
    return (first_centers if algorithm == "kmeans" else distant_centers)(x, k)


# ---- small sets, float64

def small_sets(iris):
    """Ten sets as (name, rows, clusters): iris, and nine of other shapes, sizes and scales."""
    random = np.random.default_rng(12)
    yield "iris", read_csv(iris)[0], 3
    for n, d, k, separation in ((300, 2, 5, 3), (1000, 2, 15, 6), (5000, 2, 15, 8), (2000, 3, 8, 2), (600, 10, 6, 2),
                                (3000, 16, 20, 2), (400, 30, 4, 1)):
        yield f"{n} x {d}", mixture(random, n, d, k, separation).astype("f8"), k
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(6)), -1).reshape(-1, 2)
    yield "grid of 36", np.repeat(grid, 50, 0) * 4. + random.normal(size=(1800, 2)), 36
    sizes = np.repeat(np.arange(8), (2000, 2000, 2000, 100, 100, 100, 100, 100))
    yield "unequal sizes", random.normal(0, 12, (8, 2))[sizes] + random.normal(size=(len(sizes), 2)), 8


def read_csv(path):
    """Numbers, and the last column as labels, of a file with a header."""
    with open(path, newline="") as file:
        lines = list(csv.reader(file))[1:]
    return np.array([line[:-1] for line in lines], "f8"), [line[-1] for line in lines]


def labelled(directory):
    """The sets of CSV files as (name, rows, labels)."""
    for path in sorted(glob.glob(os.path.join(directory, "*.csv"))):
        yield os.path.basename(path)[:-4], *read_csv(path)


def sets_of_directory(directory):
    for name, x, labels in labelled(directory):
        yield name, x, len(set(labels))


def standardized(x):
    """Columns of mean 0 and deviation 1; constant ones are 0."""
    deviation = x.std(0)
    return (x - x.mean(0)) / np.where(deviation > 0, deviation, 1)

#!/usr/bin/env python3
"""
cosine.py - reference values for test/unit/cosine.c

    test/golden/cosine.py >test/data/cosine.h

k-means, fuzzy c-means, maximum-entropy clustering and fuzzy c-means with Tsallis
entropy at a fixed temperature, with the distance 1 - cos and centers of length 1,
from their formulas in numpy and from given first centers; and where all centers
merge, by dense eigenvalues, which is compared with steps from merged centers.
"""
import numpy as np

ROWS, COLUMNS, CLUSTERS = 60, 8, 3
STAGES = (1, 2, 5, 0)
SHOWN = (0, 1, 2, 31, 59)

HEAD = """\
/*
 * cosine.h - reference values, written by test/golden/cosine.py
 *
 * Rows of any length and first centers, and what the algorithms make of them with
 * the distance 1 - cos after 1, 2 and 5 iterations and at the fixed point (iterations
 * 0), by an implementation in numpy.  Objective and memberships are those at the centers
 * given.  Numbers have 15 digits.
 */
"""


def make_rows():
    """Around three directions that are not orthogonal, a third far from it; lengths from 0.1 to 30"""
    axes = 3 + np.array([[2, 0, 1, 0, 0, 0, 1, 0], [0, 2, 0, 1, 0, 1, 0, 0], [1, -1, 1, 2, 1, 0, 0, -1]], dtype=float)
    rows = []
    for i in range(ROWS):
        noise = np.array([np.sin(i * 1.7 + j * 2.3) + np.sin(i * i * .31 + j) for j in range(COLUMNS)])
        rows.append((axes[i % 3] + (1.5 if i % 5 == 0 else .9) * noise) * 10 ** (np.sin(i * .9) * 1.2 + .2))
    return np.array([[float("%.6g" % v) for v in row] for row in rows])


def unit(x):
    return x / np.sqrt((x * x).sum(axis=1, keepdims=True))


def distances(x, v):
    return 1 - x @ v.T


class Means:
    name, options = "kmeans", []

    def memberships(self, d):
        return np.eye(d.shape[1])[d.argmin(axis=1)]

    weights = memberships

    def objective(self, d):
        return d.min(axis=1).sum()


class Fuzzy:
    name = "fcm"

    def __init__(self, m):
        self.m = m
        self.options = [("fuzzifier", m)]

    def memberships(self, d):
        power = (d / d.min(axis=1, keepdims=True)) ** (-1 / (self.m - 1))
        return power / power.sum(axis=1, keepdims=True)

    def weights(self, d):
        return self.memberships(d) ** self.m

    def objective(self, d):
        return (self.weights(d) * d).sum()


class Entropy:
    name = "mec"

    def __init__(self, t):
        self.t = t
        self.options = [("temperature", t)]

    def memberships(self, d):
        e = np.exp(-d / self.t)
        return e / e.sum(axis=1, keepdims=True)

    weights = memberships

    def objective(self, d):
        u = self.memberships(d)
        return (u * d).sum() + self.t * (u * np.log(u)).sum()


class Tsallis:
    name = "tsallis"

    def __init__(self, q, t):
        self.q, self.t = q, t
        self.options = [("q", q), ("temperature", t), ("max_steps", 1), ("inner_tolerance", 1e-13)]

    def terms(self, d):
        return (1 + (self.q - 1) * d / self.t) ** (-1 / (self.q - 1))

    def memberships(self, d):
        p = self.terms(d)
        return p / p.sum(axis=1, keepdims=True)

    def weights(self, d):
        return self.memberships(d) ** self.q

    def objective(self, d):
        z = self.terms(d).sum(axis=1)
        return (-self.t * (z ** (1 - self.q) - 1) / (1 - self.q)).sum()


def step(algorithm, x, v):
    return unit(algorithm.weights(distances(x, v)).T @ x)


def run(algorithm, x, v, iterations):
    last = np.inf
    for _ in range(iterations or 100000):
        objective = algorithm.objective(distances(x, v))
        assert objective <= last * (1 + 1e-12)
        last = objective
        before, v = v, step(algorithm, x, v)
        if iterations == 0 and np.abs(v - before).max() < 1e-16:
            break
    return v


def scatter(x, weight):
    """The largest eigenvalue of P (1/n) sum_i w_i x_i x_i' P, and the length of the mean"""
    mean = x.mean(axis=0)
    r = np.sqrt(mean @ mean)
    p = np.eye(len(mean)) - np.outer(mean, mean) / r ** 2
    values = np.linalg.eigvalsh(p @ (x.T * weight(x @ mean / r)) @ x @ p / len(x))
    return values[-1], r


def rate(algorithm, x):
    """How much two centers on each side of the grand mean differ after a step, times before, in the long run"""
    mean = unit(x.mean(axis=0, keepdims=True))
    way = np.ones((1, x.shape[1]))
    for _ in range(400):
        v = step(algorithm, x, unit(np.vstack([mean + way, mean - way])))
        way = (v[0] - v[1])[None] / 2
        growth = np.sqrt((way * way).sum()) / 1e-6
        way *= 1e-6 / np.sqrt((way * way).sum())
    return growth


def critical(x):
    """Of rows of length 1; at the critical fuzzifier and temperature a small difference neither grows nor shrinks"""
    fuzzy, r = scatter(x, lambda cos: 1 / (1 - cos))
    plain, r = scatter(x, lambda cos: np.ones(len(cos)))
    m = 1 / (1 - fuzzy / r)
    t = plain / r
    assert fuzzy < r and abs(rate(Fuzzy(m), x) - 1) < 1e-5 and abs(rate(Entropy(t), x) - 1) < 1e-5
    r = max(r, np.sqrt(plain))
    return m, min(2, 1 + (1 / (1 - fuzzy / r) - 1) / 4), plain / r / 8


def numbers(values, indent):
    texts = [format(float(value), ".15g") for value in values]
    return ",\n".join("\t" * indent + ", ".join(texts[i:i + 5]) for i in range(0, len(texts), 5))


def literal(kind, values):
    return "(const %s[]) {\n%s\n\t\t}" % (kind, numbers(values, 3))


def case(algorithm, x, start, iterations):
    v = run(algorithm, x, start, iterations)
    d = distances(x, v)
    u = algorithm.memberships(d)
    print("\t{")
    print("\t\t.algorithm = \"%s\", .data = &cosine_data, .iterations = %d," % (algorithm.name, iterations))
    if algorithm.options:
        print("\t\t.options = {%s}," % ", ".join("{\"%s\", %.12g}" % option for option in algorithm.options))
    print("\t\t.distance = FC_COSINE,")
    print("\t\t.objective = %.15g," % algorithm.objective(d))
    print("\t\t.centers = %s," % literal("double", v.ravel()))
    print("\t\t.counts = %s," % literal("int", np.bincount(d.argmin(axis=1), minlength=CLUSTERS)))
    print("\t\t.partition_coefficient = %.15g," % ((u * u).sum() / len(x)))
    print("\t\t.nrows = %d, .rows = %s," % (len(SHOWN), literal("int", SHOWN)))
    print("\t\t.memberships = %s," % literal("double", u[list(SHOWN)].ravel()))
    print("\t\t.misclassified = -1")
    print("\t},")


def main():
    rows = make_rows()
    start = unit(rows)[[0, 1, 2]] * 2 + rows[[3, 4, 5]]
    x = unit(rows)
    print(HEAD)
    print("static const double cosine_rows[] = {\n%s\n};\n" % numbers(rows.ravel(), 1))
    print("static const double cosine_start[] = {\n%s\n};\n" % numbers(start.ravel(), 1))
    print("static const GoldenData cosine_data = {\"directions\", %d, %d, %d, cosine_rows, cosine_start, NULL};\n" %
          (ROWS, COLUMNS, CLUSTERS))
    print("static const GoldenCase cosine_cases[] = {")
    for algorithm in (Means(), Fuzzy(1.25), Fuzzy(1.5), Entropy(.015), Tsallis(1.2, .005)):
        for iterations in STAGES:
            case(algorithm, x, unit(start), iterations)
    print("};\n\n/* the fuzzifier at which all centers merge; the defaults of fuzzifier and temperature */")
    print("static const double cosine_critical[] = {\n%s\n};" % numbers(critical(x), 1))


if __name__ == "__main__":
    main()

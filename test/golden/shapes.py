#!/usr/bin/env python3
"""
shapes.py - reference values for test/unit/shapes.c

    test/golden/shapes.py >test/data/shapes.h

Gustafson-Kessel and Gath-Geva clustering with regularized covariances, from
their formulas and in decimal arithmetic of 60 digits, on rows whose covariance
has a condition of some 10^11.  Python's standard library only.
"""
from decimal import Decimal as D, getcontext
import math

getcontext().prec = 60
ROWS, COLUMNS, CLUSTERS = 30, 3, 2


def rows():
    """Two groups; the third feature is nearly the sum of the others.  Numbers as C reads them"""
    result = []
    for i in range(ROWS):
        a = round(math.sin(i * 1.7) + (i % 2) * 5, 6)
        b = round(math.cos(i * 2.9) * 2 - (i % 2), 6)
        c = round(a + b + math.sin(i * 5.3) * 2e-5, 9)
        result.append([D(float(v)) for v in (a, b, c)])
    return result


def factor(a):
    """Cholesky"""
    n = len(a)
    l = [[D(0)] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = a[i][j] - sum(l[i][p] * l[j][p] for p in range(j))
            l[i][j] = rest.sqrt() if i == j else rest / l[j][j]
    return l


def log_determinant(l):
    return 2 * sum(l[i][i].ln() for i in range(len(l)))


def mahalanobis(l, y):
    z = []
    for i, row in enumerate(l):
        z.append((y[i] - sum(row[j] * z[j] for j in range(i))) / row[i])
    return sum(v * v for v in z)


def covariance(x, w, v):
    total = sum(w)
    return [[sum(w[i] * (x[i][a] - v[a]) * (x[i][b] - v[b]) for i in range(len(x))) / total
             for b in range(COLUMNS)] for a in range(COLUMNS)]


def regularized(f, g, sphere):
    return [[(1 - g) * f[a][b] + (g * sphere if a == b else 0) for b in range(COLUMNS)] for a in range(COLUMNS)]


def mean(x, w):
    return [sum(w[i] * x[i][j] for i in range(len(x))) / sum(w) for j in range(COLUMNS)]


def shares(l, p):
    """Memberships from logarithms of distances: softmax of -l p"""
    s = [(-v * p).exp() for v in l]
    return [v / sum(s) for v in s]


def train(algorithm, g, iterations):
    """Fuzzifier and weight exponent 2: memberships are in proportion to 1 / d"""
    x = rows()
    v = [x[0], x[1]]
    center = mean(x, [D(1)] * ROWS)
    sphere = (log_determinant(factor(covariance(x, [D(1)] * ROWS, center))) / COLUMNS).exp()
    f = prior = None

    def logarithms(row):
        result = []
        for c in range(CLUSTERS):
            y = [a - b for a, b in zip(row, v[c])]
            if f is None:
                result.append(sum(e * e for e in y).ln() if any(y) else D(-2000))
                continue
            l = factor(f[c])
            if algorithm == "gk":
                result.append(log_determinant(l) / COLUMNS + mahalanobis(l, y).ln())
            else:
                result.append(log_determinant(l) / 2 - prior[c].ln() + mahalanobis(l, y) / 2)
        return result

    for _ in range(iterations):
        u = [shares(logarithms(row), D(1)) for row in x]
        w = [[u[i][c] ** 2 for i in range(ROWS)] for c in range(CLUSTERS)]
        v = [mean(x, w[c]) for c in range(CLUSTERS)]
        f = [regularized(covariance(x, w[c], v[c]), g, sphere) for c in range(CLUSTERS)]
        prior = [sum(u[i][c] for i in range(ROWS)) / ROWS for c in range(CLUSTERS)]
    l = [logarithms(row) for row in x]
    if algorithm == "gk":
        objective = sum(1 / sum((-e).exp() for e in row) for row in l)
    else:
        objective = -sum(sum((-e).exp() for e in row).ln() for row in l)
    return objective, v, f


def numbers(values):
    return ", ".join(format(float(v), ".17g") for v in values)


def main():
    print("/*\n * shapes.h - reference values, written by test/golden/shapes.py\n *\n"
          " * Gustafson-Kessel and Gath-Geva clustering with regularized covariances, from\n"
          " * the first two rows on, in decimal arithmetic of 60 digits.\n */")
    print(f"enum {{SHAPE_ROWS = {ROWS}, SHAPE_COLUMNS = {COLUMNS}, SHAPE_CLUSTERS = {CLUSTERS}}};\n")
    print("static const double shape_rows[SHAPE_ROWS * SHAPE_COLUMNS] = {")
    for row in rows():
        print(f"\t{numbers(row)},")
    print("};\n\nstatic const struct\n{\n\tconst char *algorithm;\n\tdouble\t\tregularization;\n\tint\t\t\titerations;\n"
          "\tdouble\t\tobjective;\n\tdouble\t\tcenters[SHAPE_CLUSTERS * SHAPE_COLUMNS];\n"
          "\tdouble\t\tcovariances[SHAPE_CLUSTERS * SHAPE_COLUMNS * SHAPE_COLUMNS];\n}\t\t\tshapes[] = {")
    for algorithm in ("gk", "gg"):
        for g in ("0", "0.001", "0.1", "1"):
            for iterations in (1, 4):
                objective, v, f = train(algorithm, D(g), iterations)
                print(f"\t{{\"{algorithm}\", {g}, {iterations}, {numbers([objective])},")
                print(f"\t\t{{{numbers(e for row in v for e in row)}}},")
                print(f"\t\t{{{numbers(e for m in f for row in m for e in row)}}}}},")
    print("};")


main()

#!/usr/bin/env python3
"""
categories.py - reference values for test/unit/golden_categories.c

    test/golden/categories.py >test/data/categories.h

A table of six numbers and four categories, clustered by an implementation in numpy
that was written from the formulas, apart from the C code: k-means, fuzzy c-means
and maximum-entropy clustering, from the same first centers, until nothing moves.
"""
import numpy as np

from golden import literal, numbers

N, K = 240, 3
# a number: its mean and deviation; a category: its values
COLUMNS = [
    (0.5, 2.0),
    ["violet", "", "r\u00f6tlich", "Blue", "blue"],
    (-3.0, 0.25),
    (10.0, 30.0),
    ["yes", "no"],
    ["d", "b", "a", "c", "g", "f", "e"],
    (1.0, 1.0),
    (0.0, 0.01),
    ["north \u20ac", "south", "north"],
    (2.0, 7.0),
]
# algorithm, scale, weight of categories, are rows weighted, options
CASES = [
    ("kmeans", "zscore", 1.0, False, {}),
    ("kmeans", "none", 0.5, True, {}),
    ("fcm", "none", 1.0, False, {"fuzzifier": 1.3}),
    ("fcm", "minmax", 2.5, True, {"fuzzifier": 1.2}),
    ("mec", "zscore", 1.0, False, {"temperature": 1.0}),
    ("mec", "minmax", 1.0, True, {"temperature": 0.05}),
]
SCALES = {"none": "FC_SCALE_NONE", "minmax": "FC_SCALE_MINMAX", "zscore": "FC_SCALE_ZSCORE"}

HEAD = """\
/*
 * categories.h - reference values, written by test/golden/categories.py
 *
 * Rows of numbers and categories, these as the position of their value in the order of
 * first appearance; weights and first centers; and what the algorithms make of them until
 * nothing moves, by an implementation in numpy.  Features are in the order of columns,
 * indicators in that of the bytes of their values.  Centers are in the units of the rows.
 */
"""


def table():
    """Rows (a list of columns), in three overlapping groups"""
    rng = np.random.RandomState(14)
    group = rng.randint(0, K, N)
    columns = []
    for column in COLUMNS:
        if isinstance(column, tuple):
            mean, deviation = column
            shift = rng.normal(size=K)
            columns.append(np.round(mean + deviation * (shift[group] + rng.normal(size=N)), 5))
        else:
            share = rng.dirichlet(np.full(len(column), 0.7), size=K)
            columns.append([column[rng.choice(len(column), p=share[g])] for g in group])
    return columns, np.round(rng.uniform(0, 3, N), 2)


def first_codes(column):
    """Codes by first appearance, and the values in that order"""
    values = list(dict.fromkeys(column))
    return [values.index(value) for value in column], values


def features(columns):
    """(n, d), and the column of each feature"""
    made, owner = [], []
    for number, column in enumerate(columns):
        if isinstance(column, list):
            for value in sorted(set(column), key=lambda value: value.encode()):
                made.append([float(other == value) for other in column])
                owner.append(number)
        else:
            made.append(list(column))
            owner.append(number)
    return np.array(made).T, np.array(owner)


def scaling(x, owner, w, scale, category_weight, is_category):
    mean = w @ x / w.sum()
    variance = w @ (x - mean) ** 2 / w.sum()
    low, high = x[w > 0].min(0), x[w > 0].max(0)
    numbers = ~is_category[owner]
    shift, factor = np.zeros(x.shape[1]), np.ones(x.shape[1])
    if scale == "minmax":
        shift[numbers], factor[numbers] = low[numbers], 1 / (high - low)[numbers]
    if scale == "zscore":
        shift[numbers], factor[numbers] = mean[numbers], 1 / np.sqrt(variance[numbers])
    gini = [1 - np.sum((w @ x[:, owner == column] / w.sum()) ** 2) for column in np.flatnonzero(is_category)]
    f = np.sqrt(category_weight * np.mean((variance * factor ** 2)[numbers]) / np.mean(gini))
    factor[~numbers] = f
    return shift, factor


def squares(x, v):
    return ((x[:, None, :] - v[None, :, :]) ** 2).sum(2)


def memberships(algorithm, d, options):
    if algorithm == "kmeans":
        return np.eye(d.shape[1])[d.argmin(1)]
    if algorithm == "fcm":
        power = (d / d.min(1, keepdims=True)) ** (-1 / (options["fuzzifier"] - 1))
        return power / power.sum(1, keepdims=True)
    power = np.exp(-(d - d.min(1, keepdims=True)) / options["temperature"])
    return power / power.sum(1, keepdims=True)


def objective(algorithm, d, u, w, options):
    if algorithm == "kmeans":
        return w @ d.min(1)
    if algorithm == "fcm":
        return w @ (u ** options["fuzzifier"] * d).sum(1)
    t = options["temperature"]
    least = d.min(1)
    return w @ (least - t * np.log(np.exp(-(d - least[:, None]) / t).sum(1)))


def cluster(algorithm, x, w, v, options):
    for _ in range(100000):
        u = memberships(algorithm, squares(x, v), options)
        power = w[:, None] * (u ** options["fuzzifier"] if algorithm == "fcm" else u)
        new = power.T @ x / power.sum(0)[:, None]
        if np.abs(new - v).max() < 1e-15:
            break
        v = new
    d = squares(x, v)
    u = memberships(algorithm, d, options)
    return v, u, objective(algorithm, d, u, w, options)


def string(values):
    """As C source; each in quotes of its own, as a digit may follow an escape"""
    parts = ["".join(chr(byte) if 32 <= byte < 127 else "\" \"\\x%02x\" \"" % byte for byte in value.encode())
             for value in values]
    return " ".join("\"%s\\0\"" % part for part in parts).replace("\"\" ", "")


def array(kind, name, values):
    print("static const %s %s[] = {\n%s\n};\n" % (kind, name, numbers(values, 1)))


def case(entry, x, owner, weights, is_category, start):
    algorithm, scale, category_weight, weighted, options = entry
    w = weights if weighted else np.ones(N)
    shift, factor = scaling(x, owner, w, scale, category_weight, is_category)
    v, u, best = cluster(algorithm, (x - shift) * factor, w, (start - shift) * factor, options)
    print("\t{")
    print("\t\t.algorithm = \"%s\", .scale = %s, .category_weight = %.12g, .weighted = %s," %
          (algorithm, SCALES[scale], category_weight, "true" if weighted else "false"))
    if options:
        print("\t\t.options = {%s}," % ", ".join("{\"%s\", %.12g}" % option for option in options.items()))
    print("\t\t.factor = %.12g, .objective = %.12g," % (factor[is_category[owner]][0], best))
    print("\t\t.centers = %s," % literal("double", (v / factor + shift).ravel()))
    print("\t\t.sizes = %s," % literal("double", w @ u))
    print("\t\t.memberships = %s" % literal("double", u[:20].ravel()))
    print("\t},")


def main():
    columns, weights = table()
    is_category = np.array([isinstance(column, list) for column in columns])
    x, owner = features(columns)
    start = x[:K] * 0.75 + x[K:2 * K] * 0.25
    coded, levels, values = [], [], []
    for column in columns:
        if isinstance(column, list):
            codes, found = first_codes(column)
            coded.append(codes)
            levels.append(len(found))
            values += found
        else:
            coded.append(column)
            levels.append(0)
    print(HEAD)
    print("enum {MIXED_N = %d, MIXED_COLUMNS = %d, MIXED_D = %d, MIXED_K = %d, MIXED_SHOWN = 20};\n" %
          (N, len(columns), x.shape[1], K))
    print("static const int32_t mixed_levels[] = {%s};\n" % ", ".join(map(str, levels)))
    print("static const char mixed_values[] = %s;\n" % string(values))
    array("double", "mixed_table", np.array(coded, dtype=float).T.ravel())
    array("double", "mixed_weights", weights)
    array("double", "mixed_start", start.ravel())
    print("static const MixedCase mixed_cases[] = {")
    for entry in CASES:
        case(entry, x, owner, weights, is_category, start)
    print("};")


if __name__ == "__main__":
    main()

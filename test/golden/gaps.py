#!/usr/bin/env python3
"""
gaps.py - reference values for test/unit/gaps.c

    test/golden/gaps.py >test/data/gaps.h

k-means, fuzzy c-means, maximum-entropy and Tsallis clustering of rows with missing
numbers, from given first centers: by partial distances (Hathaway and Bezdek,
2001), and with means in place of what is missing.  Written from the formulas.
Python's standard library only.
"""
import math

ROWS, COLUMNS, CLUSTERS, SCORED = 48, 4, 3, 12
NAN = float("nan")

# algorithm, parameters, options of the extension
METHODS = (
    ("kmeans", {}, ()),
    ("fcm", {"m": 2.0}, (("fuzzifier", 2),)),
    ("fcm", {"m": 1.7}, (("fuzzifier", 1.7),)),
    ("mec", {"t": 3.0}, (("temperature", 3),)),
    ("tsallis", {"q": 1.5, "t": 2.0}, (("q", 1.5), ("temperature", 2), ("max_steps", 1), ("inner_tolerance", 1e-13))),
)


def present(x):
    return x == x


def rows():
    """Three groups; some rows lack one, two or three of four features"""
    result = []
    for i in range(ROWS):
        g = i % CLUSTERS
        row = [round(math.sin(i * 1.7 + j) * 1.5 + (0, 3, -3)[g] * (1, 1, 0.5, 0)[j] + (0, 0, 4 * g, 0)[j] + 2 * j, 6)
               for j in range(COLUMNS)]
        missing = [(i * i * 3 + j * j * 5 + i * j * 7 + i) % 11 < 3 and j != i % COLUMNS for j in range(COLUMNS)]
        result.append([NAN if gap else v for gap, v in zip(missing, row)])
    return result


def weights():
    return [(i * 7 % 5) / 2 for i in range(ROWS)]


def start():
    return [[0.5, 1.5, 4.25, 6.0], [2.5, 5.0, 9.0, 6.0], [-3.0, -1.0, 9.0, 5.5]]


def moments(x, w):
    """Mean and standard deviation of what has been observed"""
    result = []
    for j in range(COLUMNS):
        seen = [(w[i], row[j]) for i, row in enumerate(x) if present(row[j])]
        total = sum(a for a, _ in seen)
        mean = sum(a * v for a, v in seen) / total
        result.append((mean, math.sqrt(sum(a * (v - mean) ** 2 for a, v in seen) / total)))
    return result


def distance(x, v):
    seen = [j for j in range(COLUMNS) if present(x[j])]
    return COLUMNS / len(seen) * sum((x[j] - v[j]) ** 2 for j in seen)


def normalized(values):
    return [v / sum(values) for v in values]


def scores(name, p, d):
    """The memberships of a row, and its part of the objective, from its distances"""
    if name == "kmeans":
        return [float(c == d.index(min(d))) for c in range(CLUSTERS)], min(d)
    if name == "fcm":
        u = normalized([v ** (-1 / (p["m"] - 1)) for v in d])
        return u, sum(a ** p["m"] * b for a, b in zip(u, d))
    if name == "mec":
        z = [math.exp(-v / p["t"]) for v in d]
        return normalized(z), -p["t"] * math.log(sum(z))
    q = p["q"]
    z = [(1 + (q - 1) * v / p["t"]) ** (-1 / (q - 1)) for v in d]
    return normalized(z), -p["t"] * (sum(z) ** (1 - q) - 1) / (1 - q)


def powers(name, p, u):
    return [v ** {"fcm": p.get("m"), "tsallis": p.get("q")}.get(name, 1) for v in u]


def update(x, w, v):
    """w (rows, clusters); a center keeps what none of its rows has"""
    result = []
    for c in range(CLUSTERS):
        center = []
        for j in range(COLUMNS):
            seen = [(w[i][c], row[j]) for i, row in enumerate(x) if present(row[j])]
            total = sum(a for a, _ in seen)
            center.append(sum(a * b for a, b in seen) / total if total > 0 else v[c][j])
        result.append(center)
    return result


def train(name, p, iterations, mean, scaled, weighted):
    x, v = rows(), start()
    times = weights() if weighted else [1.0] * ROWS
    if mean:
        fill = moments(x, times)
        x = [[b if present(b) else fill[j][0] for j, b in enumerate(row)] for row in x]
    if scaled:
        unit = moments(x, times)
        x, v = [[[(b - unit[j][0]) / unit[j][1] for j, b in enumerate(row)] for row in part] for part in (x, v)]
    for _ in range(iterations):
        u = [scores(name, p, [distance(row, c) for c in v])[0] for row in x]
        v = update(x, [[times[i] * a for a in powers(name, p, row)] for i, row in enumerate(u)], v)
    d = [[distance(row, c) for c in v] for row in x]
    all_scores = [scores(name, p, row) for row in d]
    near = [row.index(min(row)) for row in d]
    size = [sum(times[i] * s[0][c] for i, s in enumerate(all_scores)) for c in range(CLUSTERS)]
    radius = []
    for c in range(CLUSTERS):
        mine = [(times[i], math.sqrt(d[i][c])) for i in range(ROWS) if near[i] == c and times[i] > 0]
        radius.append(sum(a * b for a, b in mine) / sum(a for a, _ in mine))
    return (sum(times[i] * s[1] for i, s in enumerate(all_scores)), v, size, radius,
            [a for s in all_scores[:SCORED] for a in s[0]])


def numbers(values):
    return ", ".join("NAN" if v != v else format(float(v), ".17g") for v in values)


def flat(table):
    return [v for row in table for v in row]


def main():
    print("/*\n * gaps.h - reference values, written by test/golden/gaps.py\n *\n"
          " * Rows with missing numbers, and models of them from given first centers: by partial\n"
          " * distances, or with means in place of what is missing.  Centers and radii are in scaled units.\n */")
    print(f"enum {{GAP_ROWS = {ROWS}, GAP_COLUMNS = {COLUMNS}, GAP_CLUSTERS = {CLUSTERS}, GAP_SCORED = {SCORED}}};\n")
    print("static const double gap_rows[GAP_ROWS * GAP_COLUMNS] = {")
    for row in rows():
        print(f"\t{numbers(row)},")
    print("};\n\nstatic const double gap_weights[GAP_ROWS] = {\n\t" + numbers(weights()) + "\n};\n")
    print("static const double gap_start[GAP_CLUSTERS * GAP_COLUMNS] = {\n\t" + numbers(flat(start())) + "\n};\n")
    print("static const GapCase gap_cases[] = {")
    for name, p, options in METHODS:
        for iterations in (1, 4):
            for mean in (0, 1):
                for scaled, weighted in ((0, 0), (1, 0), (0, 1), (1, 1)):
                    objective, v, size, radius, u = train(name, p, iterations, mean, scaled, weighted)
                    text = ", ".join("{\"%s\", %.17g}" % option for option in options)
                    print(f"\t{{\"{name}\", {{{text or '{NULL, 0}'}}}, {iterations}, {mean}, {scaled}, {weighted}, {numbers([objective])},")
                    print(f"\t\t{{{numbers(flat(v))}}},\n\t\t{{{numbers(size)}}}, {{{numbers(radius)}}},\n\t\t{{{numbers(u)}}}}},")
    print("};")


main()

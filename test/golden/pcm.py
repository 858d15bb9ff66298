#!/usr/bin/env python3
"""
pcm.py - reference values for test/unit/pcm.c

    test/golden/pcm.py >test/data/pcm.h

Fuzzy c-means until nothing moves, eta from its memberships, and possibilistic, or
possibilistic fuzzy, c-means until nothing moves, from given first centers; of rows that
may have weights, or lack numbers (partial distances).  Written from the formulas.
Python's standard library only.
"""
import math

ROWS, COLUMNS, CLUSTERS, SCORED = 54, 3, 3, 12
NAN = float("nan")
STEPS = 20000

# fuzzifier, typicality exponent, weights of memberships and typicalities, factor of eta; rows with weights, with gaps
CASES = (
    (2.0, 2.0, 0.0, 1.0, 1.0, False, False),
    (1.5, 1.5, 0.0, 1.0, 1.0, False, False),
    (2.0, 3.0, 0.0, 1.0, 1.0, True, False),
    (1.7, 1.3, 0.0, 2.0, 0.5, False, False),
    (2.0, 2.0, 1.0, 1.0, 1.0, False, False),
    (1.6, 2.5, 2.0, 0.5, 3.0, True, False),
    (3.0, 1.5, 0.5, 4.0, 1.0, False, False),
    (2.0, 2.0, 0.0, 1.0, 1.0, False, True),
    (1.8, 2.2, 1.0, 2.0, 0.7, True, True),
)


def rows():
    """Three groups of different widths, and every ninth row somewhere between"""
    result = []
    for i in range(ROWS):
        g = i % CLUSTERS
        center = ((0, 0, 0), (6, 1, -2), (1, 7, 3))[g]
        width = (0.5, 1.0, 1.5)[g]
        if i % 9 == 8:
            result.append([round(9 * math.sin(i * 3.1 + 2 * j), 6) for j in range(COLUMNS)])
        else:
            result.append([round(center[j] + width * math.sin(i * 1.7 + i * i * 0.3 + 2.3 * j), 6) for j in range(COLUMNS)])
    return result


def weights():
    return [1 + (i * 7 % 5) / 2 for i in range(ROWS)]


def with_gaps(x):
    return [[NAN if (i * 5 + j * 3 + i * i) % 7 == 0 and j != i % COLUMNS else v for j, v in enumerate(row)]
            for i, row in enumerate(x)]


START = [[0.5, 0.5, -0.5], [5.0, 2.0, -1.0], [0.0, 6.0, 2.0]]


def distance(row, v):
    seen = [(a - b) ** 2 for a, b in zip(row, v) if a == a]
    return math.fsum(seen) * len(row) / len(seen)


def distances(x, v):
    return [[distance(row, center) for center in v] for row in x]


def memberships(d, m):
    result = []
    for row in d:
        if min(row) == 0:
            result.append([float(value == 0) / row.count(0) for value in row])
        else:
            ratios = [(min(row) / value) ** (1 / (m - 1)) for value in row]
            result.append([r / math.fsum(ratios) for r in ratios])
    return result


def typicalities(d, eta, b, p):
    return [[1 / (1 + (b * value / e) ** (1 / (p - 1))) for value, e in zip(row, eta)] for row in d]


def means(x, w):
    """Of the rows that have a feature"""
    v = []
    for c in range(CLUSTERS):
        center = []
        for j in range(COLUMNS):
            seen = [(w[i][c], row[j]) for i, row in enumerate(x) if row[j] == row[j]]
            center.append(math.fsum(a * value for a, value in seen) / math.fsum(a for a, _ in seen))
        v.append(center)
    return v


def iterate(x, v, step):
    """Until nothing moves, up to rounding"""
    for _ in range(STEPS):
        new = means(x, step(distances(x, v)))
        way = max(abs(a - b) for old, center in zip(v, new) for a, b in zip(old, center))
        v = new
        if way < 1e-15:
            break
    return v


def train(case):
    m, p, a, b, factor, weighted, gaps = case
    x = with_gaps(rows()) if gaps else rows()
    weight = weights() if weighted else [1.0] * ROWS
    v = iterate(x, START, lambda d: [[weight[i] * u ** m for u in row] for i, row in enumerate(memberships(d, m))])
    d = distances(x, v)
    u = memberships(d, m)
    eta = [factor * math.fsum(weight[i] * u[i][c] ** m * d[i][c] for i in range(ROWS)) /
           math.fsum(weight[i] * u[i][c] ** m for i in range(ROWS)) for c in range(CLUSTERS)]

    def step(d):
        u = memberships(d, m)
        t = typicalities(d, eta, b, p)
        return [[weight[i] * (a * u[i][c] ** m + b * t[i][c] ** p) for c in range(CLUSTERS)] for i in range(ROWS)]

    v = iterate(x, v, step)
    d = distances(x, v)
    u = memberships(d, m)
    t = typicalities(d, eta, b, p)
    objective = math.fsum(weight[i] * ((a * u[i][c] ** m + b * t[i][c] ** p) * d[i][c] + eta[c] * (1 - t[i][c]) ** p)
                          for i in range(ROWS) for c in range(CLUSTERS))
    sizes = [math.fsum(weight[i] * t[i][c] for i in range(ROWS)) for c in range(CLUSTERS)]
    return objective, v, eta, sizes, t[:SCORED]


def flat(lists):
    return [value for row in lists for value in row]


def numbers(values):
    lines, line = [], ""
    for value in values:
        text = "NAN" if value != value else format(value, ".15g")
        if len(line) + len(text) + 2 > 100:
            lines.append(line.rstrip())
            line = ""
        line += text + ", "
    lines.append(line.rstrip(", "))
    return "\n".join("\t\t\t" + text for text in lines)


def main():
    print("/*\n * pcm.h - reference values, written by test/golden/pcm.py\n *\n"
          " * Possibilistic and possibilistic fuzzy c-means after fuzzy c-means, each until nothing moves.\n */")
    print(f"enum {{PCM_ROWS = {ROWS}, PCM_COLUMNS = {COLUMNS}, PCM_CLUSTERS = {CLUSTERS}, PCM_SCORED = {SCORED}}};\n")
    print("static const double pcm_rows[] = {\n%s\n};\n" % numbers(flat(rows())))
    print("static const double pcm_rows_with_gaps[] = {\n%s\n};\n" % numbers(flat(with_gaps(rows()))))
    print("static const double pcm_weights[] = {\n%s\n};\n" % numbers(weights()))
    print("static const double pcm_start[] = {\n%s\n};\n" % numbers(flat(START)))
    print("static const PcmCase pcm_cases[] = {")
    for case in CASES:
        objective, v, eta, sizes, t = train(case)
        print("\t{")
        print("\t\t.options = {%s}, .weighted = %d, .gaps = %d," % (", ".join("%g" % o for o in case[:5]), case[5], case[6]))
        print("\t\t.objective = %.15g," % objective)
        print("\t\t.centers = {\n%s\n\t\t}," % numbers(flat(v)))
        print("\t\t.eta = {%s}," % ", ".join("%.15g" % e for e in eta))
        print("\t\t.sizes = {%s}," % ", ".join("%.15g" % s for s in sizes))
        print("\t\t.typicalities = {\n%s\n\t\t}" % numbers(flat(t)))
        print("\t},")
    print("};")


if __name__ == "__main__":
    main()

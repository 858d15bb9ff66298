#!/usr/bin/env python3
"""
golden.py - reference values for test/unit/golden.c

    test/golden/golden.py golden.json >test/data/golden.h

golden.json is the output of a reference implementation in numpy, which was
written from the formulas, apart from the C code, and compared with R e1071
(cmeans), Octave (fcm, gustafson_kessel), scikit-learn (KMeans, GaussianMixture)
and a general optimizer.  This
script takes from it what the unit test compares, and computes nothing.

To add an algorithm, say in OPTIONS how its parameters are called here, and in
ALSO what else it must be told.
"""
import json
import sys

# algorithm of the file -> parameter of the file -> option of the extension
OPTIONS = {
    "kmeans": {},
    "fcm": {"m": "fuzzifier"},
    "gk": {"m": "fuzzifier", "gamma": "regularization"},
    "gg": {"m": "fuzzifier", "weight_exponent": "weight_exponent"},
    "mec": {"T": "temperature"},
    "tsallis_fixed": {"q": "q", "T": "temperature"},
}

# algorithm of the file -> its name here, if another
NAMES = {"tsallis_fixed": "tsallis"}

# one step of the annealing, until nothing moves
ALSO = {"tsallis_fixed": {"max_steps": 1, "inner_tolerance": 1e-13}}

STAGES = (("after_1", 1), ("after_2", 2), ("after_5", 5), ("converged", 0))

HEAD = """\
/*
 * golden.h - reference values, written by test/golden/golden.py
 *
 * Rows and first centers, and what the algorithms make of them after 1, 2 and
 * 5 iterations and at the fixed point (iterations 0), by an implementation in
 * numpy that was compared with R e1071 (cmeans), Octave (fcm), scikit-learn
 * (KMeans, GaussianMixture), Octave (gustafson_kessel) and a general optimizer.  Numbers have 12 digits.
 * Objective and memberships are those at the centers, covariances and shares
 * given.  The objective of gg is sum u^m d.  iris: Fisher, 1936.
 */
"""


def numbers(values, indent):
    """The values as C source, broken into lines"""
    lines, line = [], ""
    for value in values:
        text = format(value, ".12g")
        if len(line) + len(text) + 2 > 100:
            lines.append(line.rstrip())
            line = ""
        line += text + ", "
    lines.append(line.rstrip(", "))
    return "\n".join("\t" * indent + text for text in lines)


def flat(rows):
    return [value for row in rows for value in row]


def literal(kind, values):
    return "(const %s[]) {\n%s\n\t\t}" % (kind, numbers(values, 3))


def dataset(name, data):
    print("static const double %s_rows[] = {\n%s\n};\n" % (name, numbers(flat(data["X"]), 1)))
    print("static const double %s_start[] = {\n%s\n};\n" % (name, numbers(flat(data["V0"]), 1)))
    if "labels" in data:
        print("static const int %s_labels[] = {\n%s\n};\n" % (name, numbers(data["labels"], 1)))


def dataset_entry(name, data):
    labels = "%s_labels" % name if "labels" in data else "NULL"
    print("\t{\"%s\", %d, %d, %d, %s_rows, %s_start, %s}," %
          (name, len(data["X"]), len(data["X"][0]), len(data["V0"]), name, name, labels))


def memberships(result):
    """The rows whose memberships are given, and these"""
    if "U" in result:
        return list(range(len(result["U"]))), flat(result["U"])
    rows = sorted(result.get("U_rows", {}), key=int)
    return [int(row) for row in rows], flat(result["U_rows"][row] for row in rows)


def case(entry, datasets, result, iterations):
    names = OPTIONS[entry["algo"]]
    values = {names[key]: value for key, value in entry["params"].items() if key in names}
    values.update(ALSO.get(entry["algo"], {}))
    options = ["{\"%s\", %.12g}" % value for value in values.items()]
    rows, u = memberships(result)
    print("\t{")
    print("\t\t.algorithm = \"%s\", .data = &golden_data[%d], .iterations = %d," %
          (NAMES.get(entry["algo"], entry["algo"]), datasets.index(entry["dataset"]), iterations))
    if options:
        print("\t\t.options = {%s}," % ", ".join(options))
    print("\t\t.objective = %.12g," % result["obj"])
    print("\t\t.centers = %s," % literal("double", flat(result["V"])))
    print("\t\t.counts = %s," % literal("int", result["label_counts"]))
    if "F" in result:
        print("\t\t.covariances = %s," % literal("double", flat(flat(result["F"]))))
    if "P" in result:
        print("\t\t.shares = %s," % literal("double", result["P"]))
    if "pc" in result:
        print("\t\t.partition_coefficient = %.12g," % result["pc"])
    if rows:
        print("\t\t.nrows = %d, .rows = %s," % (len(rows), literal("int", rows)))
        print("\t\t.memberships = %s," % literal("double", u))
    print("\t\t.misclassified = %d" % result.get("misclassified", -1))
    print("\t},")


def coincidence(entry):
    print("\t{")
    print("\t\t/* %s */" % entry["what"].replace("centre", "center"))
    print("\t\t.fuzzifier = %.12g," % entry["m"])
    print("\t\t.centers = %s," % literal("double", flat(entry["V"])))
    print("\t\t.memberships = %s" % literal("double", flat(entry["U"])))
    print("\t},")


def main(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    datasets = list(golden["datasets"])
    print(HEAD)
    for name in datasets:
        dataset(name, golden["datasets"][name])
    print("static const GoldenData golden_data[] = {")
    for name in datasets:
        dataset_entry(name, golden["datasets"][name])
    print("};\n\nstatic const GoldenCase golden_cases[] = {")
    for entry in golden["algorithms"]:
        if entry["algo"] in OPTIONS:
            for stage, iterations in STAGES:
                if stage in entry:
                    case(entry, datasets, entry[stage], iterations)
    print("};\n\n/* centers on rows of the first data set, and on each other */")
    print("static const GoldenCoincidence golden_coincidences[] = {")
    for entry in golden["coincidence"]:
        coincidence(entry)
    print("};")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

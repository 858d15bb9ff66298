#!/usr/bin/env python3
"""
spectral.py - reference values for test/unit/spectral.c

    test/golden/spectral.py golden.json >test/data/spectral.h

golden.json is the output of a reference implementation in numpy, which was
written from the formulas, apart from the C code.  This script takes from it
what the unit test compares, and computes nothing.
"""
import json
import sys

HEAD = """\
/*
 * spectral.h - reference values, written by test/golden/spectral.py
 *
 * Spectral clustering into three by an implementation in numpy: five
 * eigenvalues, and the best of k-means in the embedding.  Numbers have 12
 * digits.  iris: Fisher, 1936.
 */
"""


def lines(values):
    """The values as C source, twenty to a line"""
    texts = [format(value, ".12g") for value in values]
    return ",\n".join("\t" + ", ".join(texts[i:i + 20]) for i in range(0, len(texts), 20))


def dataset(name, data):
    rows = [value for row in data["X"] for value in row]
    print("static const double %s_rows[] = {\n%s\n};\n" % (name, lines(rows)))
    print("static const int %s_labels[] = {\n%s\n};\n" % (name, lines(data["labels"])))


def case(entry, data):
    print("\t{%s_rows, %s_labels, %d, %d, \"%s\", %.12g," %
          (entry["dataset"], entry["dataset"], len(data["X"]), len(data["X"][0]), entry["kind"], entry["sigma"]))
    print("\t\t{%s}, %.12g, %d, {%s}}," %
          (", ".join("%.12g" % value for value in entry["top_eigenvalues"]), entry["kmeans_obj"],
           entry["misclassified"], ", ".join("%d" % count for count in entry["label_counts_sorted"])))


def main(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    print(HEAD)
    for name in sorted({entry["dataset"] for entry in golden["spectral"]}):
        dataset(name, golden["datasets"][name])
    print("static const GoldenSpectral golden_spectral[] = {")
    for entry in golden["spectral"]:
        case(entry, golden["datasets"][entry["dataset"]])
    print("};")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

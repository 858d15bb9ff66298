#!/usr/bin/env python3
"""
logic.py - reference values for test/unit/golden_logic.c

    test/golden/logic.py golden.json >test/data/logic.h

golden.json is the output of a reference implementation in numpy, which was
written from the formulas, apart from the C code.  This script takes from it
what the unit test compares, and computes nothing.
"""
import json
import sys

HEAD = """\
/*
 * logic.h - reference values, written by test/golden/logic.py
 *
 * Operators and distances of the fuzzy logic, by an implementation in numpy.
 * Numbers have 12 digits.
 */
"""


def numbers(entry, keys):
    return ", ".join(format(entry[key], ".12g") for key in keys)


def vector(value):
    """A number is a vector of one dimension"""
    values = value if isinstance(value, list) else [value]
    return len(values), "{%s}" % ", ".join(format(v, ".12g") for v in values)


def distance(entry):
    d, x = vector(entry["x"])
    y = vector(entry["y"])[1]
    print("\t{\"%s\", %s, %d, %s, %s, %s}," % (entry["generator"], numbers(entry, ("theta", "vartheta")),
                                              d, x, y, numbers(entry, ("S", "d_raw", "d"))))


def main(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    print(HEAD)
    print("/* generator, theta, vartheta, dimensions, x, y, Sigma, (D - theta) / (1 - theta), d */")
    print("static const GoldenDistance golden_distances[] = {")
    for entry in golden["logical_distance"]:
        distance(entry)
    print("};\n\n/* logit: theta, vartheta, x, y, uninorm, absorbing norm, negation of x */")
    print("static const GoldenOperators golden_operators[] = {")
    for entry in golden["operators_logit"]:
        print("\t{%s}," % numbers(entry, ("theta", "vartheta", "x", "y", "uninorm", "absorbing", "neg_x")))
    print("};")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

#!/usr/bin/env python3
"""
logical.py - reference values for test/unit/logical.c

    test/golden/logical.py golden.json >test/data/logical.h

golden.json is the output of a reference implementation in numpy, which was
written from the formulas, apart from the C code.  This script takes from it
what the unit test compares, and computes nothing.
"""
import json
import sys

HEAD = """\
/*
 * logical.h - reference values, written by test/golden/logical.py
 *
 * Fuzzy c-means with the fuzzy logical distance, with a given number of clusters
 * and with one that is found, by an implementation in numpy.  Numbers have 12 digits.
 */
"""
AFTER = (("after_1", 1), ("after_2", 2), ("after_5", 5), ("after_50", 50), ("converged", 0))


def numbers(values, end=""):
    return ", ".join(format(v, ".12g") for v in values) + end


def matrix(kind, name, rows):
    print("static const %s %s[] = {" % (kind, name))
    for row in rows:
        print("\t%s" % numbers(row if isinstance(row, list) else [row], ","))
    print("};\n")


def given(number, case):
    """A start, and where it is after some iterations"""
    name = "given_%d" % number
    matrix("double", name + "_start", case["V0"])
    for key, _ in AFTER:
        matrix("double", "%s_%s" % (name, key), case[key]["V"])
        matrix("double", "%s_%s_u" % (name, key), case[key]["U"])
    return ["\t{%s, %d, %s_start, %d, %s, %s_%s, %s_%s_u}," % (
        numbers([case["theta"], case["vartheta"], case["m"]]), len(case["V0"]), name, iterations,
        format(case[key]["obj"], ".12g"), name, key, name, key) for key, iterations in AFTER]


def found(number, case):
    matrix("double", "found_%d" % number, case["V_raw"])
    return "\t{%s, %d, %d, found_%d}," % (
        numbers([case[key] for key in ("eps", "delta", "theta", "vartheta", "m", "merge")]),
        case["min_pts"], case["K"], number)


def main(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    print(HEAD)
    matrix("double", "tiny", golden["datasets"]["tiny"]["X"])
    matrix("double", "tiny_range", [golden["minmax_eps_0.1_tiny"][key] for key in ("lo", "hi")])
    cases = [line for i, case in enumerate(golden["logical_fcm"]) for line in given(i, case)]
    print("/* theta, vartheta, m, k, first centers, iterations (0: until they settle), objective, centers, memberships */")
    print("static const GoldenGiven golden_given[] = {\n%s\n};\n" % "\n".join(cases))
    matrix("double", "four", golden["two_stage"][0]["X"])
    matrix("int", "four_labels", golden["two_stage"][0]["true_labels"])
    cases = [found(i, case) for i, case in enumerate(golden["two_stage"])]
    print("/* margin, grid_precision, theta, vartheta, m, merge_distance, min_points, k, centers */")
    print("static const GoldenFound golden_found[] = {\n%s\n};" % "\n".join(cases))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

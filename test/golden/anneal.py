#!/usr/bin/env python3
"""
anneal.py - reference values for test/unit/anneal.c

    test/golden/anneal.py golden.json >test/data/anneal.h

golden.json is the output of a reference implementation in numpy, which was
written from the formulas, apart from the C code.  This script takes from it
what the unit test compares, and computes nothing.
"""
import json
import sys

from golden import flat, literal, memberships

HEAD = """\
/*
 * anneal.h - reference values, written by test/golden/anneal.py
 *
 * The annealing schedules of tsallis from given first centers, its memberships, its
 * cooling and its fit of q, by an implementation in numpy.  Numbers have 12
 * digits.  The rows are in golden.h.
 */
"""

SCHEDULES = {"t_reduction": "temperature", "q_fit": "q_fit", "q_inverse": "q_inverse"}

# parameter of the file -> option of the extension
OPTIONS = {
    "q": "q", "T_high": "temperature", "a": "fit_a", "b": "fit_b", "alpha": "alpha", "r": "rate",
    "D": "dimension_exponent", "delta1": "inner_tolerance", "delta2": "outer_tolerance",
    "max_outer": "max_steps",
}


def case(entry, datasets):
    result = entry["result"]
    options = ["{\"%s\", %.12g}" % (OPTIONS[key], value) for key, value in entry["params"].items()]
    rows, u = memberships(result)
    print("\t{")
    print("\t\t.schedule = \"%s\", .data = &golden_data[%d]," %
          (SCHEDULES[entry["schedule"]], datasets.index(entry["dataset"])))
    print("\t\t.options = {%s}," % ", ".join(options))
    print("\t\t.steps = %d, .iterations = %d, .q = %.12g, .t = %.12g, .objective = %.12g," %
          (result["outer"], result["iters"], result["q"], result["T"], result["obj"]))
    print("\t\t.centers = %s," % literal("double", flat(result["V"])))
    print("\t\t.nrows = %d, .rows = %s," % (len(rows), literal("int", rows)))
    print("\t\t.memberships = %s," % literal("double", u))
    print("\t\t.misclassified = %d" % result["misclassified"])
    print("\t},")


def table(kind, name, entries, keys):
    print("static const %s %s[] = {" % (kind, name))
    for entry in entries:
        print("\t{%s}," % ", ".join(format(entry[key], ".12g") for key in keys))
    print("};\n")


def main(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    datasets = list(golden["datasets"])
    print(HEAD)
    print("static const AnnealCase anneal_cases[] = {")
    for entry in golden["annealing"]:
        case(entry, datasets)
    print("};\n")
    table("AnnealCooling", "anneal_cooling", golden["vfa"], ("T_high", "r", "D", "k", "T"))
    table("AnnealScore", "anneal_scores", golden["tsallis_logw"], ("d2", "q", "T", "lnw"))
    table("AnnealFit", "anneal_fits", golden["q_fit_eq14"]["rows"], ("q0", "T_high", "a", "b"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

#!/usr/bin/env python3
"""
golden_deep.py - reference values for test/unit/nn_*.c

    test/golden/golden_deep.py golden_deep.json >test/data/golden_deep.h

golden_deep.json is the output of a prototype in PyTorch 1.13, float64, whose
gradients come from automatic differentiation.  This script takes from it what
the unit tests compare, and computes nothing.

Left out are batch normalization and Adadelta, which we do not have.
"""
import json
import sys

LEFT_OUT = ("batchnorm2d_train", "adadelta")

HEAD = """\
/*
 * golden_deep.h - reference values, written by test/golden/golden_deep.py
 *
 * Layers, losses, optimizers and steps of deep clustering, each on a few
 * numbers, by a prototype in PyTorch 1.13 (float64, gradients by automatic
 * differentiation).  Images are (n, channels, height, width) here, weights of
 * convolutions (out, in, size, size), of transposed ones (in, out, size, size).
 */
"""


def flat(value):
    if isinstance(value, list):
        return [number for part in value for number in flat(part)]
    return [value]


def numbers(values):
    """The values as C source, broken into lines"""
    lines, line = [], ""
    for value in values:
        text = str(value) if isinstance(value, int) else format(value, ".17g")
        if len(line) + len(text) + 2 > 100:
            lines.append(line.rstrip())
            line = ""
        line += text + ", "
    lines.append(line.rstrip(", "))
    return "\n".join("\t" + text for text in lines)


def array(name, value):
    values = flat(value)
    kind = "int" if all(isinstance(number, int) for number in values) else "double"
    print("static const %s golden_%s[] = {\n%s\n};\n" % (kind, name, numbers(values)))


def is_list_of_matrices(value):
    return isinstance(value[0], list) and len({len(part) for part in value}) > 1


def entry(case, field, value):
    name = "%s_%s" % (case, field)
    if isinstance(value, list) and is_list_of_matrices(value):
        for i, part in enumerate(value):
            array("%s_%d" % (name, i), part)
    elif isinstance(value, list):
        array(name, value)
    elif isinstance(value, float):
        print("static const double golden_%s = %.17g;\n" % (name, value))


def main(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    print(HEAD)
    for case, fields in golden.items():
        if case in LEFT_OUT:
            continue
        for field, value in fields.items():
            entry(case.replace(".", "p"), field, value)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

#!/usr/bin/env python3
"""
project.py - reference values for test/unit/project.c

    test/golden/project.py >test/data/project.h

Means and the first two principal axes of rows of integers, which the test makes by the same
formula: by numpy's singular value decomposition of the rows' differences to the mean, each times
the root of its weight.  A number that is missing is the mean.
"""
import numpy as np

HEAD = """\
/*
 * project.h - reference values, written by test/golden/project.py
 *
 * Mean and two principal axes of rows, by numpy's singular value decomposition: (3, d) each.
 * Numbers have 15 digits.
 */
"""


def make_rows(n, d):
    i, j = np.arange(n)[:, None], np.arange(d)[None, :]
    return ((i * 31 + j * 17 + i * j * 5) % 53 - 26 + 40 * (i % 3 - 1) * (j % 4 - 1) + 25 * (i // 3 % 2) * (j % 5 - 2)).astype(float)


def frame(x, w):
    there = ~np.isnan(x)
    mean = (w[:, None] * np.where(there, x, 0)).sum(axis=0) / (w[:, None] * there).sum(axis=0)
    away = np.where(there, x - mean, 0)
    _, size, axes = np.linalg.svd(np.sqrt(w / w.sum())[:, None] * away, full_matrices=False)
    assert size[0] > 1.01 * size[1] > 1.02 * size[2]
    axes = axes[:2]
    for axis in axes:
        axis *= np.sign(axis[np.argmax(np.abs(axis) > (1 - 1e-6) * np.abs(axis).max())])
    return np.vstack([mean, axes])


def show(name, values):
    text = ["%.15g" % v for v in values.ravel()]
    lines = [", ".join(text[at:at + 4]) for at in range(0, len(text), 4)]
    print("\nstatic const double %s[] = {\n\t%s\n};" % (name, ",\n\t".join(lines)))


print(HEAD, end="")
few = make_rows(60, 6)
gaps = few.copy()
gaps[(np.arange(60)[:, None] * 7 + np.arange(6)[None, :] * 3) % 11 == 0] = np.nan
show("projection_plain", frame(few, np.ones(60)))
show("projection_weighted", frame(few, np.arange(60) % 5 * 1.))
show("projection_gaps", frame(gaps, np.ones(60)))
show("projection_wide", frame(make_rows(300, 80), np.ones(300)))

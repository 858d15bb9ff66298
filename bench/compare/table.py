"""
table.py - runs by turns, and the lines of the report: the ratio first, then its limit, then both sides

A line's ratio is the median of the ratios of the pairs of runs; ours and theirs are medians.
"""
import statistics
import sys

verdicts = []                   # (what, ratio, limit, within) of every line with a limit


def median(values):
    return statistics.median(values)


def alternate(runs, *sides):
    """Runs the sides by turns: A B A B.  A side returns (seconds, processor seconds, ...); a list of its runs each."""
    taken = [[] for _ in sides]
    for run in range(runs):
        for side, results in zip(sides, taken):
            results.append(side(run))
    return taken


def heading(text):
    print(f"\n{text}\n\n{'ratio':>10} {'limit':>10}        {'ours':>11} {'theirs':>11}        {'cpu':>6}  what", flush=True)


def line(what, ours, theirs, unit, limit=None, ratio=None, cpu=None, least=False, form=".3f"):
    """Prints a line.  Lists of runs become medians; least: the ratio must be at least the limit."""
    if isinstance(ours, list):
        ratio = ratio if ratio is not None else median([a / b for a, b in zip(ours, theirs)])
        ours, theirs = median(ours), median(theirs)
    elif ratio is None:
        ratio = ours / theirs
    verdict = ""
    if limit is not None:
        within = ratio >= limit if least else -1e-6 < ratio <= limit  # a time below 0 is lost in noise
        verdict = "ok" if within else "UNDER" if least else "noise" if ratio <= -1e-6 else "OVER"
        verdicts.append((what, ratio, limit, within))
    shown = "" if limit is None else f"{'>= ' if least else ''}{limit:g}"
    theirs = "" if theirs is None else f"{theirs:.4g}"
    print(f"{ratio:>10{form}} {shown:>10} {verdict:<6}{ours:>11.4g} {theirs:>11} {unit:<6} "
          f"{'' if cpu is None else format(cpu, '.3f'):>6}  {what}", flush=True)


def verdict(what, ratio, limit, within):
    """Counts a line whose limit has two sides; says so if it does not keep it."""
    verdicts.append((what, ratio, limit, within))
    if not within:
        note("OVER: " + what)


def pair(what, ours, theirs, unit="s", limit=None, scale=1, one_core=True):
    """A line of two lists of runs as alternate returns them; processor time says more where both use one core."""
    cpu = median([a[1] / b[1] for a, b in zip(ours, theirs) if b[1]] or [0]) if one_core else None
    line(what, [a[0] * scale for a in ours], [b[0] * scale for b in theirs], unit, limit, cpu=cpu)


def speedup(what, alone, team, unit="s", limit=None, scale=1):
    """A line of how many times faster the team is, which has a least limit; ours is the team's time, theirs that alone."""
    line(what, [b[0] * scale for b in team], [a[0] * scale for a in alone], unit, limit,
         ratio=median([a[0] / b[0] for a, b in zip(alone, team)]), least=True)


def note(text):
    print(f"{'':>23}{text}", flush=True)


def summary():
    kept = sum(within for *_, within in verdicts)
    print(f"\n{kept} of {len(verdicts)} lines with a limit keep it")
    for what, ratio, limit, within in verdicts:
        if not within:
            print(f"  {ratio:.4g} (limit {limit:g})  {what}")
    sys.stdout.flush()

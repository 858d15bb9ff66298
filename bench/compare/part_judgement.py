"""
part_judgement.py - which classes the defaults find, beside those of scikit-learn

Labels score, they choose nothing.  The measure is the adjusted Rand index, a mean over seeds for each set.
"""
import statistics

import sets
import table
from bench import nearest

SEEDS = 3
TABLES = 3                      # sets of more columns are tables, whose columns have units of their own: they are scaled
BEHIND = .05                    # below a reference by more: the set is listed
FAMILIES = ("kmeans", "fcm", "mec", "tsallis", "gk", "gg", "spectral")
PEERS = ("kmeans", "mixture", "spectral_rbf", "spectral_neighbors")


def run(bench):
    if not bench.arguments.data:
        table.note("judgement: --data DIR names the directory of the sets")
        return
    seeds = range(1 if bench.quick else SEEDS)
    ours, theirs, objectives = {family: {} for family in FAMILIES}, {peer: {} for peer in PEERS}, []
    for name, x, labels in sets.labelled(bench.arguments.data):
        k = len(set(labels))
        bench.use("judged", sets.standardized(x) if x.shape[1] > TABLES else x, k)
        for peer in PEERS:
            theirs[peer][name] = mean(bench.peer().judged("judged", k, peer, labels, seed) for seed in seeds)
        for family in FAMILIES:
            models = [bench.server.fit(family, "judged", k, seed=seed)[2] for seed in seeds]
            ours[family][name] = mean(bench.peer().agreement(labels, bench.server.labels(model, "judged")) for model in models)
            if family == "kmeans":
                objectives.append(objective(bench, models, k, seeds))
        bench.drop("judged")
    report(ours, theirs, objectives)


def mean(values):
    return statistics.fmean(values)


def objective(bench, models, k, seeds):
    """The median of ours over that of ten starts."""
    x = bench.rows["judged"]
    found = [nearest(x, bench.server.centers(model)) for model in models]
    best = [nearest(x, bench.peer().kmeans("judged", k, n_init=10, random_state=seed)[2]) for seed in seeds]
    return table.median(found) / table.median(best)


def report(ours, theirs, objectives):
    table.heading(f"defaults on {len(objectives)} sets: adjusted Rand index, means over sets and seeds, beside scikit-learn's")
    means = {name: mean(scores.values()) for name, scores in (ours | {"their " + peer: s for peer, s in theirs.items()}).items()}
    table.line("kmeans: objective over that of n_init=10, the worst set", max(objectives), 1, "", 1.001, form=".6f")
    spectral = max(means["their spectral_rbf"], means["their spectral_neighbors"])
    for family, reference, short in (("kmeans", means["their kmeans"], .01), ("fcm", .51, 0), ("gk", .56, 0),
                                     ("gg", means["their mixture"], .005), ("mec", means["kmeans"], .02),
                                     ("tsallis", means["kmeans"], .02), ("spectral", spectral, 0)):
        table.line(f"{family}: at least {reference:.3f}" + (f" - {short}" if short else ""), means[family], reference, "",
                   reference - short, ratio=means[family], least=True)
    for family, reference in (("kmeans", "kmeans"), ("gg", "mixture"), ("spectral", "spectral_rbf"), ("spectral", "spectral_neighbors")):
        behind = [f"{name} {ours[family][name]:.3f} ({theirs[reference][name]:.3f})" for name in ours[family]
                  if ours[family][name] < theirs[reference][name] - BEHIND]
        table.note(f"{family} more than {BEHIND} behind {reference}: " + (", ".join(behind) or "nowhere"))

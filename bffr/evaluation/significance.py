"""Whether differences between two methods are more than chance."""

import math
from collections.abc import Sequence

import numpy as np

_MOST_EXACT = 300  # differences; the time grows with their cube


def wilcoxon(differences: np.ndarray) -> float:
    """p of Wilcoxon's signed rank test, two-sided, of differences (N,) of pairs.

    Exact for up to 300, with ties, too: each sign of the N ranks is as likely as the other. Of
    more, the sum of ranks is taken as normally distributed. Differences of 0 are left out; if all
    are, p is 1.

    Source: F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1, 1945.
    """
    differences = differences[differences != 0]
    _, group, sizes = np.unique(np.abs(differences), return_inverse=True, return_counts=True)
    ranks = (2 * np.cumsum(sizes) - sizes + 1)[group]  # twice, so that ties have whole ones
    positive = ranks[differences > 0].sum()
    smaller = min(positive, ranks.sum() - positive)  # both signs give the very same p
    if len(ranks) > _MOST_EXACT:
        distance = ranks.sum() / 2 - smaller
        return math.erfc(distance / math.sqrt(np.square(ranks, dtype=float).sum() / 2))
    chances = np.ones(1)  # of every sum of the ranks of positive differences
    for rank in ranks:
        chances = (np.pad(chances, (0, rank)) + np.pad(chances, (rank, 0))) / 2
    return float(min(1, 2 * chances[: smaller + 1].sum()))


def holm(values: Sequence[float]) -> list[float]:
    """Holm's correction of p values for their number, in their order.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal
    of Statistics 6, 1979.
    """
    values = np.asarray(values, dtype=float)
    order = np.argsort(values)
    steps = values[order] * np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected.tolist()

"""Whether differences between two methods are more than chance."""

from collections.abc import Sequence

import numpy as np


def wilcoxon(differences: np.ndarray) -> float:
    """p of Wilcoxon's signed rank test, two-sided, of differences (N,) of pairs.

    Exact for any N, with ties, too: each sign of the N ranks is as likely as the other. Differences
    of 0 are left out; if all are, p is 1.

    Source: F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1, 1945.
    """
    differences = differences[differences != 0]
    _, group, sizes = np.unique(np.abs(differences), return_inverse=True, return_counts=True)
    ranks = (2 * np.cumsum(sizes) - sizes + 1)[group]  # twice, so that ties have whole ones
    chances = np.ones(1)  # of every sum of the ranks of positive differences
    for rank in ranks:
        chances = (np.pad(chances, (0, rank)) + np.pad(chances, (rank, 0))) / 2
    positive = ranks[differences > 0].sum()
    return float(min(1, 2 * min(chances[: positive + 1].sum(), chances[positive:].sum())))


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

"""Mean, spread, rank and comparison of every method in every metric."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from .folders import Score
from .protocols import LOWER_IS_BETTER
from .significance import holm, wilcoxon

_LOG = logging.getLogger(__name__)
_RESAMPLES = 5000


@dataclass(frozen=True)
class Entry:
    """A cell of the table: one metric of one method.

    Everything is None where it is undefined, or where there is nothing to tell: a rank needs two
    methods, an interval and p two images, a deviation two images or seeds, a comparison a method of
    the user's own.

    Args:
        mean: Over images and seeds.
        std: Sample standard deviation over images, of the means over seeds.
        low, high: 95 % bootstrap interval of the mean; images and seeds are drawn anew.
        seed_std: Sample standard deviation over seeds, of the means over images.
        rank: Of the mean among the methods, 1 is best; equal means share the better rank.
        difference: Mean of the user's own method less this one's, over the images that both define.
        difference_low, difference_high: Its 95 % bootstrap interval; the images are drawn for both
            methods together, the seeds apart.
        wins: Images on which the user's own method is better than this one.
        pairs: Images that both define.
        p: Of no difference between the two, by Wilcoxon's signed ranks.
        p_holm: The same after Holm's correction over the metrics.
    """

    mean: float | None = None
    std: float | None = None
    low: float | None = None
    high: float | None = None
    seed_std: float | None = None
    rank: int | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    wins: int | None = None
    pairs: int | None = None
    p: float | None = None
    p_holm: float | None = None


Summary = dict[str, dict[str, Entry]]
"""Method -> metric -> entry."""


def summarize(scores: Iterable[Score], against: str | None = None) -> Summary:
    """Summarise scores, methods and metrics in their order.

    An image counts if the metric is defined (finite) for all seeds of the method; a warning names
    the others.

    Args:
        scores: Of the same images for all seeds of all methods.
        against: The user's own method, which is compared with each of the others.
    """
    values = {}
    for score in scores:
        for metric, value in score.values.items():
            seeds = values.setdefault(metric, {}).setdefault(score.method, {})
            seeds.setdefault(score.seed, {})[score.image] = value
    summary = {}
    for metric, methods in values.items():
        tables = {method: _table(metric, method, seeds) for method, seeds in methods.items()}
        spreads = {method: _spread(table) for method, table in tables.items()}
        sign = -1 if metric in LOWER_IS_BETTER else 1
        means = [sign * spread['mean'] for spread in spreads.values() if spread]
        for method, spread in spreads.items():
            rank = None
            if spread and len(tables) > 1:
                rank = 1 + sum(mean > sign * spread['mean'] for mean in means)
            comparison = {}
            if against not in (None, method):
                comparison = _comparison(tables[against], tables[method], sign)
            summary.setdefault(method, {})[metric] = Entry(**spread, rank=rank, **comparison)
    for entries in summary.values():
        tested = [metric for metric, entry in entries.items() if entry.p is not None]
        for metric, p in zip(tested, holm([entries[m].p for m in tested]), strict=True):
            entries[metric] = replace(entries[metric], p_holm=p)
    return summary


def mean_rank(entries: Mapping[str, Entry]) -> float | None:
    """Mean of a method's ranks over the metrics; None if it has none."""
    ranks = [entry.rank for entry in entries.values() if entry.rank is not None]
    return sum(ranks) / len(ranks) if ranks else None


def _table(metric: str, method: str, seeds: dict[int, dict[str, float]]) -> np.ndarray:
    """Return the values as (seeds, images), NaN for an image that is undefined for a seed."""
    images = list(next(iter(seeds.values())))
    table = np.array([[of_image[image] for image in images] for of_image in seeds.values()])
    defined = np.isfinite(table).all(axis=0)
    if not defined.all():
        undefined = [image for image, known in zip(images, defined, strict=True) if not known]
        _LOG.warning(
            f'{metric} is undefined for {len(undefined)} of {len(images)} images of {method}, '
            f'which are left out of its mean: {", ".join(undefined)}'
        )
    return np.where(defined, table, np.nan)


def _spread(table: np.ndarray) -> dict[str, float | None]:
    table = table[:, np.isfinite(table[0])]
    if not table.size:
        return {}
    [means] = _resampled_means(table)
    low, high = _interval(means, table.shape[1])
    return {
        'mean': float(table.mean()),
        'std': _deviation(table.mean(axis=0)),
        'low': low,
        'high': high,
        'seed_std': _deviation(table.mean(axis=1)),
    }


def _comparison(table: np.ndarray, other: np.ndarray, sign: int) -> dict[str, float | None]:
    both = np.isfinite(table[0]) & np.isfinite(other[0])
    if not both.any():
        return {'wins': 0, 'pairs': 0}
    table, other = table[:, both], other[:, both]
    means, other_means = _resampled_means(table, other)
    low, high = _interval(means - other_means, table.shape[1])
    differences = table.mean(axis=0) - other.mean(axis=0)
    return {
        'difference': float(differences.mean()),
        'difference_low': low,
        'difference_high': high,
        'wins': int((sign * differences > 0).sum()),
        'pairs': differences.size,
        'p': wilcoxon(differences) if differences.size > 1 else None,
    }


def _resampled_means(*tables: np.ndarray) -> list[np.ndarray]:
    """Means of tables (seeds, images), seeds drawn anew, and images, the same for all tables."""
    generator = np.random.default_rng(0)

    def weights(count):
        return generator.multinomial(count, np.full(count, 1 / count), _RESAMPLES) / count

    of_images = weights(tables[0].shape[1])
    return [(weights(len(table)) @ table * of_images).sum(axis=1) for table in tables]


def _interval(means: np.ndarray, images: int) -> tuple[float | None, float | None]:
    """95 % of means that were drawn anew; of one image there is nothing to draw."""
    return tuple(np.percentile(means, [2.5, 97.5]).tolist()) if images > 1 else (None, None)


def _deviation(values: np.ndarray) -> float | None:
    return float(values.std(ddof=1)) if values.size > 1 else None

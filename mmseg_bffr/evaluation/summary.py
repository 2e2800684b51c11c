"""Mean and rank of every method in every metric."""

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass

from mmengine.logging import print_log

from .folders import Score
from .metrics import FUSION_METRICS


@dataclass(frozen=True)
class Entry:
    """A cell of the table: the mean over images, and the rank among the methods (1 is best).

    Both are None where the metric is undefined for all images; the rank also if there is only
    one method. Equal means share the better rank.
    """

    mean: float | None
    rank: int | None


def summarize(scores: Iterable[Score]) -> dict[str, dict[str, Entry]]:
    """Return method -> metric -> entry, in the order of `scores`.

    A mean is over the images for which the metric is defined (finite); a warning names the others.
    """
    columns = {}
    for score in scores:
        for metric, value in score.values.items():
            column = columns.setdefault(metric, {}).setdefault(score.method, [])
            column.append((score.image, value))
    summary = {}
    for metric, methods in columns.items():
        better = FUSION_METRICS[metric].better
        means = {method: _defined_mean(metric, method, v) for method, v in methods.items()}
        for method, mean in means.items():
            rank = None if len(means) == 1 else _rank(mean, means.values(), better)
            summary.setdefault(method, {})[metric] = Entry(mean, rank)
    return summary


def _defined_mean(metric: str, method: str, values: list[tuple[str, float]]) -> float | None:
    undefined = [image for image, value in values if not math.isfinite(value)]
    if undefined:
        print_log(
            f'{metric} is undefined for {len(undefined)} of {len(values)} images of {method}, '
            f'which are left out of its mean: {", ".join(undefined)}',
            'current',
            logging.WARNING,
        )
    defined = [value for _, value in values if math.isfinite(value)]
    return sum(defined) / len(defined) if defined else None


def _rank(mean: float | None, means: Iterable[float | None], better: str) -> int | None:
    if mean is None:
        return None
    others = [other for other in means if other is not None]
    return 1 + sum(other > mean if better == 'higher' else other < mean for other in others)

"""Agreement with drawn boxes as a metric of mmengine, for validation and test loops."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS

from mmseg_bffr.errors import InputError

from .box_hits import count_hits, read_boxes


@METRICS.register_module()
class BoxHitMetric(BaseMetric):
    """Share of drawn boxes that are hit, and of predicted pixels that are inside, by class.

    See :func:`count_hits`. An image without boxes has no pixels inside.

    Args:
        boxes: CSV file, see :func:`read_boxes`.
        names: Name in the data set of a class whose name in the file is another.
        **kwargs: Those of mmengine's `BaseMetric`.

    Raises:
        InputError: The file cannot be used.
    """

    def __init__(
        self, boxes: str | os.PathLike, names: Mapping[str, str] | None = None, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        names = names or {}
        self.boxes = {
            pair: {names.get(key, key): drawn for key, drawn in of_class.items()}
            for pair, of_class in read_boxes(boxes).items()
        }
        self.classes = sorted(set().union(*self.boxes.values()))
        self.file = boxes

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Count in the predictions of one batch, `pred_sem_seg['data']` (1, H, W).

        Raises:
            InputError: The data set lacks a class of the file.
        """
        labels = {name: label for label, name in enumerate(self.dataset_meta['classes'])}
        if missing := [name for name in self.classes if name not in labels]:
            raise InputError(
                f'{self.file}: has boxes of {", ".join(missing)}, which is no class of the data '
                f'set; say in `names` of BoxHitMetric how it is called there.'
            )
        for sample in data_samples:
            predicted = sample['pred_sem_seg']['data'][0].cpu().numpy()
            boxes = self.boxes.get(Path(sample['img_path']).stem, {})
            self.results.append(
                [
                    count_hits(predicted == labels[name], boxes.get(name, np.empty((0, 4))))
                    for name in self.classes
                ]
            )

    def compute_metrics(self, results: list[list[np.ndarray]]) -> dict[str, float]:
        """`Hit.CLASS` and `Inside.CLASS` in percent, NaN without any box or predicted pixel."""
        metrics = {}
        for name, (hit, boxes, inside, pixels) in zip(
            self.classes, np.sum(results, 0), strict=True
        ):
            metrics[f'Hit.{name}'] = _percent(hit, boxes)
            metrics[f'Inside.{name}'] = _percent(inside, pixels)
        return metrics


def _percent(part: int, whole: int) -> float:
    return round(100 * float(part) / float(whole), 2) if whole else float('nan')

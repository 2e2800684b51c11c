"""Average precision of boxes, as COCO defines it."""

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmseg.registry import METRICS
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor

from bffr.evaluation.tables import format_table
from bffr.figures import draw_precision_recall
from bffr.images.splits import day_and_night

Boxes = list[dict]
"""Annotations as COCO has them."""

_COLUMNS = 'boxes', 'AP', 'AP50', 'AP75'


@METRICS.register_module()
class BoxMetric(BaseMetric):
    """COCO's average precision, in percent, by pycocotools.

    `AP` is the mean over the classes and over thresholds of IoU from 0.50 to 0.95, `AP50` and
    `AP75` are those of one threshold, `AP_small`, `AP_medium` and `AP_large` of boxes below 32x32
    pixels, up to 96x96, and above. `boxes` is how many there are. `CLASS.AP` and so on are of one
    class; `day.AP`, `night.CLASS.AP50` and so on of a part of the images, see `day_and_night`. What
    has no box is NaN.

    Args:
        curves: Figure for the curves of precision over recall at an IoU of 0.50, a class each.
        **kwargs: Those of mmengine's `BaseMetric`.
    """

    def __init__(self, curves: str | None = None, **kwargs):
        super().__init__(**kwargs)
        self.curves = curves

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep drawn and found boxes of a batch, in pixels of the original images."""
        for sample in data_samples:
            drawn, found = sample['gt_instances'], sample['pred_instances']
            down, across = np.divide(sample['ori_shape'], sample['img_shape'])
            truth = as_coco(
                drawn['bboxes'].cpu() * torch.tensor([across, down] * 2), drawn['labels']
            )
            predicted = as_coco(found['bboxes'], found['labels'], found['scores'])
            self.results.append((Path(sample['img_path']).stem, truth, predicted))

    def compute_metrics(self, results: list[tuple[str, Boxes, Boxes]]) -> dict[str, float]:
        """Compute all of them, and log a table."""
        names, classes = [name for name, *_ in results], self.dataset_meta['classes']
        metrics, rows = {}, [['', *_COLUMNS]]
        for part, inside in {'': names, **day_and_night(names)}.items():
            inside = set(inside)
            images = [(truth, found) for name, truth, found in results if name in inside]
            precision = _precision(images, len(classes))
            if not part:
                sizes = zip(('small', 'medium', 'large'), precision.T[1:], strict=True)
                metrics.update({f'AP_{name}': _mean(of_size) for name, of_size in sizes})
                if self.curves:
                    of_classes = dict(zip(classes, precision[0, :, :, 0].T, strict=True))
                    draw_precision_recall(self.curves, of_classes)
            for name, values in _by_class(images, precision, classes).items():
                keys = ['.'.join(filter(None, (part, name, key))) for key in values]
                metrics.update(zip(keys, values.values(), strict=True))
                cells = map(str, values.values())
                rows.append([' '.join((part, name)).strip() or 'all', *cells])
        print_log(f'Average precision of boxes, in percent:\n{format_table(rows)}', 'current')
        return metrics


def average_precision(
    images: Sequence[tuple[Boxes, Boxes]], classes: Sequence[str]
) -> dict[str, dict[str, float]]:
    """`boxes`, `AP`, `AP50` and `AP75` of each class, and under '' of all; see `BoxMetric`.

    Args:
        images: Drawn and found boxes of each image, see `as_coco`.
        classes: Names, by number.
    """
    return _by_class(images, _precision(images, len(classes)), classes)


def _by_class(
    images: Sequence[tuple[Boxes, Boxes]], precision: np.ndarray, classes: Sequence[str]
) -> dict[str, dict[str, float]]:
    drawn, found = [box['category_id'] for truth, _ in images for box in truth], {}
    for label, name in ((slice(None), ''), *enumerate(classes)):
        of_class = precision[:, :, label, 0]
        boxes = drawn.count(label) if name else len(drawn)
        values = boxes, *map(_mean, (of_class, of_class[0], of_class[5]))
        found[name] = dict(zip(_COLUMNS, values, strict=True))
    return found


def as_coco(boxes: Tensor, labels: Tensor, scores: Tensor | None = None) -> Boxes:
    """Boxes (K, 4) of corners, as COCO writes them."""
    entries = [
        dict(bbox=[x1, y1, x2 - x1, y2 - y1], category_id=label, iscrowd=0)
        for (x1, y1, x2, y2), label in zip(boxes.tolist(), labels.tolist(), strict=True)
    ]
    if scores is not None:
        for entry, score in zip(entries, scores.tolist(), strict=True):
            entry['score'] = score
    return entries


def _precision(images: Sequence[tuple[Boxes, Boxes]], classes: int) -> np.ndarray:
    """Precision (10, 101, K, 4): thresholds of IoU, recalls, classes, sizes (all, small, ...).

    -1 where there is no box.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # it tells how long everything took
        sides = [_index([image[side] for image in images], classes) for side in (0, 1)]
        evaluation = COCOeval(*sides, 'bbox')
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation.eval['precision'][..., -1]


def _index(images: Sequence[Boxes], classes: int) -> COCO:
    """What pycocotools takes: the boxes of each image."""
    coco, boxes = COCO(), [(i, box) for i, image in enumerate(images) for box in image]
    coco.dataset = {
        'images': [dict(id=image) for image in range(len(images))],
        'categories': [dict(id=label) for label in range(classes)],
        'annotations': [  # ids from 1: pycocotools takes 0 for no match
            dict(box, id=number, image_id=image, area=box['bbox'][2] * box['bbox'][3])
            for number, (image, box) in enumerate(boxes, 1)
        ],
    }
    coco.createIndex()
    return coco


def _mean(precision: np.ndarray) -> float:
    """In percent, of what is defined."""
    defined = precision[precision >= 0]
    return round(100 * float(defined.mean()), 2) if defined.size else float('nan')

"""Metrics for the validation and test loops of mmengine."""

import logging
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import mmengine
import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmseg.evaluation import IoUMetric
from mmseg.registry import METRICS
from torch import Tensor

from bffr.errors import InputError
from bffr.evaluation import (
    Score,
    check_suffix,
    evaluate_images,
    provenance,
    select_metrics,
    summarize,
    told,
    write_results,
)
from bffr.evaluation.box_hits import count_hits, read_boxes
from mmseg_bffr.models.saved_image import mirrored_back


@METRICS.register_module()
class ClassIoUMetric(IoUMetric):
    """mmsegmentation's `IoUMetric` that also returns `IoU.CLASS` and `Acc.CLASS`, in percent.

    Values are plain floats, so that checkpoints that log them stay free of numpy objects.
    A class that neither labels nor predictions contain is NaN and does not count in the means. One
    that is never hit has an F-score of 0, which mmsegmentation leaves out; precision stays
    undefined for a class that is never predicted, recall for one that is not there. Where the
    labels hold one class alone there is nothing to tell apart: the means are NaN, with a warning,
    and no checkpoint is the best by them.
    """

    @staticmethod
    def total_area_to_metrics(
        intersect: Tensor,
        union: Tensor,
        predicted: Tensor,
        labelled: Tensor,
        metrics: Sequence[str] = ('mIoU',),
        nan_to_num: int | None = None,
        beta: int = 1,
    ) -> dict[str, np.ndarray]:
        """Metrics of each class, and aAcc, of its pixels over a data set, (K,) each."""
        areas = intersect, union, predicted, labelled
        found = IoUMetric.total_area_to_metrics(*areas, metrics, nan_to_num, beta)
        if 'Fscore' in found:
            score = ((1 + beta**2) * intersect / (predicted + beta**2 * labelled)).numpy()
            undefined = np.nan if nan_to_num is None else nan_to_num
            found['Fscore'] = np.nan_to_num(score, nan=undefined)
        return found

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Compute aAcc, mIoU, mAcc and the classes' IoU and Acc, in percent."""
        means = super().compute_metrics(results)
        if not results:  # `format_only`
            return {}
        metrics = {name: round(float(value), 2) for name, value in means.items()}
        areas = [sum(area) for area in zip(*results, strict=True)]
        names = self.dataset_meta['classes']
        there = [name for name, pixels in zip(names, areas[3], strict=True) if pixels]
        if len(there) < min(2, len(names)):
            print_log(
                f'the labels of these {len(results)} images hold only {", ".join(there) or "none"} '
                f'of the classes {", ".join(names)}, so there is no mean; look at them with '
                f'bffr check.',
                'current',
                logging.WARNING,
            )
            metrics = dict.fromkeys(metrics, math.nan)
        of_classes = self.total_area_to_metrics(*areas, self.metrics, self.nan_to_num, self.beta)
        of_classes.pop('aAcc')
        for name, values in of_classes.items():
            for class_name, value in zip(names, values, strict=True):
                metrics[f'{name}.{class_name}'] = round(float(value) * 100, 2)
        return metrics


@METRICS.register_module()
class DumpLabelMaps(BaseMetric):
    """Write all predictions, in the data set's order, as a pickled list of uint8 (H, W) arrays.

    Args:
        out: File, `.pkl`.
        **kwargs: Those of mmengine's `BaseMetric`.
    """

    def __init__(self, out: str, **kwargs):
        super().__init__(**kwargs)
        self.out = out

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep the predictions of one batch."""
        for data_sample in data_samples:
            labels = data_sample['pred_sem_seg']['data'][0]
            self.results.append(labels.cpu().numpy().astype(np.uint8))

    def compute_metrics(self, results: list) -> dict:
        """Write the file."""
        mmengine.dump(results, self.out)
        return {}


@METRICS.register_module()
class FusionMetric(BaseMetric):
    """Mean of fusion metrics over a data set, on BT.601 luma at the size of the network's input.

    Args:
        metrics: Names of metrics of the project's protocol; by default those that cost little.
        out: File for the results, of a type that :func:`write_results` knows.
        method: Name of the method in `out`.
        **kwargs: Those of mmengine's `BaseMetric`.

    Raises:
        InputError: A metric or the type of `out` is unknown.
    """

    def __init__(
        self,
        metrics: Sequence[str] = ('EN', 'SD', 'SF', 'AG', 'MI', 'SCD', 'Qabf'),
        out: str | None = None,
        method: str = 'fused',
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.metrics = select_metrics(metrics)
        self.out = out
        self.method = method
        if out is not None:
            check_suffix(out)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Evaluate a batch.

        Args:
            data_batch: ``inputs``, a list of uint8 (4, H, W): visible BGR and infrared.
            data_samples: Each with ``fused['data']``, uint8 (3, H, W) BGR, and ``img_path``.

        Raises:
            InputError: A fused image has not the size of its sources.
        """
        for sources, sample in zip(data_batch['inputs'], data_samples, strict=True):
            sources = mirrored_back(sources, sample).cpu().numpy()  # as the fused image is
            fused = sample['fused']['data'].cpu().numpy()
            if fused.shape[1:] != sources.shape[1:]:
                raise InputError(
                    f'{sample["img_path"]}: was fused to {fused.shape[1:]}, but the network was '
                    f'given {sources.shape[1:]}; metrics need images of one size.'
                )
            fused, visible = (image.transpose(1, 2, 0) for image in (fused, sources[:3]))
            values = evaluate_images(fused, visible, sources[3], self.metrics)
            self.results.append((Path(sample['img_path']).stem, values))

    def compute_metrics(self, results: list[tuple[str, dict[str, float]]]) -> dict[str, float]:
        """Return the mean of each metric over the images for which it is defined.

        A warning names the images for which it is not; a metric that is undefined for all images
        is missing from the result.
        """
        scores = [Score(self.method, image, values) for image, values in results]
        summary = summarize(scores)
        source = told(provenance(scores, 'project'))
        print_log(f"{source} At the size of the network's input.", 'current')
        if self.out is not None:
            write_results(self.out, scores, summary)
        entries = summary[self.method].items()
        return {metric: entry.mean for metric, entry in entries if entry.mean is not None}


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
        self.boxes = {}
        for pair, of_class in read_boxes(boxes).items():
            renamed = {}
            for key, drawn in of_class.items():
                renamed.setdefault(names.get(key, key), []).append(drawn)
            self.boxes[pair] = {name: np.concatenate(drawn) for name, drawn in renamed.items()}
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
                f'{self.file}: has boxes of {", ".join(missing)}, which is not a class of the '
                f'data set; say in `names` of BoxHitMetric how it is called there.'
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

"""Metrics for the validation and test loops of mmengine."""

from collections.abc import Sequence
from pathlib import Path

import mmengine
import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.evaluation import IoUMetric
from mmseg.registry import METRICS

from bffr.errors import InputError
from bffr.evaluation import (
    Score,
    check_suffix,
    evaluate_images,
    select_metrics,
    summarize,
    write_results,
)


@METRICS.register_module()
class ClassIoUMetric(IoUMetric):
    """mmsegmentation's `IoUMetric` that also returns `IoU.CLASS` and `Acc.CLASS`, in percent.

    Values are plain floats, so that checkpoints that log them stay free of numpy objects.
    A class that neither labels nor predictions contain is NaN and does not count in the means.
    """

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Compute aAcc, mIoU, mAcc and the classes' IoU and Acc, in percent."""
        means = super().compute_metrics(results)
        metrics = {name: round(float(value), 2) for name, value in means.items()}
        areas = [sum(area) for area in zip(*results, strict=True)]
        of_classes = self.total_area_to_metrics(*areas, self.metrics, self.nan_to_num, self.beta)
        of_classes.pop('aAcc')
        for name, values in of_classes.items():
            for class_name, value in zip(self.dataset_meta['classes'], values, strict=True):
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
        collect_device, prefix: As in :class:`mmengine.evaluator.BaseMetric`.

    Raises:
        InputError: A metric or the type of `out` is unknown.
    """

    def __init__(
        self,
        metrics: Sequence[str] = ('EN', 'SD', 'SF', 'AG', 'MI', 'SCD', 'Qabf'),
        out: str | None = None,
        method: str = 'fused',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
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
            sources = sources.cpu().numpy()
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
        if self.out is not None:
            write_results(self.out, scores, summary)
        entries = summary[self.method].items()
        return {metric: entry.mean for metric, entry in entries if entry.mean is not None}

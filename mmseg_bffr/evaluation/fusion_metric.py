"""The fusion metrics as a metric of mmengine, for validation and test loops."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS

from mmseg_bffr.errors import InputError

from .folders import Score
from .protocols import evaluate_images, select_metrics
from .summary import summarize
from .tables import check_suffix, write_results


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
            values = evaluate_images(_luma(fused), _luma(sources[:3]), sources[3], self.metrics)
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


def _luma(image: np.ndarray) -> np.ndarray:
    """(3, H, W) uint8 BGR -> (H, W) uint8."""
    return cv2.cvtColor(np.ascontiguousarray(image.transpose(1, 2, 0)), cv2.COLOR_BGR2GRAY)

"""The predicted label maps of a data set in one file."""

from collections.abc import Sequence

import mmengine
import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS


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

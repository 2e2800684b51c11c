"""Which classes a segmenter takes for which."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.evaluator import BaseMetric
from mmseg.registry import METRICS

from bffr.evaluation.tables import format_csv
from bffr.figures import check_figure, draw_confusion
from bffr.files import write_whole
from mmseg_bffr.apis.parts_table import image_parts
from mmseg_bffr.datasets.transforms import IGNORE_INDEX


@METRICS.register_module()
class ConfusionMatrix(BaseMetric):
    """Percent of each label's pixels that were predicted as each class, as a table or a figure.

    Of the whole test set, and by day and by night where all names end in D or N.

    Args:
        out: `.csv`, or a figure's file such as `.png`.
        **kwargs: Those of mmengine's `BaseMetric`.

    Raises:
        InputError: Figures are not written in that format.
    """

    def __init__(self, out: str | os.PathLike, **kwargs):
        super().__init__(**kwargs)
        self.out = Path(out)
        if self.out.suffix.lower() != '.csv':
            check_figure(out)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Count the pixels of one batch, without ignored ones."""
        size = len(self.dataset_meta['classes'])
        for sample in data_samples:
            labels, predicted = (
                sample[key]['data'][0].cpu().numpy().astype(int).ravel()
                for key in ('gt_sem_seg', 'pred_sem_seg')
            )
            pairs = (size * labels + predicted)[labels != IGNORE_INDEX]
            counts = np.bincount(pairs, minlength=size**2).reshape(size, size)
            self.results.append((Path(sample['img_path']).stem, counts))

    def compute_metrics(self, results: list[tuple[str, np.ndarray]]) -> dict:
        """Write the file."""
        totals, classes = {}, self.dataset_meta['classes']
        for part, names in image_parts([name for name, _ in results]).items():
            inside = set(names)
            totals[part] = sum(counts for name, counts in results if name in inside)
        with np.errstate(invalid='ignore'):
            shares = {
                part: 100 * total / total.sum(1, keepdims=True) for part, total in totals.items()
            }
        if self.out.suffix.lower() != '.csv':
            draw_confusion(self.out, shares, classes)
            return {}
        rows = [
            [part, name, pixels, *('' if np.isnan(share) else round(share, 2) for share in row)]
            for part, matrix in shares.items()
            for name, pixels, row in zip(classes, totals[part].sum(1), matrix, strict=True)
        ]
        write_whole(self.out, format_csv(['part', 'label', 'pixels', *classes], rows).encode())
        return {}

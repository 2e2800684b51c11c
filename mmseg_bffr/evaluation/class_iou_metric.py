"""mIoU with the values of every class beside the means."""

from mmseg.evaluation import IoUMetric
from mmseg.registry import METRICS


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

"""Fusion metrics, on arrays, on folders of images, and in mmengine's loops."""

from .box_hit_metric import BoxHitMetric
from .class_iou_metric import ClassIoUMetric
from .dump_label_maps import DumpLabelMaps
from .folders import Score, Triple, evaluate_folders, find_triples, read_triple
from .fusion_metric import FusionMetric
from .protocols import LOWER_IS_BETTER, PROTOCOLS, evaluate_images, select_metrics
from .summary import Entry, mean_rank, summarize
from .tables import check_suffix, format_latex, format_markdown, format_text, write_results

__all__ = ['FusionMetric', 'evaluate_folders', 'evaluate_images']

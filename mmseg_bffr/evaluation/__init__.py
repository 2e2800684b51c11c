"""Fusion metrics, on arrays, on folders of images, and in mmengine's loops."""

from .class_iou_metric import ClassIoUMetric
from .dump_label_maps import DumpLabelMaps
from .folders import Score, Triple, evaluate_folders, find_triples, read_triple
from .fusion_metric import FusionMetric
from .metrics import FUSION_METRICS, Metric, evaluate_images, select_metrics
from .summary import Entry, summarize
from .tables import check_suffix, format_latex, format_markdown, format_text, write_results

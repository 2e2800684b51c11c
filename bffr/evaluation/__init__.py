"""Fusion metrics, on arrays and on folders of images, and their tables."""

from .folders import Score, Triple, evaluate_folders, find_triples, read_triple
from .protocols import LOWER_IS_BETTER, PROTOCOLS, evaluate_images, select_metrics
from .summary import Entry, mean_rank, summarize
from .tables import (
    check_suffix,
    format_latex,
    format_markdown,
    format_text,
    provenance,
    told,
    write_results,
    written_files,
)
from .which import compare_protocols, format_comparisons

__all__ = ['evaluate_folders', 'evaluate_images']

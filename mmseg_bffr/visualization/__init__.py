"""Pictures: results on disk, sheets and figures for papers."""

from .comparison import draw_comparison
from .figure_file import check_figure
from .folder_sheet import draw_folders
from .results import colour_labels, fused_image, result_path, save_fused_images, save_label_maps
from .score_plots import plot_scores
from .sheet import save_sheet

__all__ = [
    'check_figure',
    'colour_labels',
    'draw_comparison',
    'draw_folders',
    'fused_image',
    'plot_scores',
    'result_path',
    'save_fused_images',
    'save_label_maps',
    'save_sheet',
]

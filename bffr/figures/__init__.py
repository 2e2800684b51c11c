"""Pictures: results on disk, sheets and figures for papers."""

from .alignment import draw_alignment
from .confusion_matrices import draw_confusion
from .figure_file import check_figure
from .folders import draw_folders
from .precision_recall import draw_precision_recall
from .score_plots import plot_scores
from .sheet import save_sheet
from .training_curves import draw_training_curves, read_curves

"""Confusion matrices as a figure."""

import os
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from bffr.figures.figure_file import save_figure


def draw_confusion(
    path: str | os.PathLike, matrices: Mapping[str, np.ndarray], classes: Sequence[str]
) -> None:
    """Draw a panel for each matrix: a row for each label, a column for each prediction.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        matrices: Title -> (K, K) percent of each row; NaN is left white.
        classes: K names.
    """
    side = 1.5 + 0.5 * len(classes)
    figure = Figure(figsize=(side * len(matrices), side), layout='constrained')
    panels = figure.subplots(1, len(matrices), squeeze=False)[0]
    for panel, (title, matrix) in zip(panels, matrices.items(), strict=True):
        panel.imshow(matrix, cmap='Blues', vmin=0, vmax=100)
        for row, column in np.argwhere(matrix >= 0.5):
            value = matrix[row, column]
            colour = 'white' if value > 50 else 'black'
            panel.text(column, row, f'{value:.0f}', ha='center', va='center', color=colour)
        panel.set_xticks(range(len(classes)), classes, rotation=45, ha='right')
        panel.set_yticks(range(len(classes)), classes)
        panel.set_xlabel('predicted')
        panel.set_ylabel('label')
        panel.set_title(f'{title}, % of each row')
    save_figure(path, figure, dpi=120)

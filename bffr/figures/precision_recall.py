"""Curves of precision over recall, of a detector's classes."""

import os
from collections.abc import Mapping

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from bffr.figures.figure_file import save_figure


@rc_context({'font.size': 8, 'text.parse_math': False})
def draw_precision_recall(path: str | os.PathLike, curves: Mapping[str, np.ndarray]) -> None:
    """Draw a line a class, which the legend names with its average precision.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        curves: Class -> precision (N,) at recalls spread evenly from 0 to 1; one that begins with
            -1, of a class without boxes, is left out.

    Raises:
        InputError: The suffix is unknown or the file cannot be written.
    """
    figure = Figure(figsize=(3.6, 3.0), layout='constrained')
    panel = figure.add_subplot()
    for name, precision in curves.items():
        if precision[0] >= 0:
            recall = np.linspace(0, 1, len(precision))
            panel.plot(recall, precision, label=f'{name}, {100 * precision.mean():.1f}')
    panel.set(xlabel='recall', ylabel='precision', xlim=(0, 1), ylim=(0, 1.02))
    panel.grid(alpha=0.3)
    panel.legend(title='AP50', loc='lower left')
    save_figure(path, figure, dpi=200)

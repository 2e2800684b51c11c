"""Box plots of the per-image results."""

import math
import os
from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.figure import Figure

from bffr.evaluation import LOWER_IS_BETTER, Score
from bffr.figures.figure_file import save_figure

_COLUMNS = 4


@rc_context({'text.parse_math': False})
def plot_scores(path: str | os.PathLike, scores: Sequence[Score]) -> None:
    """Draw one panel per metric, one box per method, one dot per image.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        scores: Results of :func:`bffr.evaluation.evaluate_folders`.
    """
    metrics = list(scores[0].values)
    methods = list(dict.fromkeys(score.method for score in scores))
    columns = min(len(metrics), _COLUMNS)
    rows = math.ceil(len(metrics) / columns)
    width = max(2.6, 0.7 * len(methods))
    figure = Figure(figsize=(width * columns, 2.6 * rows), layout='constrained')
    for number, metric in enumerate(metrics, 1):
        panel = figure.add_subplot(rows, columns, number)
        for position, method in enumerate(methods):
            values = [score.values[metric] for score in scores if score.method == method]
            values = [value for value in values if math.isfinite(value)]
            panel.boxplot(values, positions=[position], widths=0.6, showfliers=False)
            panel.plot([position] * len(values), values, '.', alpha=0.4, color=f'C{position}')
        panel.set_xticks(range(len(methods)), methods, rotation=30, ha='right')
        panel.set_title(f'{metric} {"↓" if metric in LOWER_IS_BETTER else "↑"}')
    save_figure(path, figure, dpi=150)

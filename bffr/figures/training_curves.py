"""Curves of trainings, out of what mmengine logs in their work dirs."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from bffr.errors import InputError
from bffr.figures.figure_file import save_figure

Curve = tuple[list[int], list[float]]

_COLUMNS = 3
_MARKED = 50  # points, of which fewer are marked
_REACH = 1 / 50  # of a curve's points, on each side, that a smoothed point averages over


def read_curves(work_dir: str | os.PathLike) -> dict[str, Curve]:
    """Read all that a training logged, resumed or not.

    Each start of a run logs into a folder of its own, TIME/vis_data/scalars.json. From its first
    step on, a later one replaces the earlier ones. What is not finite is left out.

    Returns:
        dict: Key, e.g. `decode.loss_ce` or `mIoU` -> (steps, values), steps ascending.

    Raises:
        InputError: There is no such file, or it is damaged.
    """
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not files:
        raise InputError(
            f'{work_dir}: holds no TIME/vis_data/scalars.json; give the work dir of a training.'
        )
    records = []
    for file in files:
        later = []
        lines = file.read_text(encoding='utf-8').split('\n')[:-1]  # what a kill cut has no end
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line).items()
                later.append({k: v for k, v in record if isinstance(v, int | float)})
                later[-1]['step']
            except (ValueError, AttributeError, KeyError):
                raise InputError(f'{file}: line {number} is damaged; remove the line.') from None
        start = min((record['step'] for record in later), default=math.inf)
        # At this very step the earlier may have the losses, the later the validation.
        records = [record for record in records if record['step'] <= start] + later
    curves = {}
    for record in sorted(records, key=lambda record: record['step']):
        for key, value in record.items():
            if key not in ('step', 'iter') and math.isfinite(value):
                curves.setdefault(key, {})[record['step']] = value
    return {key: (list(curve), list(curve.values())) for key, curve in curves.items()}


@rc_context({'font.size': 8, 'text.parse_math': False})
def draw_training_curves(
    path: str | os.PathLike, work_dirs: Mapping[str, str | os.PathLike], keys: Sequence[str]
) -> None:
    """Draw a panel a key, a line a run.

    Keys with `loss` in their name are smoothed, the logged values pale behind, on a logarithmic
    axis where all are positive.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        work_dirs: Name of a run -> its work dir.
        keys: What to draw, as in the logs; a run without a key has no line in its panel.

    Raises:
        InputError: A work dir has no logs, or no run logged one of the keys.
    """
    runs = {name: read_curves(folder) for name, folder in work_dirs.items()}
    logged = sorted(set().union(*runs.values()))
    missing = [key for key in keys if key not in logged]
    if missing:
        raise InputError(
            f'{", ".join(missing)}: not logged by {", ".join(map(str, work_dirs.values()))}; '
            f'choose from {", ".join(logged)}.'
        )
    columns = min(len(keys), _COLUMNS)
    rows = math.ceil(len(keys) / columns)
    keys_a_line = 3 * columns
    height = 2.4 * rows + 0.2 * math.ceil(len(runs) / keys_a_line)
    figure = Figure(figsize=(3.2 * columns, height), layout='constrained')
    for number, key in enumerate(keys, 1):
        panel = figure.add_subplot(rows, columns, number)
        _draw_panel(panel, key, [curves.get(key) for curves in runs.values()])
    lines = [Line2D([], [], color=f'C{number}', label=name) for number, name in enumerate(runs)]
    figure.legend(handles=lines, loc='outside lower center', ncols=keys_a_line, frameon=False)
    save_figure(path, figure, dpi=200)


def _draw_panel(panel: Axes, key: str, curves: Sequence[Curve | None]) -> None:
    """Draw one key; curve number n is that of run number n, if it logged the key."""
    loss = 'loss' in key
    for number, curve in enumerate(curves):
        if curve is None:
            continue
        steps, values = curve
        if loss:
            panel.plot(steps, values, color=f'C{number}', linewidth=0.5, alpha=0.25)
            values = _smoothed(values, round(_REACH * len(values)))
        style = '.-' if not loss and len(steps) < _MARKED else '-'
        panel.plot(steps, values, style, color=f'C{number}', linewidth=1.2)
    if loss and all(min(curve[1]) > 0 for curve in curves if curve):
        panel.set_yscale('log')
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter('{x:g}')
        panel.yaxis.set_minor_formatter(NullFormatter())
    panel.set_title(key)
    panel.set_xlabel('iteration')
    panel.xaxis.set_major_formatter(EngFormatter(sep=''))
    panel.set_xlim(left=0)
    panel.grid(alpha=0.3)


def _smoothed(values: Sequence[float], reach: int) -> np.ndarray:
    """Means over a window that reaches equally far on each side; beyond the ends it is mirrored."""
    window = np.full(2 * reach + 1, 1 / (2 * reach + 1))
    return np.convolve(np.pad(values, reach, 'symmetric'), window, 'valid')

"""Sheets: images in titled columns, a row a scene, with the classes' colours named."""

import math
import os
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from mmseg_bffr.visualization.class_boxes import Box
from mmseg_bffr.visualization.figure_file import save_figure

_FIRST_ROW_INCHES = 1.6
_KEY_INCHES = 1.05
_SHOWN_DIFFERENCES = 99.5  # per cent that the colours of a difference tell apart


def save_sheet(
    path: str | os.PathLike,
    titles: Sequence[str],
    rows: Sequence[Sequence[np.ndarray]],
    legend: Mapping[str, Sequence[int]] | None = None,
    boxes: Sequence[Sequence[Box]] | None = None,
) -> None:
    """Draw rows of images side by side.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        titles: One a column.
        rows: Images, as many a row as titles: uint8 (H, W, 3) BGR or (H, W), or signed
            differences, float (H, W), of which all share one scale of colours.
        legend: Class name -> (R, G, B) in 0..255, drawn below.
        boxes: For each row, what to draw on all its images; named below.

    Raises:
        InputError: The suffix is unknown or the file cannot be written.
    """
    boxes = boxes or [()] * len(rows)
    differences = _scale_of_differences(rows)
    keys = [
        Patch(color=np.array(colour) / 255, label=name) for name, colour in (legend or {}).items()
    ]
    marked = {box.name: box.colour for row in boxes for box in row}
    keys += [Patch(fill=False, edgecolor=colour, label=name) for name, colour in marked.items()]

    shapes = [row[0].shape[:2] for row in rows]
    column_inches = _FIRST_ROW_INCHES * shapes[0][1] / shapes[0][0]
    row_inches = [column_inches * height / width for height, width in shapes]
    width = column_inches * len(titles) + (0.85 if differences else 0)
    keys_a_line = max(1, int(width / _KEY_INCHES))
    key_lines = math.ceil(len(keys) / keys_a_line)
    figure = Figure(figsize=(width, sum(row_inches) + 0.3 + 0.2 * key_lines), layout='compressed')
    panels = figure.subplots(
        len(rows), len(titles), squeeze=False, gridspec_kw={'height_ratios': row_inches}
    )
    for panel, title in zip(panels[0], titles, strict=True):
        panel.set_title(title, fontsize=9)
    for index, row in enumerate(rows):
        for panel, image in zip(panels[index], row, strict=True):
            _show(panel, image, differences)
            _draw_boxes(panel, image, boxes[index])
    if keys:
        figure.legend(
            handles=keys, loc='outside lower center', ncols=keys_a_line, fontsize=8, frameon=False
        )
    if differences:
        bar = figure.colorbar(
            differences, ax=panels, extend='both', aspect=15 * len(rows), pad=0.01
        )
        bar.set_label('grey levels', fontsize=8)
        bar.ax.tick_params(labelsize=8)
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)
    save_figure(path, figure, dpi=max(200, round(shapes[0][0] / _FIRST_ROW_INCHES)))


def _scale_of_differences(rows: Sequence[Sequence[np.ndarray]]) -> ScalarMappable | None:
    """One for all, symmetric about zero, so that its middle colour means: equal."""
    sizes = [abs(image).ravel() for row in rows for image in row if image.dtype.kind == 'f']
    if not sizes:
        return None
    limit = max(1, np.ceil(np.percentile(np.concatenate(sizes), _SHOWN_DIFFERENCES)))
    return ScalarMappable(Normalize(-limit, limit), 'RdBu_r')


def _show(panel: Axes, image: np.ndarray, differences: ScalarMappable | None) -> None:
    if image.dtype.kind == 'f':
        colours = dict(norm=differences.norm, cmap=differences.cmap)
    else:
        image = image[..., ::-1] if image.ndim == 3 else image
        colours = dict(cmap='gray', vmin=0, vmax=255)
    panel.imshow(image, interpolation='hanning', **colours)
    panel.set_axis_off()


def _draw_boxes(panel: Axes, image: np.ndarray, boxes: Sequence[Box]) -> None:
    height, width = image.shape[:2]
    for box in boxes:
        corner = box.left * width - 0.5, box.top * height - 0.5
        panel.add_patch(
            Rectangle(
                corner, box.width * width, box.height * height, fill=False, edgecolor=box.colour
            )
        )

"""Sheets: images in titled columns, a row a scene, with the classes' colours named."""

import os
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mmseg_bffr.visualization.figure_file import save_figure

_ROW_INCHES = 1.6


def save_sheet(
    path: str | os.PathLike,
    titles: Sequence[str],
    rows: Sequence[Sequence[np.ndarray]],
    legend: Mapping[str, Sequence[int]] | None = None,
) -> None:
    """Draw rows of images side by side.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        titles: One a column.
        rows: Images, uint8 (H, W, 3) BGR or (H, W), as many a row as titles.
        legend: Class name -> (R, G, B) in 0..255, drawn below.

    Raises:
        InputError: The suffix is unknown or the file cannot be written.
    """
    height, width = rows[0][0].shape[:2]
    column_inches = _ROW_INCHES * width / height
    figure = Figure(
        figsize=(column_inches * len(titles), _ROW_INCHES * len(rows) + (0.7 if legend else 0.3)),
        layout='constrained',
    )
    panels = figure.subplots(len(rows), len(titles), squeeze=False)
    for index, row in enumerate(rows):
        for panel, title, image in zip(panels[index], titles, row, strict=True):
            image = image[..., ::-1] if image.ndim == 3 else image
            panel.imshow(image, cmap='gray', vmin=0, vmax=255, interpolation='nearest')
            panel.set_axis_off()
            if index == 0:
                panel.set_title(title, fontsize=9)
    if legend:
        figure.legend(
            handles=[
                Patch(color=np.array(colour) / 255, label=name) for name, colour in legend.items()
            ],
            loc='outside lower center',
            ncols=len(legend),
            fontsize=8,
            frameon=False,
        )
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)
    save_figure(path, figure, dpi=max(100, round(height / _ROW_INCHES)))

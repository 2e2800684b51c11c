"""The comparison figure of a paper: sources and fused images side by side, a region enlarged."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mmseg_bffr.datasets.image_io import read_infrared, read_visible
from mmseg_bffr.errors import InputError
from mmseg_bffr.evaluation import Triple
from mmseg_bffr.visualization.figure_file import save_figure

_COLUMN_INCHES = 2.4
_INSET = 0.42  # of the panel
_COLOUR = 'red'

Region = tuple[int, int, int, int]


def draw_comparison(
    path: str | os.PathLike,
    triples: Sequence[Triple],
    images: Sequence[str],
    regions: Sequence[Region] = (),
) -> None:
    """Draw a row per image: visible, infrared, one column per method.

    Args:
        path: Image file; the suffix names the format (``.png``, ``.pdf``, ...).
        triples: Files, of :func:`mmseg_bffr.evaluation.find_triples`.
        images: Stems of the images to show.
        regions: What to enlarge, (x, y, width, height) in pixels: none, one for all images, or
            one for each. The enlarged region lies in the bottom corner that it does not come from.

    Raises:
        InputError: There is no such image, a region lies outside its image, or the number of
            regions fits neither.
    """
    if len(regions) not in (0, 1, len(images)):
        raise InputError(
            f'{len(regions)} regions for {len(images)} images; give one for all or one for each.'
        )
    regions = list(regions) * len(images) if len(regions) == 1 else list(regions)
    rows = [_row(triples, image) for image in images]
    heights = [row[0][1].shape[0] / row[0][1].shape[1] for row in rows]
    figure = Figure(
        figsize=(_COLUMN_INCHES * len(rows[0]), _COLUMN_INCHES * sum(heights) + 0.3),
        layout='constrained',
    )
    panels = figure.subplots(
        len(rows), len(rows[0]), squeeze=False, gridspec_kw={'height_ratios': heights}
    )
    for index, row in enumerate(rows):
        for panel, (title, image) in zip(panels[index], row, strict=True):
            _show(panel, image)
            if regions:
                _enlarge(panel, image, regions[index], images[index])
            if index == 0:
                panel.set_title(title)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
    save_figure(path, figure, dpi=200)


def _row(triples: Sequence[Triple], stem: str) -> list[tuple[str, np.ndarray]]:
    """Return (title, RGB or grey image) for every column of one image."""
    chosen = [triple for triple in triples if triple.image == stem]
    if not chosen:
        folder = Path(triples[0].visible).parent
        raise InputError(f'{folder}: has no image {stem} to show; --images takes names of images.')
    return [
        ('Visible', read_visible(chosen[0].visible)[..., ::-1]),
        ('Infrared', read_infrared(chosen[0].infrared)),
        *((triple.method, read_visible(triple.fused)[..., ::-1]) for triple in chosen),
    ]


def _show(axes: Axes, image: np.ndarray) -> None:
    axes.imshow(image, cmap='gray', vmin=0, vmax=255, interpolation='lanczos')
    axes.set(xticks=[], yticks=[])


def _enlarge(panel: Axes, image: np.ndarray, region: Region, stem: str) -> None:
    x, y, width, height = region
    rows, columns = image.shape[:2]
    if min(x, y) < 0 or min(width, height) < 1 or x + width > columns or y + height > rows:
        raise InputError(
            f'region {x},{y},{width},{height} is not inside {stem} ({columns}x{rows}).'
        )
    panel.add_patch(Rectangle((x - 0.5, y - 0.5), width, height, fill=False, edgecolor=_COLOUR))
    inset_height = _INSET * columns / rows * height / width
    scale = min(1, 0.6 / inset_height)
    left = 0 if x + width / 2 > columns / 2 else 1 - _INSET * scale
    inset = panel.inset_axes((left, 0, _INSET * scale, inset_height * scale))
    _show(inset, image[y : y + height, x : x + width])
    for spine in inset.spines.values():
        spine.set(edgecolor=_COLOUR, linewidth=1)

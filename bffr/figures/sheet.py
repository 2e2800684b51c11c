"""The sheet: images in titled columns, a row a scene, with boxes, enlarged regions and keys."""

import math
import os
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from bffr.figures.figure_file import save_figure
from bffr.figures.inset import Region, draw_inset, emptiest_corner

_FIRST_ROW_INCHES = 1.6
_COLUMN_INCHES = 0.6, 8  # from and to, so that very wide and very tall images are within a sheet
_LONGEST_ROW_INCHES = 8
_LONGEST_SIDE = 8_000  # pixels of a sheet; its images are then reduced
_KEY_INCHES = 1.05
_SHOWN_DIFFERENCES = 99.5  # per cent that the colours of a difference tell apart
_PAPER_INCHES = 84 / 25.4 - 0.05  # a column of a paper, less the margin of `save_figure`
_PAPER_IMAGES = 3  # side by side in it, at most
_PAPER_POINTS = 7  # of letters in it
_PAPER_LETTER, _PAPER_LINE = 0.055, 0.14  # inches: width and height of a letter


class Box(NamedTuple):
    """The frame of an object of class `name`; `colour` is (R, G, B) in 0..1."""

    name: str
    colour: tuple[float, float, float]
    region: Region


@rc_context({'font.size': 8, 'text.parse_math': False})
def save_sheet(
    path: str | os.PathLike,
    titles: Sequence[str],
    rows: Sequence[Sequence[np.ndarray]],
    legend: Mapping[str, Sequence[int]] | None = None,
    boxes: Sequence[Sequence[Box]] = (),
    regions: Sequence[Region] = (),
    in_column: bool = False,
) -> None:
    """Draw rows of images side by side, each row in the pixels of its first image.

    The sheet has the first image's pixels, unless a side then had more than 8,000.

    Args:
        path: Image file; the suffix names the format (`.png`, `.pdf`, ...).
        titles: One a column.
        rows: Images, as many a row as titles: uint8 (H, W, 3) BGR or (H, W), or signed
            differences, float (H, W), of which all share one scale of colours.
        legend: Class name -> (R, G, B) in 0..255, drawn below.
        boxes: For each row, what to frame in all its images; named below.
        regions: For each row, what to enlarge in all its images, shown in the corner where it
            covers least, see `emptiest_corner`.
        in_column: Whether the sheet is as wide as a column of a paper, 84 mm, with letters of 7
            points: at most three images stand side by side, and a row goes on below.

    Raises:
        InputError: The suffix is unknown or the file cannot be written.
    """
    shapes = [row[0].shape[:2] for row in rows]
    differences = [abs(image).ravel() for row in rows for image in row if image.dtype.kind == 'f']
    limit = np.percentile(np.concatenate(differences or [[1]]), _SHOWN_DIFFERENCES)
    limit = max(1, np.ceil(limit))  # on both sides, so that the middle colour means: equal
    scale = ScalarMappable(Normalize(-limit, limit), 'RdBu_r')
    legend = (legend or {}).items()
    keys = [Patch(color=np.array(colour) / 255, label=name) for name, colour in legend]
    marked = {box.name: box.colour for row in boxes for box in row}
    keys += [Patch(fill=False, edgecolor=colour, label=name) for name, colour in marked.items()]

    across = len(titles)
    inches = np.clip(_FIRST_ROW_INCHES * shapes[0][1] / shapes[0][0], *_COLUMN_INCHES)
    if in_column:
        across = math.ceil(across / math.ceil(across / _PAPER_IMAGES))
        inches = _PAPER_INCHES / across
        titles = [textwrap.fill(title, int(inches / _PAPER_LETTER)) for title in titles]
    lines = math.ceil(len(titles) / across)  # of panels, a row
    row_inches = [min(inches * h / w, _LONGEST_ROW_INCHES) for h, w in shapes for _ in range(lines)]
    width = inches * across + (0.85 if differences else 0)
    lines_of_keys = math.ceil(len(keys) / max(1, int(width / _KEY_INCHES)))
    height = sum(row_inches) + 0.3 + 0.2 * lines_of_keys
    if in_column:
        height += _PAPER_LINE * len(row_inches) * (1 + max(title.count('\n') for title in titles))
    figure = Figure(figsize=(width, height), layout='compressed')
    panels = figure.subplots(len(row_inches), across, squeeze=False, height_ratios=row_inches)
    blocks = panels.reshape(len(rows), lines * across)
    for panels_of_row in blocks if in_column else blocks[:1]:
        for panel, title in zip(panels_of_row, titles, strict=False):
            style = dict(fontsize=_PAPER_POINTS, pad=2) if in_column else {}
            panel.set_title(title, rotation=90 if shapes[0][0] > 4 * shapes[0][1] else 0, **style)
    boxes = boxes or [()] * len(rows)
    regions = regions or [None] * len(rows)
    for block, row, *marks in zip(blocks, rows, shapes, boxes, regions, strict=True):
        shape, _, region = marks
        place = region and emptiest_corner(row, shape, region)
        for panel, image in zip(block, row, strict=False):
            _draw(panel, image, scale, *marks, place)
        for panel in block[len(row) :]:
            panel.set_axis_off()
    if keys:
        style = dict(ncols=math.ceil(len(keys) / lines_of_keys), frameon=False, borderpad=1)
        figure.legend(handles=keys, loc='outside lower center', **style)
    if differences:
        style = dict(extend='both', aspect=15 * len(rows), pad=0.01)
        figure.colorbar(scale, ax=panels, label='grey levels', **style)
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)
    dpi = min(max(200, shapes[0][0] / row_inches[0]), _LONGEST_SIDE / max(width, height))
    save_figure(path, figure, dpi=round(dpi))


def _draw(
    panel: Axes,
    image: np.ndarray,
    scale: ScalarMappable,
    shape: tuple[int, int],
    boxes: Sequence[Box],
    region: Region | None,
    place: Region | None,
) -> None:
    """Draw one image; boxes and region are in pixels of one of `shape`, (H, W)."""
    if image.dtype.kind == 'f':
        colours = dict(norm=scale.norm, cmap=scale.cmap)
    else:
        image = image[..., ::-1] if image.ndim == 3 else image
        colours = dict(cmap='gray', vmin=0, vmax=255)
    rows, columns = shape
    extent = 0, columns, columns * image.shape[0] / image.shape[1], 0
    shown = dict(colours, extent=extent, interpolation='hanning')
    panel.imshow(image, **shown)
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_linewidth(0.5)
    for _, colour, (x, y, *size) in boxes:
        panel.add_patch(Rectangle((x, y), *size, fill=False, edgecolor=colour))
    if region:
        draw_inset(panel, image, shown, region, place)

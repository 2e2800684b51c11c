"""Depth: what is nearer or farther than where two cameras' images meet lies shifted in one of them.

Edges of both images are compared in small cells at each shift, see `bffr.rigs.edge_agreement`; for
cameras side by side, whose shifts go along the rows. A cell alone says little, so all of its row
tells its shift, as on level ground, or its neighbourhood does, the near and the wide one.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.rigs.edge_agreement import WIDTH, edges, resized

PARALLAX = 'rows', 'dense'

_LARGEST_SHIFT = 1 / 50  # of the width, where no other is asked for
_LARGEST_OF_ALL = 500  # pixels
_GLARE, _HALO = 240, 15  # the visible level of lamps and reflections, and pixels, reduced, around
_CELL = 4  # pixels, reduced
_SLACK = 2  # pixels, reduced: up and down, and beyond the largest shift
_NEAR, _WIDE = 8, 23  # cells of the neighbourhoods' sides
_BAND = 1 / 4  # of the height that tells a row's shift
_GAINS = {'rows': (0, 0.02), 'dense': (0.06, 0.12)}  # at which nothing and all is moved
_DOUBTS = 0.12, 0.24  # at which all of infrared is kept, and nothing


@dataclass
class Parallax:
    """Finds where the infrared image shows what the visible one does, where edges tell.

    Args:
        kind: `rows`, if all of a row has one shift, or `dense`, if it changes from place to place.
        largest: Shift in pixels; by default a 50th of the width.
        memory: How much what pairs before said counts, each time; 0 is nothing.

    Raises:
        InputError: There is no such kind, or shift.
    """

    kind: str
    largest: float | None = None
    memory: float = 0.0

    def __post_init__(self):
        if self.kind not in PARALLAX:
            raise InputError(f'{self.kind}: no such parallax; choose from {", ".join(PARALLAX)}.')
        if self.largest is not None and not 0 < self.largest <= _LARGEST_OF_ALL:
            raise InputError(
                f'a shift of {self.largest:g} pixels cannot be the largest; give one above 0, up '
                f'to {_LARGEST_OF_ALL}.'
            )
        self._before = None

    def __call__(self, visible: np.ndarray, infrared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the shifts of a pair, uint8 (H, W).

        Returns:
            tuple: Of each visible pixel how far right of it infrared shows the same, float32
            (H, W), 0 where edges do not agree better elsewhere; and how sure that is, float32
            (H, W), from 0, where edges agree far better at another shift than at that, to 1.
        """
        size = visible.shape[::-1]
        scale = min(1, WIDTH / size[0])
        radius = round(scale * (self.largest or _LARGEST_SHIFT * size[0])) + _SLACK
        visible, infrared = (resized(image, scale) for image in (visible, infrared))
        clear = np.where(_glare(visible), 0, edges(visible))
        cells = _products(clear, edges(infrared), radius)
        if self._before is not None:
            cells = [now + self.memory * old for now, old in zip(cells, self._before, strict=True)]
        if self.memory:
            self._before = cells
        rows, columns = cells[0].shape
        around = _agreement(*cells, (_NEAR, _NEAR)) + _agreement(*cells, (_WIDE, _WIDE))
        told = around
        if self.kind == 'rows':
            band = 2 * columns, max(round(_BAND * rows), 1)
            told = _agreement(*cells, band)[_SLACK : _SLACK + 1]
        shifts, best = _best(told)
        low, high = _GAINS[self.kind]
        part = (best - _near(told, np.zeros_like(shifts)) - low) / (high - low)
        part[np.abs(shifts) > radius - _SLACK] = 0
        shifts = cv2.GaussianBlur(shifts * part.clip(0, 1), (0, 0), 1)
        low, high = _DOUBTS
        sure = (high - _best(around)[1] + _near(around, shifts)) / (high - low)
        sure = cv2.GaussianBlur(sure.clip(0, 1), (0, 0), 1)
        return cv2.resize(shifts, size) / scale, cv2.resize(sure, size)


def _glare(visible: np.ndarray) -> np.ndarray:
    """Where lamps blind the camera: the rims of their glow would be taken for people's edges."""
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_HALO, _HALO))
    return cv2.dilate((visible >= _GLARE).astype(np.uint8), around) > 0


def _products(
    visible: np.ndarray, infrared: np.ndarray, radius: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each cell the energy of visible edges; at each shift that of infrared, and the product.

    Returns:
        tuple: float32 (rows, columns), and twice (down, right, rows, columns); shifts are `_SLACK`
        up and down, `radius` left and right.
    """
    height, width = visible.shape
    padded = np.pad(infrared, ((_SLACK, _SLACK), (radius, radius)))

    def in_cells(values: np.ndarray) -> np.ndarray:
        size = -(-width // _CELL), -(-height // _CELL)
        return cv2.resize(values, size, interpolation=cv2.INTER_AREA)

    shifted = [
        [padded[y : y + height, x : x + width] for x in range(2 * radius + 1)]
        for y in range(2 * _SLACK + 1)
    ]
    return (
        in_cells(np.abs(visible) ** 2),
        np.array([[in_cells(np.abs(image) ** 2) for image in row] for row in shifted]),
        np.array([[in_cells((visible * image.conj()).real) for image in row] for row in shifted]),
    )


def _agreement(
    visible: np.ndarray, infrared: np.ndarray, products: np.ndarray, window: tuple[int, int]
) -> np.ndarray:
    """Correlation at each shift in a window, of (columns, rows), around each cell."""

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, window, borderType=cv2.BORDER_CONSTANT)

    visible, shifts = mean(visible), np.ndindex(products.shape[:2])
    found = [mean(products[at]) / np.sqrt(visible * mean(infrared[at]) + 1e-4) for at in shifts]
    return np.reshape(found, products.shape)


def _best(agreement: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each cell the shift to the right at which edges agree best, and how well they do."""
    tall, wide = agreement.shape[:2]
    y, x = np.divmod(agreement.reshape(tall * wide, *agreement.shape[2:]).argmax(0), wide)
    before, best, after = (_taken(agreement, x + step, y) for step in (-1, 0, 1))
    bend = np.minimum(before - 2 * best + after, -1e-6)
    between = ((before - after) / (2 * bend)).clip(-0.5, 0.5)
    return (x - wide // 2 + between).astype(np.float32), best


def _near(agreement: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Of each cell the best agreement at most a pixel beside, above or below its shift."""
    tall, wide = agreement.shape[:2]
    x, y = np.rint(shifts + wide // 2).astype(int), np.full(shifts.shape, tall // 2)
    return np.max([_taken(agreement, x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)], 0)


def _taken(agreement: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of each cell the agreement at a shift, or the nearest that was looked at."""
    tall, wide, rows, columns = agreement.shape
    row, column = np.ogrid[:rows, :columns]
    return agreement[y.clip(0, tall - 1), x.clip(0, wide - 1), row, column]

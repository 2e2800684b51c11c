"""Where two cameras of other fields of view see the same: a scale and a shift, from edges.

At each scale the narrower image is laid over all places of the wider one, with at least its middle
inside, and their edges are correlated. The narrower image is reduced to one size at each scale.
Chance correlates fewer pixels better, by the square root of their number; where the wider image is
too small for that size, correlations count so much less.
"""

from collections.abc import Sequence
from operator import itemgetter

import cv2
import numpy as np

from bffr.rigs.edge_agreement import edges, resized
from bffr.rigs.possible import same_view

_WIDTH = 128  # to which the narrower image is reduced: a turn or a scale a little off does no harm
_SCALES = 1.08 ** np.arange(20)  # 1 to 4.3
_BORDER = 2  # pixels beside the narrower image's border that do not count
_PEAK = 12  # pixels around the best place of a scale, reduced, that are the same place


View = tuple[float, np.ndarray]
"""How well edges agree, and at which matrix, 3 x 3, from infrared to visible points."""


def find_views(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[list[View]]:
    """Find the scale and shift at which edges agree best, in all pairs and in each half of them.

    Args:
        pairs: Visible (H, W) and infrared images (h, w) of one rig, uint8.

    Returns:
        list: Of all pairs, of every other one from the first on, and of the rest: the best two
        places of each scale, from the best on. Of a single pair all three are the same.
    """
    views = [], [], []
    swapped = [pair[::-1] for pair in pairs]
    for scale in _SCALES:
        for each, invert in ((pairs, np.array), (swapped, np.linalg.inv)):
            halves, matrix_at = _agreements(each, scale)
            for found, agreement in zip(
                views, (np.mean(halves, 0), halves[0], halves[-1]), strict=True
            ):
                for _ in range(2):
                    y, x = np.unravel_index(agreement.argmax(), agreement.shape)
                    found.append((agreement[y, x], invert(matrix_at(y, x))))
                    agreement = agreement.copy()
                    agreement[
                        max(y - _PEAK, 0) : y + _PEAK, max(x - _PEAK, 0) : x + _PEAK
                    ] = -np.inf
    return [sorted(found, key=itemgetter(0), reverse=True) for found in views]


def resizing(scale: float) -> np.ndarray:
    """The matrix of `resized`."""
    return np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1]])


def _agreements(pairs: Sequence[tuple[np.ndarray, np.ndarray]], scale: float) -> tuple:
    """How well edges agree where the second images see so many times less than the first ones.

    Returns:
        tuple: Of each half the mean correlation, times the root of the second image's pixels, by
        row and column in the first image, reduced, of the second one's middle; and what makes a row
        and a column a matrix.
    """
    size, narrow_size = (image.shape[::-1] for image in pairs[0])
    reduction = min(1, _WIDTH * scale / size[0])
    narrow_reduction = reduction * same_view(size, narrow_size)[0, 0] / scale
    sums, counts = np.zeros(2, object), np.zeros(2)
    for number, (wide, narrow) in enumerate(pairs):
        wide = edges(resized(wide, reduction))
        narrow = edges(resized(narrow, narrow_reduction))
        sums[number % 2] = sums[number % 2] + _correlation_at_middles(wide, narrow)
        counts[number % 2] += 1
    middle = np.array(narrow.shape) // 2

    def matrix_at(row: int, column: int) -> np.ndarray:
        moved = np.array([[1, 0, column - middle[1]], [0, 1, row - middle[0]], [0, 0, 1]])
        return np.linalg.inv(resizing(reduction)) @ moved @ resizing(narrow_reduction)

    weight = np.sqrt(narrow.size)
    halves = [weight * total / count for total, count in zip(sums, counts, strict=True) if count]
    return halves, matrix_at


def _correlation_at_middles(wide: np.ndarray, narrow: np.ndarray) -> np.ndarray:
    """Of edges with the inner ones of an image laid with its middle on each pixel, at most 1."""
    inner = narrow[_BORDER:-_BORDER, _BORDER:-_BORDER]
    down, right = (side // 2 - _BORDER for side in narrow.shape)
    size = [cv2.getOptimalDFTSize(a + b) for a, b in zip(wide.shape, inner.shape, strict=True)]
    product = np.fft.ifft2(np.fft.fft2(wide, size) * np.fft.fft2(inner, size).conj()).real
    product = np.roll(product, (down, right), (0, 1))[: wide.shape[0], : wide.shape[1]]
    energy = cv2.boxFilter(
        np.abs(wide) ** 2,
        -1,
        inner.shape[::-1],
        anchor=(right, down),
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
    energy = np.maximum(energy, 1e-3 * energy.max()) * np.vdot(inner, inner).real
    return product / np.sqrt(np.maximum(energy, 1e-9))

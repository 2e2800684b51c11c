"""The transform between two cameras from the edges in their images, where that is certain.

Edges of all pairs are correlated at once, see `bffr.rigs.edge_agreement`: first of whole images,
for a shift, then of blocks, to whose shifts a transform is fitted. Whether it is right is asked of
two halves of the pairs (of one pair: of its blocks), each without the other.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import product

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.rigs.edge_agreement import WIDTH, correlate, edges, resized, standardised
from bffr.rigs.points import distances_from, fit_points
from bffr.rigs.possible import same_view

Pairs = Sequence[tuple[np.ndarray, np.ndarray]]
"""Visible (H, W) and infrared images (h, w) of one rig, uint8."""

_STEPS = (WIDTH, 16), (WIDTH, 8), (2 * WIDTH, 8)  # widths, and how far blocks are searched
_ROWS, _COLUMNS = 4, 5  # of blocks, which overlap by half
_BLOCKS = sorted(product(range(_ROWS), range(_COLUMNS)), key=lambda block: sum(block) % 2)
_SMALLEST = 64  # pixels in each direction, reduced
_FEWEST = 6  # blocks that agree
_BORDER = 5  # pixels beside the infrared image's border that do not count

_SMALLEST_MOVE, _LARGEST_DISPUTE = 6, 3  # pixels of a visible image 640 wide
_LEAST_GAIN = 0.05  # in correlation


class UncertainError(InputError):
    """There is no transform that is surely better than none."""


def find_alignment(
    pairs: Pairs, model: str, needed: bool = False
) -> tuple[np.ndarray, float, np.ndarray]:
    """Estimate the transform of a rig whose cameras look about the same way.

    Args:
        pairs: Pairs of one rig, one or more; the more, the surer.
        model: As in `fit_points`.
        needed: Without a transform the images are not aligned at all, as if they had two sizes.

    Returns:
        tuple: The matrix from infrared to visible points; the root mean square distance of the
        blocks from it; and how far the blocks of each half of the pairs are from what the other
        half says, (N,). Distances are in visible pixels.

    Raises:
        UncertainError: Too few blocks agree, the halves do not or, of images of one size, edges do
            not agree far better with the transform than without, or it moves the image by less than
            6 pixels of 640.
    """
    size = pairs[0][0].shape[::-1]
    start = same_view(size, pairs[0][1].shape[::-1])
    matrix, residual, _ = _estimate(pairs, start, model, _BLOCKS)
    if len(pairs) > 1:
        halves = [(pairs[::2], _BLOCKS), (pairs[1::2], _BLOCKS)]
    else:
        middle = len(_BLOCKS) // 2
        halves = [(pairs, _BLOCKS[:middle]), (pairs, _BLOCKS[middle:])]
    (first, _, points), (second, _, others) = (
        _estimate(half, start, model, blocks) for half, blocks in halves
    )
    held_out = np.concatenate([distances_from(first, others), distances_from(second, points)])
    unit = size[0] / (2 * WIDTH)
    move, dispute = _distance(matrix, start, size), _distance(first, second, size)
    if dispute > _LARGEST_DISPUTE * unit:
        raise UncertainError(f'two halves of the images differ by {dispute:.0f} pixels')
    if needed or pairs[0][0].shape != pairs[0][1].shape:
        return matrix, residual, held_out  # without it they cannot be fused at all
    if move < _SMALLEST_MOVE * unit:
        raise UncertainError(
            f'as far as edges tell, the images are aligned to {_SMALLEST_MOVE * unit:.0f} pixels'
        )
    for (half, _), of_other in zip(halves, (second, first), strict=True):
        reduced = _Reduced(half, start, WIDTH)
        if reduced.agreement(of_other) < reduced.agreement(start) + _LEAST_GAIN:
            raise UncertainError('edges agree hardly better than as the images are')
    return matrix, residual, held_out


def _estimate(
    pairs: Pairs, start: np.ndarray, model: str, blocks: Sequence[tuple[int, int]]
) -> tuple[np.ndarray, float, np.ndarray]:
    """The matrix, the residual, and the points (N, 4) that it was fitted to, as `fit_points`."""
    reduced = _Reduced(pairs, start, WIDTH)
    if min(reduced.size) < _SMALLEST:
        raise UncertainError('the images are too small')
    shift = _peak(sum(standardised(correlate(*images)) for images in reduced.edges(start)))
    if shift is None:
        raise UncertainError('the images lie too far apart')
    matrix = reduced.moved(start, np.array([[1, 0, -shift[0]], [0, 1, -shift[1]], [0, 0, 1]]))
    for width, radius in _STEPS:
        reduced = _Reduced(pairs, start, width)
        points = reduced.block_points(matrix, blocks, radius)
        fit = None
        with suppress(InputError):
            fit = fit_points(points, model, reduced.size[0])
        if not fit or fit.used.sum() < _FEWEST:
            raise UncertainError('too few parts of the images agree on a transform')
        points = reduced.unreduced(points[fit.used], matrix)
        matrix = reduced.moved(matrix, fit.matrix)
    return matrix, fit.residual / reduced.scale, points


def _distance(first: np.ndarray, second: np.ndarray, size: tuple[int, int]) -> float:
    """Mean over the visible image of how far two matrices bring a point apart."""
    axes = (np.linspace(0, side - 1, 9) for side in size)
    grid = np.stack(np.meshgrid(*axes), 2).reshape(1, -1, 2)
    apart = cv2.perspectiveTransform(grid, first @ np.linalg.inv(second)) - grid
    return float(np.linalg.norm(apart, axis=2).mean())


def _peak(correlation: np.ndarray) -> np.ndarray | None:
    """Shift (x, y) of the largest value, between pixels; None if it lies at the rim."""
    radius = len(correlation) // 2
    y, x = np.unravel_index(correlation.argmax(), correlation.shape)
    if max(abs(x - radius), abs(y - radius)) == radius:
        return None
    lines = correlation[y, x - 1 : x + 2], correlation[y - 1 : y + 2, x]
    parabolas = [(a - c) / (2 * (a - 2 * b + c) or 1) for a, b, c in lines]
    return np.array([x - radius, y - radius]) + parabolas


class _Reduced:
    """Pairs, the visible images and their edges reduced to a width, the infrared ones likewise."""

    def __init__(self, pairs: Pairs, start: np.ndarray, width: int):
        self.scale = min(1, width / pairs[0][0].shape[1])
        self._visible = [edges(resized(visible, self.scale)) for visible, _ in pairs]
        self._infrared = [resized(infrared, self.scale * start[0, 0]) for _, infrared in pairs]
        self._grid = _resizing(self.scale)
        self._from_infrared = np.linalg.inv(_resizing(self.scale * start[0, 0]))
        self.size = self._visible[0].shape[::-1]

    def edges(self, matrix: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Edges of each pair, the infrared ones brought onto the visible grid by a matrix."""
        to_grid = self._grid @ matrix @ self._from_infrared
        inner = np.zeros(self._infrared[0].shape, np.uint8)
        inner[_BORDER:-_BORDER, _BORDER:-_BORDER] = 1
        covered = cv2.warpPerspective(inner, to_grid, self.size, flags=cv2.INTER_NEAREST)
        for visible, infrared in zip(self._visible, self._infrared, strict=True):
            warped = cv2.warpPerspective(
                infrared, to_grid, self.size, borderMode=cv2.BORDER_REPLICATE
            )
            yield visible, covered * edges(warped)

    def agreement(self, matrix: np.ndarray) -> float:
        """Mean over the pairs of the correlation of their edges, at most 1."""
        values = [
            np.vdot(visible, infrared).real
            / max(np.linalg.norm(visible) * np.linalg.norm(infrared), 1e-9)
            for visible, infrared in self.edges(matrix)
        ]
        return float(np.mean(values))

    def block_points(
        self, matrix: np.ndarray, blocks: Sequence[tuple[int, int]], radius: int
    ) -> np.ndarray:
        """Where edges of each block's middle are in both images: (N, 4), as `fit_points` takes."""
        width, height = 2 * self.size[0] // (_COLUMNS + 1), 2 * self.size[1] // (_ROWS + 1)
        corners = [(row * height // 2, column * width // 2) for row, column in blocks]
        totals = [0] * len(blocks)
        for images in self.edges(matrix):
            for number, (y, x) in enumerate(corners):
                cuts = (image[y : y + height, x : x + width] for image in images)
                totals[number] = totals[number] + correlate(*cuts, radius)
        points = []
        for (y, x), total in zip(corners, totals, strict=True):
            shift = _peak(total)
            if shift is not None:
                middle = np.array([x + (width - 1) / 2, y + (height - 1) / 2])
                points.append([*middle, *(middle + shift)])
        return np.array(points).reshape(-1, 4)

    def unreduced(self, points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Points of `block_points` in pixels of the two images."""
        to_images = np.linalg.inv(self._grid), np.linalg.inv(self._grid @ matrix)
        places = np.split(points[None], 2, axis=2)
        return np.hstack(
            [
                cv2.perspectiveTransform(place, back)[0]
                for place, back in zip(places, to_images, strict=True)
            ]
        )

    def moved(self, matrix: np.ndarray, correction: np.ndarray) -> np.ndarray:
        """A matrix followed by a correction on the reduced visible grid."""
        return np.linalg.inv(self._grid) @ correction @ self._grid @ matrix


def _resizing(scale: float) -> np.ndarray:
    """The matrix of `resized`."""
    return np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1]])

"""The transform between two cameras from the edges in their images, where that is certain.

Edges of all pairs are correlated at once, see `bffr.rigs.edge_agreement`: first of whole images,
for a scale and a shift, unless another tool's matches tell where they meet, then of blocks of what
both see, to whose shifts a transform is fitted. Whether it is right is asked of two halves of the
pairs and of the matches, each without the other. Of one pair, several places are refined; the best
must lead over the others and over shifts from it, and halves of its blocks must agree on it.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import product
from operator import itemgetter

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.rigs.edge_agreement import (
    WIDTH,
    correlate,
    edges,
    lead_of_none,
    resized,
    standardised,
)
from bffr.rigs.edge_search import find_views, resizing
from bffr.rigs.points import distances_from, fit_points
from bffr.rigs.possible import same_view

Pairs = Sequence[tuple[np.ndarray, np.ndarray]]
"""Visible (H, W) and infrared images (h, w) of one rig, uint8."""

_STEPS = (WIDTH, 16), (WIDTH, 8), (2 * WIDTH, 8)  # widths, and how far blocks are searched
_ROWS, _COLUMNS = 4, 5  # of blocks, which overlap by half
BLOCKS = sorted(product(range(_ROWS), range(_COLUMNS)), key=lambda block: sum(block) % 2)
_SMALLEST = 48  # pixels in each direction, reduced
FEWEST = 6  # blocks that agree
_BORDER = 5  # pixels beside the infrared image's border that do not count

# Pixels of a visible image 640 wide; depth moves aligned pairs of MSRS by up to 8.
_SMALLEST_MOVE, _SMALLEST_MOVE_OF_ONE, _LARGEST_DISPUTE = 8, 12, 3
_LEAST_GAIN = 0.05  # in correlation
_LEAST_MATCHES = 4  # times as many agree as by chance, the two that always agree left out
_MOST_PLACES = 8  # of a single pair that are refined
_LEAST_LEAD = 1.3  # of the best of them over others, times
_LEAST_LEAD_NEAR = 1  # of it over shifts from it, in deviations of their correlation
_LARGEST_ZOOM = 2.1  # that a single pair can tell
_TOO_SMALL = 'the images, or what both cameras see, are too small'
_OTHER = 1 / 8  # of the width of the wider view, beyond which a place is another


class UncertainError(InputError):
    """There is no transform that is surely better than none."""


def find_alignment(
    pairs: Pairs, model: str, needed: bool = False, matches: Sequence[np.ndarray] = ()
) -> tuple[np.ndarray, float, np.ndarray]:
    """Estimate the transform of a rig, one of whose cameras may see 4 times less than the other.

    Args:
        pairs: Pairs of one rig, one or more; the more, the surer.
        model: As in `fit_points`.
        needed: Without a transform the images are not aligned at all, as if they had two sizes.
        matches: Point pairs of another tool, (N, 4), as in `fit_points`, many of which may be
            wrong, of each pair or all in one; where they agree is then refined, and need not be
            searched for.

    Returns:
        tuple: The matrix from infrared to visible points; the root mean square distance of the
        blocks from it; and how far the blocks of each half of the pairs are from what the other
        half says, (N,). Distances are in visible pixels.

    Raises:
        UncertainError: Too few blocks or matches agree, the halves do not, of a single pair another
            place is nearly as good, or edges do not agree far better with the transform than
            without; or it moves the infrared images, as large as the visible ones, by less than 8
            pixels of 640 (those of a single pair: 12).
    """
    size, infrared_size = (image.shape[::-1] for image in pairs[0])
    if any(min(sides) < max(_SMALLEST, max(sides) / 16) for sides in (size, infrared_size)):
        raise UncertainError('the images are too small or too narrow')
    same = same_view(size, infrared_size)
    if len(pairs) == 1:
        starts = [_match(np.concatenate(matches), size[0])] if matches else []
        starts = [_clearest(pairs, [*starts, *_places(pairs)], model)] * 3
    elif matches:
        if len(matches) == 1:
            matches = matches[0][::2], matches[0][1::2]
        starts = [
            _match(np.concatenate(some), size[0]) for some in (matches, matches[::2], matches[1::2])
        ]
    else:
        starts = [matrix for ((_, matrix), *_) in find_views(pairs)]
    matrix, residual, _ = _estimate(pairs, starts[0], model, BLOCKS)
    if len(pairs) > 1:
        halves = [(pairs[::2], BLOCKS), (pairs[1::2], BLOCKS)]
    else:
        middle = len(BLOCKS) // 2
        halves = [(pairs, BLOCKS[:middle]), (pairs, BLOCKS[middle:])]
    (first, _, points), (second, _, others) = (
        _estimate(half, start, model, blocks)
        for (half, blocks), start in zip(halves, starts[1:], strict=True)
    )
    held_out = np.concatenate([distances_from(first, others), distances_from(second, points)])
    unit = size[0] / (2 * WIDTH)
    dispute = distance(first, second, infrared_size)
    if dispute > _LARGEST_DISPUTE * unit:
        raise UncertainError(
            f'two halves of the images give results that differ by {dispute:.0f} pixels'
        )
    if needed or size != infrared_size:
        return matrix, residual, held_out  # without it they cannot be fused at all
    least = unit * (_SMALLEST_MOVE if len(pairs) > 1 else _SMALLEST_MOVE_OF_ONE)
    if distance(matrix, same, infrared_size) < least:
        raise UncertainError(
            f'the edges show that the images are already aligned to {least:.0f} pixels'
        )
    for (half, _), of_other in zip(halves, (second, first), strict=True):
        reduced = Reduced(half, same, WIDTH)
        if reduced.agreement(of_other) < reduced.agreement(same) + _LEAST_GAIN:
            raise UncertainError('the edges hardly agree better with a transform than without')
    return matrix, residual, held_out


def _match(matches: np.ndarray, width: int) -> np.ndarray:
    """The similarity on which most matches agree."""
    try:
        fit = fit_points(matches, 'similarity', width)
    except InputError as error:
        raise UncertainError(f'the matches do not determine a transform ({error})') from None
    agree = fit.used.sum() - 2
    if agree < max(FEWEST - 2, _LEAST_MATCHES * _agreeing_by_chance(matches, width)):
        raise UncertainError(
            f'{fit.used.sum()} of {len(matches)} matches agree on a transform, which is too few to '
            f'be sure'
        )
    return fit.matrix


def _agreeing_by_chance(matches: np.ndarray, width: int) -> int:
    """How many agree besides two, when each visible point has some infrared one."""
    shuffled = np.random.default_rng(0).permutation(matches[:, 2:])
    try:
        return fit_points(np.hstack([matches[:, :2], shuffled]), 'similarity', width).used.sum() - 2
    except InputError:
        return 0


def _places(pairs: Pairs) -> list[np.ndarray]:
    """The places and scales at which edges of a single pair agree best, none near another."""
    size, infrared_size = (image.shape[::-1] for image in pairs[0])
    places = []
    for _, matrix in find_views(pairs)[0]:
        zoom = matrix[0, 0] / same_view(size, infrared_size)[0, 0]
        if max(zoom, 1 / zoom) < _LARGEST_ZOOM and all(
            _apart(matrix, place, size, infrared_size) > 1 / 2 for place in places
        ):
            places.append(matrix)
    return places[:_MOST_PLACES]


def _clearest(pairs: Pairs, starts: Sequence[np.ndarray], model: str) -> np.ndarray:
    """The start that is clearly better than all others, and than near it, refined."""
    size, infrared_size = (image.shape[::-1] for image in pairs[0])
    found = []
    for matrix in starts:
        with suppress(UncertainError):
            matrix, *_ = _estimate(pairs, matrix, model, BLOCKS)
        with suppress(UncertainError):
            cut, to_cut = _cut(pairs, matrix)
            reduced = Reduced(cut, to_cut @ matrix, WIDTH)
            agreement = reduced.agreement(to_cut @ matrix) * np.sqrt(np.prod(reduced.size))
            ((*both, _),) = reduced.edges(to_cut @ matrix)
            found.append((agreement, matrix, lead_of_none(standardised(correlate(*both)))))
    if not found:
        raise UncertainError(_TOO_SMALL)
    best, matrix, lead = max(found, key=itemgetter(0))
    second = max(
        (value for value, other, _ in found if _apart(matrix, other, size, infrared_size) > 1),
        default=0,
    )
    if best < _LEAST_LEAD * second or lead < _LEAST_LEAD_NEAR:
        raise UncertainError('the edges agree nearly as well at another place or scale')
    return matrix


def _apart(
    first: np.ndarray, second: np.ndarray, size: tuple[int, int], infrared_size: tuple[int, int]
) -> float:
    """`distance`, in widths of a place."""
    width = max(size[0], infrared_size[0] * first[0, 0])
    return distance(first, second, infrared_size) / (_OTHER * width)


def _estimate(
    pairs: Pairs, start: np.ndarray, model: str, blocks: Sequence[tuple[int, int]]
) -> tuple[np.ndarray, float, np.ndarray]:
    """Refine a scale and shift by blocks of what both cameras see.

    Returns:
        tuple: The matrix, the residual, and the points (N, 4) that it was fitted to, as
        `fit_points` takes them.
    """
    pairs, to_seen = _cut(pairs, start)
    matrix = start = to_seen @ start
    for width, radius in _STEPS:
        reduced = Reduced(pairs, start, width)
        if min(reduced.size) < _SMALLEST:
            raise UncertainError(_TOO_SMALL)
        correlations = reduced.block_correlations(matrix, blocks, radius)
        points = reduced.block_points(correlations, blocks)
        fit = None
        with suppress(InputError):
            fit = fit_points(points, model, reduced.size[0])
        if not fit or fit.used.sum() < FEWEST:
            raise UncertainError('too few parts of the images agree on a transform')
        points = reduced.unreduced(points[fit.used], matrix)
        matrix = reduced.moved(matrix, fit.matrix)
    points[:, :2] -= to_seen[:2, 2]
    return np.linalg.inv(to_seen) @ matrix, fit.residual / reduced.scale, points


def _cut(pairs: Pairs, matrix: np.ndarray) -> tuple[Pairs, np.ndarray]:
    """Pairs with what infrared covers of the visible image alone, and the matrix to that."""
    size, infrared_size = (image.shape[::-1] for image in pairs[0])
    ends = [[0, side - 1.0] for side in infrared_size]
    (places,) = cv2.perspectiveTransform(np.stack(np.meshgrid(*ends), 2).reshape(1, 4, 2), matrix)
    (x, y), last = np.clip([places.min(0).round(), places.max(0).round() + 1], 0, size).astype(int)
    if min(last - (x, y)) < _SMALLEST:
        raise UncertainError(_TOO_SMALL)
    seen = np.s_[y : last[1], x : last[0]]
    moved = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]])
    return [(visible[seen], infrared) for visible, infrared in pairs], moved


def distance(first: np.ndarray, second: np.ndarray, size: tuple[int, int]) -> float:
    """Mean over the infrared image of how far apart two matrices bring a point."""
    axes = (np.linspace(0, side - 1, 9) for side in size)
    grid = np.stack(np.meshgrid(*axes), 2).reshape(1, -1, 2)
    apart = cv2.perspectiveTransform(grid, first) - cv2.perspectiveTransform(grid, second)
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


class Reduced:
    """Pairs, the visible images and their edges reduced to a width, the infrared ones likewise."""

    def __init__(self, pairs: Pairs, start: np.ndarray, width: int):
        self.scale = min(1, width / pairs[0][0].shape[1])
        self._visible = [edges(resized(visible, self.scale)) for visible, _ in pairs]
        infrared_scale = self.scale * np.sqrt(np.linalg.det(start[:2, :2]))
        self._infrared = [resized(infrared, infrared_scale) for _, infrared in pairs]
        self._grid = resizing(self.scale)
        self._from_infrared = np.linalg.inv(resizing(infrared_scale))
        self.size = self._visible[0].shape[::-1]

    def edges(self, matrix: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Edges of each pair, the infrared ones on the visible grid, and what these cover."""
        to_grid = self._grid @ matrix @ self._from_infrared
        inner = np.zeros(self._infrared[0].shape, np.uint8)
        inner[_BORDER:-_BORDER, _BORDER:-_BORDER] = 1
        covered = cv2.warpPerspective(inner, to_grid, self.size, flags=cv2.INTER_NEAREST)
        for visible, infrared in zip(self._visible, self._infrared, strict=True):
            warped = cv2.warpPerspective(
                infrared, to_grid, self.size, borderMode=cv2.BORDER_REPLICATE
            )
            yield visible, covered * edges(warped), covered

    def agreement(self, matrix: np.ndarray) -> float:
        """Mean over the pairs of the correlation of edges where both are, at most 1."""
        values = [
            np.vdot(visible, infrared).real
            / max(np.linalg.norm(visible * covered) * np.linalg.norm(infrared), 1e-9)
            for visible, infrared, covered in self.edges(matrix)
        ]
        return float(np.mean(values))

    def block_correlations(
        self, matrix: np.ndarray, blocks: Sequence[tuple[int, int]], radius: int
    ) -> np.ndarray:
        """Of each block the sum of what `correlate` makes of the pairs: (blocks, side, side)."""
        total = 0
        for *images, _ in self.edges(matrix):
            cuts = [[image[cut] for image in images] for cut in self._cuts(blocks)]
            total = total + np.array([correlate(*cut, radius) for cut in cuts])
        return total

    def block_points(
        self, correlations: np.ndarray, blocks: Sequence[tuple[int, int]]
    ) -> np.ndarray:
        """Where edges of each block's middle are in both images: (N, 4), as `fit_points` takes."""
        peaks = map(_peak, correlations)
        points = [
            [*middle, *(middle + shift)]
            for middle, shift in zip(self.middles(blocks), peaks, strict=True)
            if shift is not None
        ]
        return np.array(points).reshape(-1, 4)

    def middles(self, blocks: Sequence[tuple[int, int]]) -> np.ndarray:
        """Of blocks, (N, 2), in pixels of the reduced visible image."""
        cuts = self._cuts(blocks)
        return np.array([[(x.start + x.stop - 1) / 2, (y.start + y.stop - 1) / 2] for y, x in cuts])

    def _cuts(self, blocks: Sequence[tuple[int, int]]) -> list[tuple[slice, slice]]:
        """Rows and columns of blocks."""
        width, height = 2 * self.size[0] // (_COLUMNS + 1), 2 * self.size[1] // (_ROWS + 1)
        corners = [(row * height // 2, column * width // 2) for row, column in blocks]
        return [(slice(y, y + height), slice(x, x + width)) for y, x in corners]

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

"""How the two cameras of a rig stand to one another: the file `rig.json`."""

import json
import operator
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.files import write_whole
from bffr.rigs.lens import Lens, at_pixels, resample
from bffr.rigs.numbers import numbers
from bffr.rigs.parallax import Parallax
from bffr.rigs.possible import require_possible

Size = tuple[int, int]
"""Width and height in pixels."""

CROPS = 'visible', 'overlap'

_SEAM = 1 / 8  # of the overlap's shorter side, over which fused and visible image pass into another


@dataclass(frozen=True)
class Rig:
    """A rig of two cameras: says how to move its infrared images onto the visible ones.

    Points are (x, y) in pixels; (0, 0) is the centre of the top left pixel.

    Args:
        matrix: 3 x 3, homogeneous, from infrared to visible points. If a camera has a lens, its
            points are those of the straightened image.
        visible_size, infrared_size: Size of the images, (width, height).
        overlap: Left, top, width and height of what is fused, in visible pixels (None: the largest
            rectangle that both images fill).
        residual: Root mean square distance, in visible pixels, between the points that the matrix
            was made from and where it moves them.
        held_out: Distances, in visible pixels, below which half and 95 % of the points lie when the
            matrix is made without them; None if that is not known.
        visible_lens, infrared_lens: Lenses that bend the images, if any.
        crop: What is kept of a fused image: `overlap`, or `visible` with the visible image around
            it. It is not part of the file.
        drift: 3 x 3, how far infrared points have moved on the visible grid since the file was made
            (None: not at all), see `RigTracker`. It is not part of the file.
        parallax: Finds and undoes the shifts of near and far things in each pair (None: nothing
            is done). It is not part of the file.

    Raises:
        InputError: An argument is of a wrong kind, the images do not fill the overlap, or two
            cameras cannot make this transform, see `require_possible`.
    """

    matrix: Sequence[Sequence[float]]
    visible_size: Size
    infrared_size: Size
    overlap: tuple[int, int, int, int] | None
    residual: float
    held_out: tuple[float, float] | None = None
    visible_lens: Lens | None = None
    infrared_lens: Lens | None = None
    crop: str = 'visible'
    drift: Sequence[Sequence[float]] | None = None
    parallax: Parallax | None = None

    def __post_init__(self):
        if self.crop not in CROPS:
            raise InputError(f'{self.crop}: no such crop; choose from {", ".join(CROPS)}.')
        if not isinstance(self.parallax, Parallax | None):
            raise InputError(f'parallax: must be a Parallax, not {self.parallax!r}.')
        try:
            first, second, third = self.matrix
            lenses = {
                name: Lens(**lens) if isinstance(lens := getattr(self, name), dict) else lens
                for name in ('visible_lens', 'infrared_lens')
            }
            if not all(isinstance(lens, Lens | None) for lens in lenses.values()):
                raise TypeError
            vars(self).update(
                lenses,
                matrix=tuple(numbers(row, 3) for row in (first, second, third)),
                visible_size=_whole_numbers(self.visible_size, 2),
                infrared_size=_whole_numbers(self.infrared_size, 2),
                residual=numbers([self.residual], 1)[0],
                held_out=None if self.held_out is None else numbers(self.held_out, 2),
            )
            require_possible(np.array(self.matrix), self.visible_size, self.infrared_size)
            overlap = self._largest_overlap() if self.overlap is None else self.overlap
            vars(self).update(overlap=_whole_numbers(overlap, 4))
        except InputError:
            raise
        except (TypeError, ValueError, OverflowError):
            raise InputError('is damaged or not from `bffr align`; make it again.') from None
        x, y, width, height = self.overlap
        axes = (
            np.linspace(start, start + side - 1, 9) for start, side in ((x, width), (y, height))
        )
        points = np.stack(np.meshgrid(*axes), 2).reshape(-1, 2)
        if min(width, height) < 1 or not (
            _are_within(points, self.visible_size, 0)
            and _are_within(self._in_infrared(points), self.infrared_size, 1)
        ):
            raise InputError('its overlap does not fit its matrix; make it again.')

    @classmethod
    def of_matrix(
        cls,
        matrix: np.ndarray,
        visible_size: Size,
        infrared_size: Size,
        residual: float,
        held_out: tuple[float, float] | None = None,
        *lenses: Lens | None,
    ) -> 'Rig':
        """The rig of a matrix and of lenses; its overlap is the largest that both images fill.

        Raises:
            InputError: There is none, or the transform is impossible, see `require_possible`.
        """
        return cls(matrix, visible_size, infrared_size, None, residual, held_out, *lenses)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike,
        crop: str = 'visible',
        parallax: Parallax | None = None,
    ) -> 'Rig':
        """Read `rig.json`; `crop` and `parallax` are not in it.

        Raises:
            InputError: The file cannot be read or holds no possible rig, or another argument is
                impossible.
        """
        try:
            content = json.loads(Path(path).read_bytes())
        except OSError as error:
            raise InputError(
                f'{path}: cannot be read ({error.strerror}); make it with `bffr align`.'
            ) from None
        except (ValueError, RecursionError):
            content = None
        try:
            return cls(**content, crop=crop, drift=None, parallax=parallax)
        except TypeError:
            raise InputError(
                f'{path}: is damaged or not from `bffr align`; make it again.'
            ) from None
        except InputError as error:
            raise InputError(f'{path}: {error}') from None

    def write(self, path: str | os.PathLike) -> None:
        """Write `rig.json`; missing folders are made.

        Raises:
            InputError: The file cannot be written.
        """
        content = asdict(self)
        for of_use in ('crop', 'drift', 'parallax'):
            del content[of_use]
        write_whole(path, json.dumps(content, indent=1).encode())

    def fits(self, visible_size: Size, infrared_size: Size) -> bool:
        """Whether images of these sizes may come from this rig."""
        return [*visible_size, *infrared_size] == [*self.visible_size, *self.infrared_size]

    def warp(self, infrared: np.ndarray) -> np.ndarray:
        """Move an infrared image (H, W) onto the visible grid; its border pixels are repeated."""
        if self._places is not None:
            return resample(infrared, self._places)
        return cv2.warpPerspective(
            infrared,
            self._drifted,
            self.visible_size,
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )

    @cached_property
    def seen(self) -> np.ndarray:
        """Where on the visible grid the infrared camera sees something: bool (H, W)."""
        if self._places is not None:
            last = np.array(self.infrared_size) - 0.5
            return ((self._places >= -0.5) & (self._places < last)).all(2)
        everything = np.ones(self.infrared_size[::-1], np.uint8)
        return (
            cv2.warpPerspective(
                everything, self._drifted, self.visible_size, flags=cv2.INTER_NEAREST
            )
            > 0
        )

    @cached_property
    def unseen(self) -> np.ndarray | None:
        """Where in the overlap a drift leaves infrared without a value: bool (h, w), or None."""
        return None if self.drift is None else ~self.inside(self.seen)

    def without_parallax(
        self, visible: np.ndarray, infrared: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where infrared shows what visible pixels do, by `parallax`, and how sure that is.

        Args:
            visible, infrared: The overlaps of both on the visible grid, uint8 (h, w, 3), BGR, and
                (h, w).

        Returns:
            tuple: Places for `resample`, float32 (h, w, 2), and weights from 0 to 1, float32
            (h, w), see `Parallax`.
        """
        grey = cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY)
        shifts, sure = self.parallax(grey, infrared)
        rows, columns = np.indices(shifts.shape, np.float32)
        return np.dstack([columns + shifts, rows]), sure

    def inside(self, image: np.ndarray) -> np.ndarray:
        """The overlap of an image (H, W, ...) on the visible grid, a view."""
        x, y, width, height = self.overlap
        return image[y : y + height, x : x + width]

    @property
    def kept_size(self) -> Size:
        """Of what `kept` returns."""
        return tuple(self.overlap[2:] if self.crop == 'overlap' else self.visible_size)

    def kept(self, image: np.ndarray) -> np.ndarray:
        """What `crop` keeps of an image (H, W, ...) on the visible grid, a view."""
        return self.inside(image) if self.crop == 'overlap' else image

    def complete(self, fused: np.ndarray, visible: np.ndarray) -> np.ndarray:
        """Put a fused overlap into its visible image, with a gradual border.

        Args:
            fused: uint8 (h, w, 3), as large as the overlap.
            visible: uint8 (H, W, 3).

        Returns:
            np.ndarray: uint8 (H, W, 3).
        """
        image = visible.copy()
        inside = self.inside(image)
        inside[:] = cv2.blendLinear(fused, inside, self._weights, 1 - self._weights)
        return image

    def complete_labels(self, labels: np.ndarray) -> np.ndarray:
        """Set labels (h, w) of the overlap into a map, uint8, of what is kept; 255 around them."""
        image = np.full(self.visible_size[::-1], 255, np.uint8)
        self.inside(image)[:] = labels
        return self.kept(image)

    def _in_infrared(self, points: np.ndarray) -> np.ndarray:
        """Where visible points (N, 2) are in the infrared image; NaN where it cannot show them."""
        if self.visible_lens:
            points = self.visible_lens.straight(points)
        back = np.linalg.inv(self.matrix)
        *places, depth = back @ np.insert(points, 2, 1, axis=1).T
        depth[depth * self.matrix[2][2] <= 0] = np.nan  # behind the infrared camera
        points = np.stack(places, 1) / depth[:, None]
        return self.infrared_lens.bent(points) if self.infrared_lens else points

    @property
    def _drifted(self) -> np.ndarray:
        """The matrix, and then the drift."""
        matrix = np.array(self.matrix)
        return matrix if self.drift is None else np.array(self.drift) @ matrix

    @cached_property
    def _places(self) -> np.ndarray | None:
        """Of each visible pixel in the infrared image, (H, W, 2); None where no lens bends."""
        if not (self.visible_lens or self.infrared_lens):
            return None
        back = np.eye(3) if self.drift is None else np.linalg.inv(self.drift)
        return at_pixels(
            lambda points: self._in_infrared(cv2.perspectiveTransform(points[None], back)[0]),
            self.visible_size,
        )

    def _largest_overlap(self) -> tuple[int, int, int, int]:
        overlap = _largest_rectangle(self.seen)
        if min(overlap[2:]) < 1:
            raise InputError('the infrared image lies outside of the visible one; correct them.')
        return overlap

    @cached_property
    def _weights(self) -> np.ndarray:
        """Of the fused image in `complete`, float32 (h, w): from 0 beside the visible one to 1."""
        x, y, width, height = self.overlap
        framed = np.pad(np.zeros(self.visible_size[::-1], np.uint8), 1, constant_values=1)
        framed[y + 1 : y + height + 1, x + 1 : x + width + 1] = 1
        distance = cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
        ramp = (self.inside(distance) / (_SEAM * min(width, height))).clip(0, 1)
        return ramp * ramp * (3 - 2 * ramp)


def _whole_numbers(values: Iterable, count: int) -> tuple[int, ...]:
    found = tuple(map(operator.index, values))
    numbers(found, count)
    return found


def _are_within(points: np.ndarray, size: Size, tolerance: float) -> bool:
    """Whether points (N, 2) lie in an image, or that many pixels beside it."""
    return bool((points >= -tolerance).all() and (points <= np.array(size) - 1 + tolerance).all())


def _largest_rectangle(covered: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, width and height of the largest upright rectangle in a mask, bool (H, W).

    A side shorter than the mask's is even, as video codecs ask for.
    """
    columns = np.arange(covered.shape[1])
    # Of the covered pixels above each pixel of a row: how many, and how far all of them go on
    # to the left and to the right.
    heights, left, right = 0 * columns, 0 * columns, 0 * columns + len(columns)
    best, found = 0, (0, 0, 0, 0)
    for y, row in enumerate(covered):
        start = np.maximum.accumulate(np.where(row, 0, columns + 1))
        end = np.minimum.accumulate(np.where(row, len(columns), columns)[::-1])[::-1]
        heights = np.where(row, heights + 1, 0)
        left = np.where(row, np.maximum(left, start), 0)
        right = np.where(row, np.minimum(right, end), len(columns))
        areas = (right - left) * heights
        x = areas.argmax()
        if areas[x] > best:
            best = areas[x]
            found = left[x], y + 1 - heights[x], right[x] - left[x], heights[x]
    size = [
        side - side % 2 * (side < n) for side, n in zip(found[2:], covered.shape[::-1], strict=True)
    ]
    return tuple(map(int, (*found[:2], *size)))

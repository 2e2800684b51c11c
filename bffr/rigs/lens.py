"""How a camera's lens bends what it sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.rigs.numbers import numbers

COEFFICIENTS = {'pinhole': (4, 5, 8, 12, 14), 'fisheye': (4,)}
"""Model -> how many numbers of distortion OpenCV takes of it."""

_EXACT = 0.1  # pixels that a point straightened and bent again may be off
_STEPS = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 100, 1e-6)
_WIDEST = 1.55  # radians from the middle; at pi / 2 a straight image has no end


@dataclass(frozen=True)
class Lens:
    """A lens as OpenCV describes it; a straight image is one of a lens that does not bend.

    Points are (x, y) in pixels, float64 (N, 2); (0, 0) is the centre of the top left pixel. What a
    lens cannot see has NaN for a point.

    Args:
        model: `pinhole` or `fisheye`, as in `cv2.calibrateCamera` and `cv2.fisheye.calibrate`.
        focal: Horizontal and vertical focal length, in pixels, of the straight image, too.
        centre: Where the optical axis meets both images.
        distortion: OpenCV's coefficients, see `COEFFICIENTS`.

    Raises:
        InputError: An argument is of another kind.
    """

    model: str
    focal: Sequence[float]
    centre: Sequence[float]
    distortion: Sequence[float]

    def __post_init__(self):
        try:
            vars(self).update(
                focal=numbers(self.focal, 2),
                centre=numbers(self.centre, 2),
                distortion=numbers(self.distortion, len(self.distortion)),
            )
            possible = min(self.focal) > 0 and len(self.distortion) in COEFFICIENTS[self.model]
        except (TypeError, ValueError, OverflowError, KeyError):
            possible = False
        if not possible:
            raise InputError(
                'this is not a lens: give its model (pinhole, fisheye), two focal lengths above 0, '
                'the centre and 4, 5, 8, 12 or 14 (fisheye: 4) numbers of distortion.'
            )

    @property
    def matrix(self) -> np.ndarray:
        """Of the straight image, 3 x 3, from directions to points."""
        (fx, fy), (cx, cy) = self.focal, self.centre
        return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])

    def straight(self, points: np.ndarray) -> np.ndarray:
        """Bring points of the camera's image into its straight one."""
        places = np.ascontiguousarray(points, float)[:, None]
        if self.model == 'fisheye':
            straight = cv2.fisheye.undistortPoints(
                places, self.matrix, self._coefficients, None, np.eye(3), self.matrix
            )
        else:
            straight = cv2.undistortImagePoints(
                places, self.matrix, self._coefficients, None, _STEPS
            )
        straight = straight[:, 0]
        off = np.linalg.norm(self.bent(straight) - points, axis=1)
        return np.where((off < _EXACT)[:, None], straight, np.nan)

    def bent(self, points: np.ndarray) -> np.ndarray:
        """Bring points of the straight image into the camera's."""
        directions = (points - self.centre) / self.focal
        seen = np.linalg.norm(directions, axis=1) < self._reach
        return np.where(seen[:, None], self._bent(np.where(seen[:, None], directions, 0)), np.nan)

    def straight_places(self, size: tuple[int, int]) -> np.ndarray:
        """Of each pixel of the straight image, as large as the camera's, in that: (H, W, 2)."""
        return at_pixels(self.bent, size)

    @property
    def _coefficients(self) -> np.ndarray:
        return np.array(self.distortion)

    def _bent(self, directions: np.ndarray) -> np.ndarray:
        """Where directions, (N, 2), in tangents of their angles, are seen."""
        if self.model == 'fisheye':
            bent = cv2.fisheye.distortPoints(directions[:, None], self.matrix, self._coefficients)
        else:
            ahead = np.insert(directions, 2, 1, axis=1)
            bent, _ = cv2.projectPoints(
                ahead, np.zeros(3), np.zeros(3), self.matrix, self._coefficients
            )
        return bent[:, 0]

    @cached_property
    def _reach(self) -> float:
        """Tangent of the angle up to which what lies farther out is seen farther out."""
        tangents = np.tan(np.linspace(0, _WIDEST, 2000))
        outwards = self._bent(np.stack([tangents, np.zeros_like(tangents)], 1))[:, 0]
        folds = np.flatnonzero(np.diff(outwards) <= 0)
        return tangents[folds[0]] if len(folds) else np.inf


def at_pixels(bring: Callable[[np.ndarray], np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """Where points are brought that are the pixels of an image: float32 (H, W, 2).

    Some 160 in a row are brought, and between them it goes on evenly, to 0.03 pixels.

    Args:
        bring: Takes and returns (N, 2).
        size: Of the image, (width, height).
    """
    step = max(size[0] // 160, 1)
    axes = (step * (np.arange(-1, -(-side // step) + 1) + 0.5) - 0.5 for side in size)
    nodes = np.stack(np.meshgrid(*axes), 2)
    places = bring(nodes.reshape(-1, 2)).reshape(nodes.shape).astype(np.float32)
    places = cv2.resize(places, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
    return places[step : step + size[1], step : step + size[0]]


def resample(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """An image's values at places (H, W, 2), its border pixels repeated; at NaN any of them."""
    places = np.nan_to_num(places, nan=-1).clip(-9999, 32000).astype(np.float32)
    return cv2.remap(image, places, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)

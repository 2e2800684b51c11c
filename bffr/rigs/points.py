"""The transform between two cameras from points that a user found in both images."""

import csv
import os
from dataclasses import dataclass

import cv2
import numpy as np

from bffr.errors import InputError

COLUMNS = 'vis_x', 'vis_y', 'ir_x', 'ir_y'

MODELS = {
    'similarity': (2, cv2.estimateAffinePartial2D),
    'affine': (3, cv2.estimateAffine2D),
    'homography': (4, cv2.findHomography),
}
"""Name -> number of point pairs that determine the transform, and OpenCV's estimator."""

_TRIALS = 20_000  # of RANSAC, at most; enough where 2 % of the point pairs are right
_OUTLIER = 6 / 640  # of the visible width; a point pair that is farther off does not count


@dataclass
class Fit:
    """A transform from infrared to visible points.

    Attributes:
        matrix: float64 (3, 3), homogeneous.
        distances: float64 (N,), in visible pixels, between each visible point and where the matrix
            brings its infrared point.
        used: bool (N,), which pairs the matrix was fitted to.
    """

    matrix: np.ndarray
    distances: np.ndarray
    used: np.ndarray

    @property
    def residual(self) -> float:
        """Root mean square of the distances of the pairs that were used."""
        return float(np.sqrt(np.mean(self.distances[self.used] ** 2)))


def read_points(path: str | os.PathLike) -> np.ndarray:
    """Read point pairs, float64 (N, 4), from a CSV file with the columns vis_x, vis_y, ir_x, ir_y.

    Raises:
        InputError: The file cannot be read, or lacks a column or a number.
    """
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            points = np.array([[float(row[column]) for column in COLUMNS] for row in rows])
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror}); give a CSV file.') from None
    except (KeyError, ValueError, TypeError, csv.Error):
        points = np.empty((0, 4))
    if not points.size or not np.isfinite(points).all():
        raise InputError(
            f'{path}: holds no point pairs; give a CSV file with the columns {",".join(COLUMNS)} '
            f'and a number in each.'
        )
    return points


def require_inside(
    path: str | os.PathLike, points: np.ndarray, sizes: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    """Refuse points that were taken from images of another size.

    Args:
        path: Their file, to be named.
        points: (N, 4), see `fit_points`.
        sizes: Width and height of the visible and of the infrared image.

    Raises:
        InputError: One lies outside its image.
    """
    (width, height), (ir_width, ir_height) = sizes
    limits = np.array([width, height, ir_width, ir_height])
    outside = ((points < -0.5) | (points > limits - 0.5)).any(1)
    if outside.any():
        row = int(outside.argmax())
        place = ', '.join(f'{value:g}' for value in points[row])
        raise InputError(
            f'{path}: point {row + 1} ({place}) lies outside the images, which have '
            f'{width}x{height} and {ir_width}x{ir_height} pixels; give points of these images.'
        )


def fit_points(points: np.ndarray, model: str, width: int) -> Fit:
    """Fit a transform robustly: point pairs that contradict most others do not count.

    Args:
        points: (N, 4): visible x and y, infrared x and y, in pixels.
        model: Name in `MODELS`.
        width: Of the visible image; the outliers' limit is 6 pixels of 640.

    Raises:
        InputError: There are too few points for the model, they do not determine it, or they
            contradict one another.
    """
    needed, estimate = MODELS[model]
    if len(points) < needed:
        raise InputError(f'a {model} needs at least {needed} point pairs, not {len(points)}.')
    visible, infrared = points[:, :2].copy(), points[:, 2:].copy()
    limit = _OUTLIER * width
    matrix, used = estimate(
        infrared, visible, method=cv2.RANSAC, ransacReprojThreshold=limit, maxIters=_TRIALS
    )
    if matrix is None or not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:2, :2])) < 1e-6:
        raise InputError(f'the point pairs determine no {model}; spread them over the images.')
    if len(points) > needed and used.sum() <= needed:
        raise InputError(
            f'no {needed + 1} of the point pairs agree on one {model} to {limit:.1f} pixels; '
            f'correct them.'
        )
    matrix = np.vstack([matrix, [0, 0, 1]])[:3]
    return Fit(matrix, distances_from(matrix, points), used.ravel().astype(bool))


def distances_from(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How far from each visible point a matrix brings its infrared one: float64 (N,), in pixels."""
    brought = cv2.perspectiveTransform(points[None, :, 2:], matrix)[0]
    return np.linalg.norm(brought - points[:, :2], axis=1)


def held_out_distances(
    points: np.ndarray, groups: np.ndarray, model: str, width: int
) -> np.ndarray | None:
    """How far each point pair is from a transform that is fitted to those of other groups.

    Args:
        points, model, width: As of `fit_points`.
        groups: Of each pair the number of its group, (N,).

    Returns:
        np.ndarray: float64 (N,), in visible pixels; None where a group cannot be spared.
    """
    distances = np.empty(len(points))
    for group in np.unique(groups):
        held = groups == group
        try:
            fit = fit_points(points[~held], model, width)
        except InputError:
            return None
        distances[held] = distances_from(fit.matrix, points[held])
    return distances

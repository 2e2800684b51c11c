"""The lenses of two cameras, and how the cameras stand, from boards that both see."""

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.rigs.lens import Lens

FEWEST_BOARDS = 6
"""From which a lens is calibrated."""

_SAME_PLACE = 0.01  # of the width, that the corners of two boards lie apart
_LOOSEST = 0.05  # standard deviation of a focal length, of itself


def board_corners(corners: tuple[int, int], square: float) -> np.ndarray:
    """Places on a board of its inner corners, row by row: float32 (N, 3), z is 0."""
    y, x = np.indices(corners[::-1]).reshape(2, -1)
    return (square * np.stack([x, y, 0 * x], 1)).astype(np.float32)


def calibrate_lens(
    boards: np.ndarray, places: np.ndarray, size: tuple[int, int], model: str
) -> tuple[Lens, float]:
    """Find a lens.

    How sure its focal length is, is told by leaving out each board in turn (the jackknife); so
    boards that stand where another one does are left out before.

    Args:
        boards: Corners in images, (boards, N, 2), in pixels.
        places: See `board_corners`.
        size: Of the images, (width, height).
        model: As of `Lens`.

    Returns:
        tuple: The lens, and the root mean square distance in pixels between the corners and where
        it shows them.

    Raises:
        InputError: There are fewer than 6 boards at different places, or they do not tell the
            focal length.
    """
    kept = []
    for board in boards:
        if all(np.abs(board - other).max() > _SAME_PLACE * size[0] for other in kept):
            kept.append(board)
    boards = np.array(kept)
    if len(boards) < FEWEST_BOARDS:
        raise InputError(
            f'a lens needs {FEWEST_BOARDS} boards or more that both cameras see at different '
            f'places, not {len(boards)}'
        )
    try:
        lens, error = _calibrate(boards, places, size, model)
        without = [
            _calibrate(np.delete(boards, number, 0), places, size, model)[0].focal
            for number in range(len(boards))
        ]
    except (cv2.error, InputError):
        deviation = np.inf
    else:
        deviation = np.std(np.log(without), 0).max() * np.sqrt(len(boards) - 1)
    if deviation > _LOOSEST:
        told = f'determine the focal length only to {deviation:.0%}'
        if not deviation < 1:
            told = 'do not determine the focal length'
        raise InputError(
            f'the boards {told}; tilt them to both sides, upwards and downwards, and show them '
            f'near the corners of the images, too'
        )
    return lens, error


def _calibrate(
    boards: np.ndarray, places: np.ndarray, size: tuple[int, int], model: str
) -> tuple[Lens, float]:
    if model == 'fisheye':
        guess = np.array([[size[0] / 2, 0, size[0] / 2], [0, size[0] / 2, size[1] / 2], [0, 0, 1]])
        names = cv2.fisheye if hasattr(cv2.fisheye, 'CALIB_FIX_SKEW') else cv2  # since OpenCV 5
        error, matrix, distortion, *_ = cv2.fisheye.calibrate(
            [places[None].astype(float)] * len(boards),
            [*boards[:, None]],
            size,
            guess,
            np.zeros(4),
            flags=names.CALIB_FIX_SKEW
            | names.CALIB_RECOMPUTE_EXTRINSIC
            | names.CALIB_USE_INTRINSIC_GUESS
            | names.CALIB_FIX_K3
            | names.CALIB_FIX_K4,
        )
    else:
        error, matrix, distortion, *_ = cv2.calibrateCamera(
            [places] * len(boards),
            [*boards.astype(np.float32)],
            size,
            None,
            None,
            flags=cv2.CALIB_FIX_K3,  # it would only follow the noise in the middle
        )
    centre = matrix[:2, 2]
    return Lens(model, matrix[[0, 1], [0, 1]], centre, np.ravel(distortion)[:5]), error


class Stereo:
    """How two cameras with known lenses stand, from boards that both see.

    Args:
        boards: See `checkerboard_points`.
        places: See `board_corners`.
        lenses: The visible camera's and the infrared one's.

    Attributes:
        error: Root mean square distance in pixels, in both images, between the corners and where
            the cameras show them.
        distance: Median of the boards' from the visible camera, in units of `places`.
    """

    def __init__(self, boards: np.ndarray, places: np.ndarray, lenses: tuple[Lens, Lens]):
        self._lenses, self._places = lenses, places
        straight = [self._straight(board) for board in boards]
        visible, infrared = (
            [board[:, start : start + 2].astype(np.float32) for board in straight]
            for start in (0, 2)
        )
        first, second = (lens.matrix for lens in lenses)
        self.error, *_, turn, shift, _, _ = cv2.stereoCalibrate(
            [places] * len(boards),
            visible,
            infrared,
            first,
            np.zeros(5),
            second,
            np.zeros(5),
            (1, 1),
            flags=cv2.CALIB_FIX_INTRINSIC,
        )
        self._turn, self._shift = turn, shift.ravel()
        poses = [cv2.solvePnP(places, board, first, None) for board in visible]
        middle = places.mean(0)
        self.distance = float(
            np.median([(cv2.Rodrigues(r)[0] @ middle + t.ravel())[2] for _, r, t in poses])
        )

    def matrix(self, distance: float) -> np.ndarray:
        """From infrared to visible points, straight ones, that far from the visible camera."""
        visible, infrared = (lens.matrix for lens in self._lenses)
        turn = self._turn + np.outer(self._shift, [0, 0, 1 / distance])
        matrix = np.linalg.inv(infrared @ turn @ np.linalg.inv(visible))
        return matrix / matrix[2, 2]

    def distances_from(self, boards: np.ndarray) -> np.ndarray:
        """How far other boards' visible corners are from where their infrared ones say: (N,)."""
        found = []
        visible, infrared = (lens.matrix for lens in self._lenses)
        for board in map(self._straight, boards):
            _, turn, shift = cv2.solvePnP(self._places, board[:, 2:].copy(), infrared, None)
            corners = cv2.Rodrigues(turn)[0] @ self._places.T + shift  # seen from infrared
            directions = self._turn.T @ (corners - self._shift[:, None])
            brought = (visible @ directions)[:2] / directions[2]
            found.append(np.linalg.norm(brought.T - board[:, :2], axis=1))
        return np.concatenate(found)

    def _straight(self, board: np.ndarray) -> np.ndarray:
        return straight_points(board, *self._lenses)


def straight_points(
    points: np.ndarray, visible_lens: Lens | None, infrared_lens: Lens | None
) -> np.ndarray:
    """Point pairs (N, 4) in the straight images of cameras with lenses, see `Lens`.

    Raises:
        InputError: A lens cannot see a point.
    """
    straight = points.copy()
    for start, lens in ((0, visible_lens), (2, infrared_lens)):
        if lens:
            straight[:, start : start + 2] = lens.straight(points[:, start : start + 2])
    if not np.isfinite(straight).all():
        raise InputError('a point lies where its lens sees nothing; correct the point or the lens.')
    return straight

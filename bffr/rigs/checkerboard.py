"""Point pairs of two cameras that both see a checkerboard."""

from collections.abc import Iterable

import cv2
import numpy as np

from bffr.errors import InputError


def checkerboard_points(
    pairs: Iterable[tuple[np.ndarray, np.ndarray]], corners: tuple[int, int]
) -> np.ndarray:
    """Find the inner corners of a board; what is white in visible images may be black in infrared.

    Pairs in which a camera does not show the whole board do not count. The cameras are taken to
    look the same way, as half a turn of a board cannot be seen in its corners.

    Args:
        pairs: Visible and infrared images, uint8 (H, W), perhaps in two sizes.
        corners: In a row and in a column: a board of 10 x 7 squares has 9 and 6. The numbers
            differ, so that rows are known from columns.

    Returns:
        np.ndarray: float64 (boards, corners, 4): visible x and y, infrared x and y, in pixels, row
        by row.

    Raises:
        InputError: The numbers of corners are equal, or no pair shows the board.
    """
    if min(corners) < 3:
        raise InputError(
            f'a board needs at least 3 x 3 inner corners, not {corners[0]} x {corners[1]}.'
        )
    if corners[0] == corners[1]:
        raise InputError(
            f'a board with {corners[0]} x {corners[1]} inner corners looks the same when it '
            f'is turned by 90 degrees; use one with different numbers of rows and columns.'
        )
    boards, counts = [], np.zeros(2, int)
    for pair in pairs:
        visible, infrared = found = [_find(image, corners) for image in pair]
        counts += [board is not None for board in found]
        if visible is not None and infrared is not None:
            if (visible[-1] - visible[0]) @ (infrared[-1] - infrared[0]) < 0:
                infrared = infrared[::-1]
            boards.append(np.hstack([visible, infrared]))
    if not boards:
        raise InputError(
            f'no pair shows a board with {corners[0]} x {corners[1]} inner corners in both images '
            f'({counts[0]} visible and {counts[1]} infrared images do); give pairs in which both '
            f'cameras see all of it.'
        )
    return np.array(boards, float)


def _find(image: np.ndarray, corners: tuple[int, int]) -> np.ndarray | None:
    """A board's corners (N, 2) in an image; some are found only when it is inverted or evened."""
    evened = cv2.createCLAHE(4.0).apply(image)
    for tried in (image, 255 - image, evened, 255 - evened):
        seen, points = cv2.findChessboardCornersSB(tried, corners, flags=cv2.CALIB_CB_EXHAUSTIVE)
        if seen:
            return points.reshape(-1, 2)
    return None

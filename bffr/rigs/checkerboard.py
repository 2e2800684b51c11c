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
        np.ndarray: float64 (N, 4): visible x and y, infrared x and y, in pixels, for `fit_points`.

    Raises:
        InputError: The numbers of corners are equal, or no pair shows the board.
    """
    if min(corners) < 3:
        raise InputError(
            f'a board needs at least 3 x 3 inner corners, not {corners[0]} x {corners[1]}.'
        )
    if corners[0] == corners[1]:
        raise InputError(
            f'a board with {corners[0]} x {corners[1]} inner corners can be seen turned by a '
            f'quarter; take one with other numbers of rows and columns.'
        )
    points = []
    for pair in pairs:
        (seen, visible), (also_seen, infrared) = (
            cv2.findChessboardCornersSB(image, corners) for image in pair
        )
        if seen and also_seen:
            visible, infrared = visible.reshape(-1, 2), infrared.reshape(-1, 2)
            if (visible[-1] - visible[0]) @ (infrared[-1] - infrared[0]) < 0:
                infrared = infrared[::-1]
            points.append(np.hstack([visible, infrared]))
    if not points:
        raise InputError(
            f'no pair shows a board with {corners[0]} x {corners[1]} inner corners in both images; '
            f'give pairs in which both cameras see all of it.'
        )
    return np.concatenate(points).astype(np.float64)

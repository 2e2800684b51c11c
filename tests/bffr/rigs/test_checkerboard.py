import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.rigs.checkerboard import checkerboard_points
from bffr.rigs.points import fit_points


def board(left, top, square=20):
    """A drawn board of 6 x 5 squares in a grey image, and its 5 x 4 inner corners, (20, 2)."""
    image = np.full((240, 320), 130, np.uint8)
    squares = np.indices((5, 6)).sum(0) % 2 * 160 + 50
    drawn = np.pad(squares.astype(np.uint8), 1, constant_values=210)
    drawn = np.kron(drawn, np.ones((square, square), np.uint8))
    image[top : top + len(drawn), left : left + drawn.shape[1]] = drawn
    y, x = np.indices((4, 5)).reshape(2, -1)
    return image, np.stack([left + (x + 2) * square, top + (y + 2) * square], 1) - 0.5


def seen_by_infrared(image, matrix):
    """Smaller, seen through the inverse of `matrix`, with black for white."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return 255 - cv2.warpAffine(image, matrix[:2], (288, 216), flags=flags, borderValue=130)


def test_several_pairs_make_one_fit():
    matrix = np.vstack([cv2.getRotationMatrix2D((140, 110), 5, 1.1), [0, 0, 1]])
    matrix[:2, 2] += 9, -6
    boards = [board(40, 30), board(120, 70), board(100, 20, 18)]
    nothing = np.full((240, 320), 130, np.uint8)
    pairs = [(image, seen_by_infrared(image, matrix)) for image, _ in boards]
    points = checkerboard_points([*pairs, (nothing, pairs[0][1])], (5, 4))
    assert points.shape == (3, 20, 4)
    points = points.reshape(-1, 4)
    found = {tuple(point) for point in np.round(points[:, :2] - 0.5)}
    assert found == {tuple(point) for _, corners in boards for point in np.round(corners - 0.5)}
    fit = fit_points(points, 'similarity', 320)
    corners = np.array([[0, 0], [287, 0], [0, 215], [287, 215.0]])[None]
    brought, wanted = (cv2.perspectiveTransform(corners, m) for m in (fit.matrix, matrix))
    assert np.linalg.norm(brought - wanted, axis=-1).max() < 0.5


def test_mistakes():
    image, _ = board(40, 30)
    nothing = np.full((240, 320), 130, np.uint8)
    with pytest.raises(InputError, match=r'with 5 x 4 inner corners .*1 visible and 0 infrared'):
        checkerboard_points([(image, nothing)], (5, 4))
    with pytest.raises(InputError, match='use one with different numbers'):
        checkerboard_points([(image, image)], (5, 5))

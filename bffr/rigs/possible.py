"""Which transforms two cameras of a rig can have."""

import numpy as np

from bffr.errors import InputError

_LONGEST_SIDE = 2**15 - 2  # pixels; OpenCV warps no larger images
_LARGEST_ZOOM = 32


def same_view(visible_size: tuple[int, int], infrared_size: tuple[int, int]) -> np.ndarray:
    """The matrix of two cameras that look the same way and see equally much; sizes are (W, H)."""
    scale = np.sqrt(np.prod(visible_size) / np.prod(infrared_size))
    shift = (np.array(visible_size) - 1 - scale * (np.array(infrared_size) - 1)) / 2
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])


def require_possible(
    matrix: np.ndarray, visible_size: tuple[int, int], infrared_size: tuple[int, int]
) -> None:
    """Check that a matrix, 3 x 3, from infrared to visible points, can be that of two cameras.

    Raises:
        InputError: It folds or mirrors the infrared image, or somewhere brings it to more than 32
            times the size, or less than a 32nd, that it has with two cameras of one view; or images
            of these sizes, (W, H), cannot be warped.
    """
    sizes = *visible_size, *infrared_size
    if min(sizes) < 1 or max(sizes) > _LONGEST_SIDE:
        raise InputError(
            f'images of {sizes[0]}x{sizes[1]} and {sizes[2]}x{sizes[3]} pixels cannot be aligned; '
            f'a side has from 1 to {_LONGEST_SIDE}.'
        )
    matrix = matrix / (abs(matrix).max() or 1)
    ends = [[0, side - 1] for side in infrared_size]
    corners = np.stack([*np.meshgrid(*ends), np.ones((2, 2))], 2).reshape(-1, 3) @ matrix.T
    depths = corners[:, 2]
    if abs(depths).min() <= 1e-9 or np.ptp(np.sign(depths)):
        raise InputError(
            'the transform folds the infrared image, as if two points were exchanged; correct the '
            'points that it was made from.'
        )
    # What a step in infrared x or y is in visible x and y, at each corner.
    places = corners[:, :2] / depths[:, None]
    steps = (matrix[:2, :2] - places[:, :, None] * matrix[2, :2]) / depths[:, None, None]
    if np.linalg.det(steps[0]) < 0:
        raise InputError(
            'the transform mirrors the infrared image; correct the points that it was made from, '
            'or mirror the infrared images.'
        )
    zooms = np.linalg.svd(steps, compute_uv=False) / same_view(visible_size, infrared_size)[0, 0]
    if zooms.min() <= 1 / _LARGEST_ZOOM or zooms.max() >= _LARGEST_ZOOM:
        raise InputError(
            f'the transform changes the size of the infrared image {_LARGEST_ZOOM} times or more '
            f'beyond what the sizes of the images say; correct the points that it was made from.'
        )

"""Pixels at which an infrared image holds no value: masked ones of a masked array of numpy."""

import cv2
import numpy as np

from bffr.errors import InputError

_SHARE = 0.05  # of the pixels, from which on a border is told of
_FAR = 1 / 2  # of what lies between the percentiles 1 and 99 of the rest


def masked(image: np.ndarray, nothing: np.ndarray) -> np.ndarray:
    """Mask pixels, and fill them with the nearest of the others, so that no edge is left.

    Args:
        image: (H, W) of any real dtype.
        nothing: bool (H, W).

    Returns:
        np.ndarray: The image itself if `nothing` is nowhere, else a masked array.

    Raises:
        InputError: `nothing` is everywhere.
    """
    if not nothing.any():
        return image
    if nothing.all():
        raise InputError('has no valid pixel; replace it.')
    _, nearest = cv2.distanceTransformWithLabels(
        nothing.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.zeros(nearest.max() + 1, image.dtype)
    values[nearest[~nothing]] = image[~nothing]
    return np.ma.array(values[nearest], mask=nothing)


def constant_border(image: np.ndarray) -> tuple[float, float] | None:
    """The value of a border that looks as if it meant that there is nothing.

    Such pixels all hold the smallest or the largest value, far from the others, and reach the
    image's edge.

    Args:
        image: (H, W), masked pixels do not count.

    Returns:
        tuple: The value, and the share of the pixels that hold it; None if there is no such border.
    """
    for value in (image.min(), image.max()):
        same = np.ma.filled(image == value, False)
        rest = np.ma.compressed(image[~same])
        if same.mean() <= _SHARE or not rest.size:
            continue
        _, regions = cv2.connectedComponents(same.astype(np.uint8))
        edge = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
        share = np.isin(regions, edge[edge > 0]).mean()
        low, high = np.percentile(rest, (1, 99))
        gap = max(low - float(value), float(value) - high)
        if share > _SHARE and gap > _FAR * (high - low) and gap > 0:
            return float(value), float(share)
    return None

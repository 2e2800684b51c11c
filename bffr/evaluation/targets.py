"""How much targets that a person has outlined stand out."""

import math

import cv2
import numpy as np

RING = 16
"""Width of the ring around targets, in pixels."""

_GAP = 2  # pixels between both, as outlines are drawn by hand


def target_contrast(fused: np.ndarray, targets: np.ndarray) -> float:
    """Mean luma of the targets less that of the ring around them, in units of the ring's deviation.

    The ring is what lies 3 to 18 pixels from a target (chessboard distance), of all targets
    together.

    Args:
        fused: Luma (H, W).
        targets: Not 0 on targets (H, W).

    Returns:
        float: Above 0 where targets are brighter; NaN without targets, and around a constant ring.
    """
    inside = (targets > 0).astype(np.uint8)
    near, far = (
        cv2.dilate(inside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
        for reach in (_GAP, _GAP + RING)
    )
    target, ring = (fused[mask > 0].astype(np.float64) for mask in (inside, far - near))
    if not target.size or not ring.size or not ring.std():
        return math.nan
    return float((target.mean() - ring.mean()) / ring.std())

"""Outlines in metres that objects are put together from."""

import cv2
import numpy as np

_CIRCLE = np.stack([f(np.linspace(0, 2 * np.pi, 20, endpoint=False)) for f in (np.cos, np.sin)], 1)


def capsule(start, end, start_radius, end_radius):
    """Outline (N, 2) of a limb: the hull of two circles; of a disc where both are the same."""
    circles = [start + start_radius * _CIRCLE, end + end_radius * _CIRCLE]
    return cv2.convexHull(np.concatenate(circles).astype(np.float32))[:, 0]


def upright(outline, x, z, facing=1):
    """Stand an outline (N, 2) of (across, up) at (x, z), facing the camera: (N, 3)."""
    across, up = np.asarray(outline, float).T
    return np.stack([x + facing * across, up, np.full_like(up, z)], axis=1)


def box(x, y, z):
    """Faces of a box that a camera in front of it can see: name -> corners (4, 3).

    Args:
        x, y, z: (low, high) of each axis.
    """
    (x0, x1), (y0, y1), (z0, z1) = x, y, z
    return {
        'left': [(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)],
        'right': [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
        'top': [(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)],
        'front': [(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)],
    }

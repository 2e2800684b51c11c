"""A picture of two cameras' images, before and after they are aligned."""

import os

import cv2
import numpy as np

from bffr.figures.sheet import save_sheet
from bffr.rigs.edge_agreement import edges
from bffr.rigs.rig import Rig

_TILES = 12  # of the checkerboard, in a row


def draw_alignment(
    path: str | os.PathLike,
    visible: np.ndarray,
    infrared: np.ndarray,
    before: Rig,
    after: Rig,
) -> None:
    """Draw checkerboards of visible and infrared, and their edges, green and red: yellow is both.

    Where the infrared camera sees nothing, its tiles are black.

    Args:
        path: Image file to write.
        visible: uint8 (H, W, 3), BGR.
        infrared: uint8 (h, w).
        before, after: The two cameras.

    Raises:
        InputError: The file cannot be written.
    """
    warped = [(rig.warp(infrared), rig.seen) for rig in (before, after)]
    rows = [[draw(visible, *images) for images in warped] for draw in (_checkerboard, _both_edges)]
    save_sheet(path, ['Before', 'After'], rows)


def _checkerboard(visible: np.ndarray, infrared: np.ndarray, seen: np.ndarray) -> np.ndarray:
    side = -(-visible.shape[1] // _TILES)
    y, x = np.indices(infrared.shape) // side
    return np.where((x + y)[..., None] % 2, visible, (infrared * seen)[..., None])


def _both_edges(visible: np.ndarray, infrared: np.ndarray, seen: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY)
    green, red = (
        cv2.convertScaleAbs(np.abs(edges(image)), alpha=100) for image in (grey, infrared)
    )
    return np.dstack([np.zeros_like(red), green, red * seen])

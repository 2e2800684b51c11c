"""Pairs to compare an exported model on: drawn, as noise would hide where two models diverge."""

import numpy as np


def structured_pair(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Gradients, stripes that only the visible image sees, a disc that only the infrared sees.

    Returns:
        tuple: uint8 (height, width, 3) and uint8 (height, width).
    """
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    stripes = 0.3 * (np.sin(60 * (x + y)) > 0) * (y > 0.6)
    disc = 0.6 * (np.hypot(y - 0.4, x - 0.3) < 0.2)
    visible = 0.7 * np.stack([x, y, 1 - x], axis=-1) + stripes[..., None]
    return (255 * visible).astype(np.uint8), (255 * (0.4 * (1 - y) + disc)).astype(np.uint8)

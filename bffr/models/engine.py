"""What runs a model: arrays in, arrays out. Each engine is a file of `bffr.models.engines`."""

from typing import Protocol

import numpy as np


class Engine(Protocol):
    """Runs one model; may be called by several threads at once."""

    def run(
        self, visible: np.ndarray, infrared: np.ndarray, segment: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Fuse a batch, and segment it on request.

        Args:
            visible: uint8 (N, H, W, 3), BGR.
            infrared: uint8 (N, H, W).
            segment: Whether labels are wanted; asked of models that segment only.

        Returns:
            tuple: The fused images, float32 (N, H, W, 3), BGR, nominally in 0..1, neither clamped
            nor stretched; labels, uint8 (N, H, W), or None.
        """

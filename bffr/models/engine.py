"""What runs a model: arrays in, arrays out. Each engine is a file of `bffr.models.engines`."""

from typing import NamedTuple, Protocol

import numpy as np


class Boxes(NamedTuple):
    """Objects that were found in an image, the surest first.

    Attributes:
        boxes: float32 (K, 4): x1, y1, x2, y2, edges in pixels, from 0 to width and height.
        scores: float32 (K,), 0..1.
        labels: int64 (K,), of the model's classes.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


class Engine(Protocol):
    """Runs one model; may be called by several threads at once."""

    def run(
        self,
        visible: np.ndarray,
        infrared: np.ndarray,
        find: bool,
        sums: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray | list[Boxes] | None]:
        """Fuse a batch, and find on request what the model was trained to.

        Args:
            visible: uint8 (N, H, W, 3), BGR.
            infrared: uint8 (N, H, W).
            find: Whether labels or boxes are wanted; asked of models that have them only.
            sums: Of the image that this is a tile of, see `sums`; not with `find`.

        Returns:
            tuple: The fused images, float32 (N, H, W, 3), BGR, nominally in 0..1, neither clamped
            nor stretched; labels, uint8 (N, H, W), or N `Boxes`, or None.
        """

    def sums(self, visible: np.ndarray, infrared: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """What the network sums over all places of an image, of a part; asked of tiles only.

        Args:
            visible, infrared: See `run`.
            inside: int64 (4,): top, bottom, left and right of the part.

        Returns:
            np.ndarray: float32 (N, S); S is 0 if it sums over nothing.
        """

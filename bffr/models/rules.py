"""Fusion rules without weights, to compare with."""

import cv2
import numpy as np


def average(visible: np.ndarray, infrared: np.ndarray) -> np.ndarray:
    """Mean of two lumas, uint8 (H, W)."""
    return cv2.addWeighted(visible, 0.5, infrared, 0.5, 0)


def maximum(visible: np.ndarray, infrared: np.ndarray) -> np.ndarray:
    """Pixelwise maximum of two lumas, uint8 (H, W)."""
    return np.maximum(visible, infrared)


def laplacian(visible: np.ndarray, infrared: np.ndarray, levels: int = 4) -> np.ndarray:
    """Laplacian pyramids merged by the larger magnitude, their coarsest level by the mean.

    Source: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", IEEE Trans.
    Communications 31(4), 1983; Toet, "Image fusion by a ratio of low-pass pyramid", 1989.

    Args:
        visible: Luma, uint8 (H, W).
        infrared: uint8 (H, W).
        levels: Of the pyramids; fewer where the image is too small to be halved so often.
    """
    gaussians = np.stack([visible, infrared], axis=-1).astype(np.float32)
    details = []
    while len(details) < levels and min(gaussians.shape[:2]) > 1:
        coarser = cv2.pyrDown(gaussians)
        detail = gaussians - cv2.pyrUp(coarser, dstsize=gaussians.shape[1::-1])
        of_visible, of_infrared = detail[..., 0], detail[..., 1]
        details.append(np.where(abs(of_visible) >= abs(of_infrared), of_visible, of_infrared))
        gaussians = coarser
    fused = gaussians.mean(axis=-1)
    for detail in reversed(details):
        fused = cv2.pyrUp(fused, dstsize=detail.shape[::-1]) + detail
    return np.clip(np.round(fused), 0, 255).astype(np.uint8)


def exposure(visible: np.ndarray, infrared: np.ndarray) -> np.ndarray:
    """Exposure fusion of two lumas, uint8 (H, W): weights by contrast and well-exposedness.

    Source: Mertens, Kautz and Van Reeth, "Exposure Fusion", Pacific Graphics 2007, as in OpenCV.
    """
    fused = cv2.createMergeMertens().process([visible, infrared])
    return np.clip(np.round(255 * fused), 0, 255).astype(np.uint8)


RULES = {'average': average, 'max': maximum, 'laplacian': laplacian, 'exposure': exposure}
"""Name -> function of (visible luma, infrared), both uint8 (H, W), to the fused luma."""


class RuleEngine:
    """Fuses by a rule on BT.601 luma, see `Engine`; the chroma is the visible image's.

    Args:
        rule: Value of `RULES`.
    """

    def __init__(self, rule):
        self._rule = rule

    def run(self, visible: np.ndarray, infrared: np.ndarray, find: bool) -> tuple[np.ndarray, None]:
        """Fuse a batch, see `Engine`; there is nothing to find."""
        fused = [self._fuse(*pair) for pair in zip(visible, infrared, strict=True)]
        return np.stack(fused) / np.float32(255), None

    def _fuse(self, visible: np.ndarray, infrared: np.ndarray) -> np.ndarray:
        ycrcb = cv2.cvtColor(visible, cv2.COLOR_BGR2YCrCb)
        ycrcb[..., 0] = self._rule(np.ascontiguousarray(ycrcb[..., 0]), infrared)
        return cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2BGR)

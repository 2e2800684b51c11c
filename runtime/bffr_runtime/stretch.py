"""From fused images in floating point to 8 bit, by a range of values that becomes 0..255."""

import math
from collections.abc import Iterable

import numpy as np

Range = tuple[float, float]

PERCENTILES = 0.1, 99.9
"""Of the range of a sequence: a few pixels do not set it."""

_FRAMES = 64  # over how many the running range is averaged
_FOLLOWED = 0.6  # of a flicker, as some of a frame never takes part in it
_KEPT = 0.9  # of that, from frame to frame
_PIXELS = 40_000  # enough of an image for its percentiles


def to_8_bit(fused: np.ndarray, low: float, high: float) -> np.ndarray:
    """Bring low..high to 0..255; fractions are cut off, not rounded.

    Args:
        fused: float32 of any shape.
        low, high: In the same units; values beyond are clipped.
    """
    width = max(high - low, np.finfo(np.float32).tiny)
    scaled = (fused - np.float32(low)) / np.float32(width)
    return (scaled.clip(0, 1) * np.float32(255)).astype(np.uint8)


def whole_range(_: np.ndarray) -> Range:
    """0..1, whatever the image: no stretch."""
    return 0.0, 1.0


def own_range(fused: np.ndarray) -> Range:
    """Minimum and maximum of an image within 0..1."""
    return float(fused.min().clip(0, 1)), float(fused.max().clip(0, 1))


def shared_range(images: Iterable[np.ndarray], percentiles: Range) -> Range | None:
    """Percentiles of the pixels of all images, which may be `thinned`; None without images."""
    pixels = [image.ravel() for image in images]
    if not pixels:
        return None
    low, high = np.percentile(np.concatenate(pixels), percentiles)
    return float(low), float(high)


def thinned(image: np.ndarray) -> np.ndarray:
    """Every n-th row and column of (H, W, ...), so that some 40,000 pixels or more are left."""
    step = max(math.isqrt(image.shape[0] * image.shape[1] // _PIXELS), 1)
    return image[::step, ::step]


class SequenceRange:
    """Ranges for the frames of a sequence, one after the other, which keep its brightness steady.

    The width is that of the percentiles of the whole sequence or, if they are not known, their mean
    over the frames so far, at most the last 64 or so. The level follows most of what a frame
    changes by at once, the median over its pixels: cameras that adjust their gain flicker so. It
    returns within some ten frames, so that a scene that stays brighter does so in the result.

    Args:
        known: Range of the whole sequence.
        narrowest: Least width, within 0..1: flat frames are not blown up, dark ones stay dark.
    """

    def __init__(self, known: Range | None = None, narrowest: float = 1 / 8):
        self._known, self._narrowest = known, narrowest
        self._range, self._frames = np.array(known or (0.0, 0.0)), 0
        self._flicker, self._last = 0.0, None

    def __call__(self, fused: np.ndarray) -> Range:
        """The range for the next frame, float32 (H, W, 3), nominally in 0..1."""
        pixels = thinned(fused).clip(0, 1)
        if self._last is not None and self._last.shape == pixels.shape:
            change = float(np.median(pixels - self._last))
            self._flicker = _KEPT * self._flicker + _FOLLOWED * change
        self._last = pixels
        if not self._known:
            self._frames += 1
            steady = np.percentile(pixels, PERCENTILES) - self._flicker
            self._range += (steady - self._range) / min(self._frames, _FRAMES)
        low, high = map(float, self._range + self._flicker)
        if high - low < self._narrowest:
            low = min(max((low + high - self._narrowest) / 2, 0), 1 - self._narrowest)
            high = low + self._narrowest
        return low, high

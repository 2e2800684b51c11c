"""From fused images in floating point to 8 bit, by a range of values that becomes 0..255."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

Range = tuple[float, float]

PERCENTILES = 0.1, 99.9
"""Of the range of a sequence: a few pixels do not set it."""

_NARROWEST = 1 / 8  # of a sequence, within 0..1: flat frames are not blown up, dark ones stay dark
_EMPTY = 1 / 32  # more than networks make of two constant images
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
    scaled = fused - np.float32(low)
    scaled /= np.float32(width)
    scaled.clip(0, 1, out=scaled)
    scaled *= np.float32(255)
    return scaled.astype(np.uint8)


def whole_range(_: np.ndarray) -> Range:
    """0..1, whatever the image: no stretch."""
    return 0.0, 1.0


def own_range(fused: np.ndarray) -> Range:
    """Minimum and maximum of an image within 0..1; of one without content a wider range."""
    low, high = float(fused.min().clip(0, 1)), float(fused.max().clip(0, 1))
    return _widened(low, high) if high - low < _EMPTY else (low, high)


def shared_range(
    images: Iterable[np.ndarray], percentiles: Sequence[float]
) -> tuple[float, ...] | None:
    """Percentiles of the pixels of all images, which may be `thinned`; None without images."""
    pixels = [image.ravel() for image in images]
    if not pixels:
        return None
    return tuple(map(float, np.percentile(np.concatenate(pixels), percentiles)))


def thinned(image: np.ndarray) -> np.ndarray:
    """Every n-th row and column of (H, W, ...), so that some 40,000 pixels or more are left."""
    step = max(math.isqrt(image.shape[0] * image.shape[1] // _PIXELS), 1)
    return image[::step, ::step]


class FolderRange:
    """Ranges for the images of a folder, in any order: each depends on its image alone.

    All have one width. The level follows most of what the median of an image differs by from that
    of all images: cameras that adjust their gain flicker so.

    Args:
        low, middle, high: `PERCENTILES` of all images, and the 50th between them.
    """

    def __init__(self, low: float, middle: float, high: float):
        self._low, self._middle, self._high = low, middle, high

    def __call__(self, fused: np.ndarray) -> Range:
        """The range for an image, float32 (H, W, 3), nominally in 0..1."""
        level = _FOLLOWED * (float(np.median(thinned(fused).clip(0, 1))) - self._middle)
        return _widened(self._low + level, self._high + level)


class SequenceRange:
    """Ranges for the frames of a video, one after the other, which keep its brightness steady.

    The width is the mean over the frames so far, at most the last 64 or so. The level follows most
    of what a frame changes by at once, the median over its pixels: cameras that adjust their gain
    flicker so. It returns within some ten frames, so that a scene that stays brighter does so in
    the result.
    """

    def __init__(self):
        self._range, self._frames = np.zeros(2), 0
        self._flicker, self._last = 0.0, None

    def __call__(self, fused: np.ndarray) -> Range:
        """The range for the next frame, float32 (H, W, 3), nominally in 0..1."""
        pixels = thinned(fused).clip(0, 1)
        if self._last is not None and self._last.shape == pixels.shape:
            change = float(np.median(pixels - self._last))
            self._flicker = _KEPT * self._flicker + _FOLLOWED * change
        self._last = pixels
        self._frames += 1
        steady = np.percentile(pixels, PERCENTILES) - self._flicker
        self._range += (steady - self._range) / min(self._frames, _FRAMES)
        return _widened(*map(float, self._range + self._flicker))


def _widened(low: float, high: float) -> Range:
    """A range of at least the least width, within 0..1 if it had to be widened."""
    if high - low < _NARROWEST:
        low = min(max((low + high - _NARROWEST) / 2, 0), 1 - _NARROWEST)
        high = low + _NARROWEST
    return low, high


STRETCHES = {
    'none': lambda known=None: whole_range,
    'image': lambda known=None: own_range,
    'sequence': lambda known=None: FolderRange(*known) if known else SequenceRange(),
}
"""Name -> maker of a function from a fused image to the range that becomes 0..255."""

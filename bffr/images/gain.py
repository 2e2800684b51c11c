"""Keeping infrared frames steady whose camera changes its gain from one to the next."""

from collections.abc import Iterable

import numpy as np

from bffr.images.stretch import thinned

_LIMITS = 1, 50, 99  # percentiles; what lies between the outer two is the width
_EMPTY = 2  # grey levels, of the width of a frame without content
_MOST = 4  # by which a frame's width is changed at most
_LESS = 1  # grey level, by which a frame must come nearer to the one before to be changed
_KEPT = 63 / 64  # of the change, from frame to frame

Mapping = tuple[float, float]
"""Gain and offset of grey levels."""


class SequenceGain:
    """Takes the jumps of a camera's gain out of the 8-bit frames of a video, one after the other.

    A jump is what brings a frame nearer to the one before once it gets the median and the width of
    that one. The change fades within some 64 frames, so that what lasts comes through.
    """

    def __init__(self):
        self._gain, self._offset, self._last = 1.0, 0.0, None

    def __call__(self, infrared: np.ndarray) -> np.ndarray:
        """The next frame, uint8 (H, W), in the brightness of those before."""
        pixels = thinned(infrared).astype(np.float32)
        self._gain, self._offset = self._gain**_KEPT, self._offset * _KEPT
        last = self._last
        if last is not None and last.shape == pixels.shape:
            matched = _matched(_level(pixels), _level(last))
            if self._distance(pixels, *matched) + _LESS < self._distance(
                pixels, self._gain, self._offset
            ):
                self._gain, self._offset = matched
        self._last = pixels * self._gain + self._offset
        return _mapped(infrared, self._gain, self._offset)

    def _distance(self, pixels: np.ndarray, gain: float, offset: float) -> float:
        return float(np.median(np.abs(pixels * gain + offset - self._last)))


class FolderGain:
    """Brings the 8-bit images of a folder to its mean median and width, each by itself.

    Args:
        images: uint8 (H, W), spread over the folder; others are passed by.
    """

    def __init__(self, images: Iterable[np.ndarray]):
        levels = [_level(thinned(image)) for image in images if image.dtype == np.uint8]
        self._level = np.mean(levels, axis=0) if levels else None

    def __call__(self, infrared: np.ndarray) -> np.ndarray:
        """An image, uint8 (H, W), in the brightness of all."""
        if self._level is None:
            return infrared
        return _mapped(infrared, *_matched(_level(thinned(infrared)), self._level))


def _level(pixels: np.ndarray) -> tuple[float, float]:
    """Median and width."""
    low, middle, high = np.percentile(pixels, _LIMITS)
    return middle, high - low


def _matched(level: tuple[float, float], wanted: tuple[float, float]) -> Mapping:
    """What brings a median and width to others; nothing where one has no content."""
    if min(level[1], wanted[1]) < _EMPTY:
        return 1.0, 0.0
    gain = min(max(wanted[1] / level[1], 1 / _MOST), _MOST)
    return gain, wanted[0] - gain * level[0]


def _mapped(infrared: np.ndarray, gain: float, offset: float) -> np.ndarray:
    """Map grey levels, but keep what is above the width at least as near to white as it was.

    White may have been cut off, and warm things are to stay visible.
    """
    knee = np.percentile(thinned(infrared), _LIMITS[2])
    grey = np.arange(256)
    mapped = (grey * gain + offset).clip(0, 255)
    top = np.interp(grey, (knee, 255), ((knee * gain + offset).clip(0, 255), 255))
    brighter = np.where(grey > knee, np.maximum(mapped, top), mapped)
    return np.round(brighter).astype(np.uint8)[infrared]

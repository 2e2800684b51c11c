"""From raw infrared values to 8 bit."""

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from tqdm import tqdm

from bffr.errors import InputError
from bffr.files import write_whole
from bffr.images.stretch import Range, shared_range, thinned

PERCENTILES = 1, 99

_NEIGHBOURS = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.uint8)


@dataclass(frozen=True)
class InfraredScale:
    """How infrared values become uint8; 8-bit ones are taken as they are unless it is told a range.

    What it scales loses its isolated outliers before, see `without_outliers`.

    Args:
        range: Raw values that become 0 and 255.
        percentiles: Of an image, or of a series, whose values become 0 and 255; by default 1 and
            99 of what is not 8 bit.
        black_hot: Whether the sensor shows what is hot in black; the result is inverted.
        clahe: Clip limit of OpenCV's contrast-limited adaptive histogram equalisation in 8x8 tiles,
            by which the result's local contrast is raised; 2 is usual.
        series: The percentiles' values in a series, which `fitted` finds.

    Raises:
        InputError: Low is not below high, or range and percentiles are both given.
    """

    range: Range | None = None
    percentiles: Range | None = None
    black_hot: bool = False
    clahe: float | None = None
    series: Range | None = None

    def __post_init__(self):
        for name in ('range', 'percentiles', 'series'):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _two_numbers(name, getattr(self, name)))
        if self.range and self.percentiles:
            raise InputError('infrared: a range and percentiles exclude one another; give one.')
        low, high = self.range or self.percentiles or PERCENTILES
        if not low < high:
            raise InputError(f'infrared: {low:g} must be less than {high:g}.')
        if self.percentiles and not 0 <= low < high <= 100:
            raise InputError(f'infrared: percentiles lie in 0..100, not at {low:g} and {high:g}.')
        if self.clahe is not None and not self.clahe > 0:
            raise InputError(f"infrared: CLAHE's clip limit must be above 0, not {self.clahe:g}.")

    @property
    def known(self) -> Range | None:
        """The raw values that become 0 and 255 in every image; None if each has its own."""
        return self.range or self.series

    def fitted(self, series: Iterable[np.ndarray]) -> 'InfraredScale':
        """The scale that takes the percentiles of a whole series, not of each image.

        Args:
            series: Raw images (H, W); those that would be taken as they are do not count.
        """
        samples = (thinned(without_outliers(raw)) for raw in series if self._scales(raw))
        return replace(self, series=shared_range(samples, self.percentiles or PERCENTILES))

    def __call__(self, raw: np.ndarray) -> tuple[np.ndarray, Range | None]:
        """Bring (H, W) of any real dtype, all values finite, to 8 bit.

        Returns:
            tuple: uint8 (H, W), and the raw values that became 0 and 255; None if 8-bit values were
            taken as they are.
        """
        limits = None
        if self._scales(raw):
            raw = without_outliers(raw)
            limits = self.known or shared_range([thinned(raw)], self.percentiles or PERCENTILES)
            low, high = limits
            scaled = (raw - np.float32(low)) * np.float32(255 / max(high - low, 1e-12))
            raw = np.round(scaled.clip(0, 255)).astype(np.uint8)
        if self.black_hot:
            raw = 255 - raw
        if self.clahe is not None:
            raw = cv2.createCLAHE(self.clahe, (8, 8)).apply(raw)
        return raw, limits

    def record(self, path: str | os.PathLike, ranges: Mapping[str, Range]) -> None:
        """Print what was used and write it to a JSON file; nothing if all was taken as it is.

        Args:
            path: JSON file.
            ranges: Name of an image, or `all` -> raw values that became 0 and 255.

        Raises:
            InputError: The file cannot be written.
        """
        if not ranges and not self.black_hot and self.clahe is None:
            return
        used = {'ranges': ranges, 'black_hot': self.black_hot, 'clahe': self.clahe}
        if ranges and not self.range:
            used['percentiles'] = self.percentiles or PERCENTILES
        if ranges:
            low = min(low for low, _ in ranges.values())
            high = max(high for _, high in ranges.values())
            tqdm.write(f'infrared: raw values from {low:g}..{high:g} became 0..255; see {path}')
        write_whole(path, json.dumps(used, indent=1).encode())

    def _scales(self, raw: np.ndarray) -> bool:
        return bool(self.range or self.percentiles) or raw.dtype != np.uint8


def _two_numbers(name: str, values: Sequence[float]) -> Range:
    try:
        low, high = map(float, values)
    except (TypeError, ValueError):
        raise InputError(f'infrared: {name} must be two numbers, not {values!r}.') from None
    if not math.isfinite(low) or not math.isfinite(high):
        raise InputError(f'infrared: {name} must be finite, not {low:g} and {high:g}.')
    return low, high


def without_outliers(raw: np.ndarray) -> np.ndarray:
    """Replace hot and dead pixels by the median of their 3x3 neighbourhood.

    Such a pixel lies above or below all its eight neighbours by more than half of what lies between
    the 1st and the 99th percentile of the image.

    Returns:
        np.ndarray: float32 (H, W).
    """
    raw = raw.astype(np.float32)
    low, high = np.percentile(thinned(raw), PERCENTILES)
    above = raw - cv2.dilate(raw, _NEIGHBOURS)
    below = cv2.erode(raw, _NEIGHBOURS) - raw
    outliers = np.maximum(above, below) > (high - low) / 2
    return np.where(outliers, cv2.medianBlur(raw, 3), raw)

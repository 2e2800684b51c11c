"""From raw infrared values to 8 bit."""

import json
import math
import numbers
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from bffr.errors import InputError
from bffr.files import write_whole
from bffr.images.palettes import PALETTES
from bffr.images.stretch import Range, shared_range, thinned

PERCENTILES = 1, 99

_NEIGHBOURS = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.uint8)


@dataclass(frozen=True)
class InfraredScale:
    """How infrared values become uint8. 8-bit values stay as they are, unless a range is given.

    Isolated outliers are removed before values are scaled, see `without_outliers`. Masked pixels do
    not count.

    Args:
        range: Raw values that become 0 and 255.
        percentiles: Percentiles of an image, or of a series, that become 0 and 255 (default: 1 and
            99; 8-bit values stay).
        black_hot: Whether the sensor shows hot things in black. The result is then inverted.
        clahe: Raises the local contrast: the clip limit of OpenCV's contrast-limited adaptive
            histogram equalisation in 8x8 tiles. 2 is usual.
        series: The values of the percentiles in a series, which `fitted` finds.
        keep_hot_pixels: Whether isolated outliers stay.
        nodata: Raw value that means "no value", beside what a file declares.
        palette: One of `PALETTES`: turns the colours of 8-bit images back into brightness.

    Raises:
        InputError: Low is not below high, range and percentiles are both given, something is no
            number, or there is no such palette.
    """

    range: Range | None = None
    percentiles: Range | None = None
    black_hot: bool = False
    clahe: float | None = None
    series: Range | None = None
    keep_hot_pixels: bool = False
    nodata: float | None = None
    palette: str | None = None

    def __post_init__(self):
        for name, check in (('range', increasing), ('percentiles', increasing), ('series', finite)):
            if getattr(self, name) is not None:
                limits = check(f'infrared: {name}', getattr(self, name))
                object.__setattr__(self, name, limits)
        if self.range and self.percentiles:
            raise InputError('infrared: a range and percentiles exclude one another; give one.')
        low, high = self.percentiles or PERCENTILES
        if self.percentiles and not 0 <= low < high <= 100:
            raise InputError(f'infrared: percentiles lie in 0..100, not at {low:g} and {high:g}.')
        for name in ('clahe', 'nodata'):
            value = getattr(self, name)
            if value is not None and not isinstance(value, numbers.Real):
                raise InputError(f'infrared: {name} must be a number, not {value!r}.')
        if self.clahe is not None and not self.clahe > 0:
            raise InputError(f"infrared: CLAHE's clip limit must be above 0, not {self.clahe:g}.")
        if self.palette not in (None, *PALETTES):
            raise InputError(f'{self.palette}: no such palette; choose from {", ".join(PALETTES)}.')

    @property
    def known(self) -> Range | None:
        """The raw values that become 0 and 255 in every image; None if each has its own."""
        return self.range or self.series

    def fitted(self, series: Iterable[np.ndarray]) -> 'InfraredScale':
        """The same scale with the percentiles of a whole series, instead of those of each image.

        Args:
            series: Raw images (H, W); those that would be taken as they are do not count.
        """
        samples = (_counted(self._cleaned(raw)) for raw in series if self._scales(raw))
        return replace(self, series=shared_range(samples, self.percentiles or PERCENTILES))

    def __call__(self, raw: np.ndarray) -> tuple[np.ndarray, Range | None]:
        """Bring (H, W) of any real dtype, all values finite, to 8 bit.

        Returns:
            tuple: uint8 (H, W), and the raw values that became 0 and 255; None if 8-bit values were
            taken as they are.
        """
        limits = None
        if self._scales(raw):
            raw = self._cleaned(raw)
            limits = self.known or shared_range([_counted(raw)], self.percentiles or PERCENTILES)
            low, high = limits
        raw = np.ma.getdata(raw)
        if limits:
            scaled = (raw - np.float32(low)) * np.float32(255 / max(high - low, 1e-12))
            raw = np.round(scaled.clip(0, 255)).astype(np.uint8)
        if self.black_hot:
            raw = 255 - raw
        if self.clahe is not None:
            raw = cv2.createCLAHE(self.clahe, (8, 8)).apply(raw)
        return raw, limits

    @property
    def settings(self) -> dict[str, bool | float | str | None]:
        """What a record holds besides ranges and percentiles."""
        others = 'keep_hot_pixels', 'nodata', 'palette'
        told = {name: getattr(self, name) for name in others}
        told = {name: value for name, value in told.items() if value not in (None, False)}
        return {'black_hot': self.black_hot, 'clahe': self.clahe, **told}

    def record(
        self, path: str | os.PathLike, ranges: Mapping[str, Range | None], **more: object
    ) -> None:
        """Print what was used and write it, see `write_record`."""
        used = [limits for limits in ranges.values() if limits]
        if used:
            low, high = min(low for low, _ in used), max(high for _, high in used)
            tqdm.write(f'infrared: raw values {low:g}..{high:g} became 0..255, as {path} records')
        self.write_record(path, ranges, **more)

    def write_record(
        self, path: str | os.PathLike, ranges: Mapping[str, Range | None], **more: object
    ) -> None:
        """Write what was used to a JSON file; if all was taken as it is, there is none afterwards.

        Args:
            path: JSON file.
            ranges: Name of an image, or `all` -> raw values that became 0 and 255; None for an
                image that was taken as it is.
            more: What else the file is to hold.

        Raises:
            InputError: The file cannot be written.
        """
        scaled = any(ranges.values())
        if not scaled and self.settings == InfraredScale().settings:
            Path(path).unlink(missing_ok=True)
            return
        used = {'ranges': ranges, **self.settings, **more}
        if scaled and not self.range:
            used['percentiles'] = self.percentiles or PERCENTILES
        write_whole(path, json.dumps(used, indent=1).encode())

    def _cleaned(self, raw: np.ndarray) -> np.ndarray:
        return raw.astype(np.float32) if self.keep_hot_pixels else without_outliers(raw)

    def _scales(self, raw: np.ndarray) -> bool:
        return bool(self.range or self.percentiles) or raw.dtype != np.uint8


def read_record(path: str | os.PathLike) -> dict:
    """What `InfraredScale.write_record` wrote, its ranges as tuples.

    Raises:
        InputError: The file is damaged or something else.
    """
    try:
        used = json.loads(Path(path).read_bytes())
        ranges = {name: limits and tuple(limits) for name, limits in used['ranges'].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise InputError(
            f'{path}: is damaged or not from `bffr fuse`, which would write its record there; move '
            f'it, or choose another place for results.'
        ) from None
    return {**used, 'ranges': ranges}


def finite(name: str, values: Sequence[float]) -> Range:
    """Two finite numbers.

    Raises:
        InputError: They are not; the sentence begins with `name`.
    """
    try:
        low, high = map(float, values)
    except (TypeError, ValueError):
        raise InputError(f'{name} must be two numbers, not {values!r}.') from None
    if not math.isfinite(low) or not math.isfinite(high):
        raise InputError(f'{name} must be finite, not {low:g} and {high:g}.')
    return low, high


def increasing(name: str, values: Sequence[float]) -> Range:
    """As `finite`, the first below the second."""
    low, high = finite(name, values)
    if not low < high:
        raise InputError(f'{name}: {low:g} must be less than {high:g}.')
    return low, high


def without_outliers(raw: np.ndarray) -> np.ndarray:
    """Replace hot and dead pixels by the median of their 3x3 neighbourhood.

    Such a pixel lies above or below all its eight neighbours by more than half of what lies between
    the 1st and the 99th percentile of the image.

    Returns:
        np.ndarray: float32 (H, W), masked as `raw` is.
    """
    cleaned = raw.astype(np.float32)
    low, high = np.percentile(_counted(cleaned), PERCENTILES)
    values = np.ma.getdata(cleaned)
    above = values - cv2.dilate(values, _NEIGHBOURS)
    below = cv2.erode(values, _NEIGHBOURS) - values
    outliers = np.maximum(above, below) > (high - low) / 2
    values[outliers] = cv2.medianBlur(values, 3)[outliers]
    return cleaned


def _counted(raw: np.ndarray) -> np.ndarray:
    """Some 40,000 pixels or more of an image, or all, without the masked ones."""
    counted = np.ma.compressed(thinned(raw))
    return counted if counted.size else np.ma.compressed(raw)

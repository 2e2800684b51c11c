"""Whether the edges of a visible and an infrared image lie at the same places.

Their grey levels have little to do with one another, and what is brighter in one is often darker in
the other, but an edge has the same direction in both. So each pixel's gradient becomes a complex
number of twice its angle, to which the sign of the gradient does not matter, and the correlation of
these numbers is largest at the shift between the images: orientation correlation (Fitch et al.,
BMVC 2002), with the doubled angle for two modalities.
"""

import logging
import math

import cv2
import numpy as np

_LOG = logging.getLogger(__name__)

WIDTH = 320
"""Images are reduced to it, if they are larger."""

RADIUS = 32
"""Shifts looked at, in pixels of the reduced image, in each direction."""

_SMOOTHING = 1.5  # standard deviations, in pixels
_NEIGHBOURHOOD = 8  # in which edges are compared with one another
_STRONGEST = 3  # of its neighbourhood's mean that an edge counts
_ALIGNED = 3  # pixels of the reduced image that are no misalignment
PEAK = 4.75
"""Of a correlation, in deviations, what hardly is chance, see `standardised`."""

_LEAD = 1.5  # in deviations, of a shift before none

_SHIFTS = np.arange(-RADIUS, RADIUS + 1)
_NEAR = np.hypot(*np.meshgrid(_SHIFTS, _SHIFTS)) <= _ALIGNED


def edges(image: np.ndarray) -> np.ndarray:
    """Directions of edges, their angles doubled, as long as they stand out from around them.

    Args:
        image: Grey levels (H, W).

    Returns:
        np.ndarray: complex64 (H, W).
    """
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), _SMOOTHING)
    gradient = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) + 1j * cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    strength = np.abs(gradient)
    around = np.sqrt(cv2.GaussianBlur(strength**2, (0, 0), _NEIGHBOURHOOD))
    length = (strength / (around + 0.02 * strength.mean() + 1e-3)).clip(0, _STRONGEST)
    return length * (gradient / np.maximum(strength, 1e-6)) ** 2


def correlate(visible: np.ndarray, infrared: np.ndarray, radius: int = RADIUS) -> np.ndarray:
    """How well `edges` agree at each shift of up to `radius` pixels in each direction.

    Args:
        visible, infrared: complex (H, W), of one size.

    Returns:
        np.ndarray: float (2 * radius + 1, 2 * radius + 1), its middle at no shift; row and column
        are by how far down and right of the visible edges the infrared ones lie.
    """
    padded = [cv2.getOptimalDFTSize(max(side, radius + 1) + radius) for side in visible.shape]
    first, second = (np.fft.fft2(image, padded) for image in (visible, infrared))
    correlation = np.roll(np.fft.ifft2(first.conj() * second).real, (radius, radius), (0, 1))
    return correlation[: 2 * radius + 1, : 2 * radius + 1]


def edge_correlation(visible: np.ndarray, infrared: np.ndarray) -> tuple[np.ndarray, float]:
    """`correlate` the edges of two images, reduced in size.

    Args:
        visible, infrared: Grey levels (H, W), of one size.

    Returns:
        tuple: The correlation, and how many pixels of the images a step of it is.
    """
    scale = min(1, WIDTH / visible.shape[1])
    return correlate(*(edges(resized(image, scale)) for image in (visible, infrared))), 1 / scale


def resized(image: np.ndarray, scale: float) -> np.ndarray:
    """An image (H, W), that many times as large."""
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=interpolation)


class AgreementCheck:
    """Warns, once, when the edges of the first pairs it sees agree best somewhere else.

    The correlations of the pairs are summed. There is a warning when the largest value that is not
    near the middle is at least `PEAK` and 1.5 deviations above the largest near the middle.

    Args:
        pairs: How many pairs are looked at.
    """

    def __init__(self, pairs: int = 8):
        self._left, self._sum = pairs, 0

    def __call__(self, visible: np.ndarray, infrared: np.ndarray, name: str) -> None:
        """Look at a pair, uint8 (H, W, 3), BGR, and (H, W); small or flat ones do not count."""
        if self._left < 1 or min(infrared.shape) < 4 * RADIUS:
            return
        grey = cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY)
        correlation, step = edge_correlation(grey, infrared)
        if not correlation.any():
            return
        self._left -= 1
        self._sum = self._sum + standardised(correlation)
        shift = misplaced(self._sum)
        if shift is not None:
            self._left = 0
            _LOG.warning(
                f'{name}: the edges of the two images agree best {step * math.hypot(*shift):.0f} '
                f'pixels apart; if they are not aligned, make a rig file with `bffr align` and '
                f'give it with --align.'
            )


def misplaced(correlation: np.ndarray) -> tuple[int, int] | None:
    """Shift (x, y), in steps, at which edges agree far better than near none, if there is one."""
    correlation = standardised(correlation)
    elsewhere = np.where(_NEAR, -np.inf, correlation)
    if elsewhere.max() < PEAK or lead_of_none(correlation) > -_LEAD:
        return None
    y, x = np.unravel_index(elsewhere.argmax(), elsewhere.shape)
    return int(x) - RADIUS, int(y) - RADIUS


def lead_of_none(correlation: np.ndarray) -> float:
    """How much better edges agree near no shift than elsewhere, in the correlation's unit."""
    return float(correlation[_NEAR].max() - correlation[~_NEAR].max())


def standardised(correlation: np.ndarray) -> np.ndarray:
    """In deviations from its median, a deviation being 1.48 times the median one."""
    centred = correlation - np.median(correlation)
    return centred / (1.4826 * np.median(np.abs(centred)) or 1)

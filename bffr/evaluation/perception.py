"""Metrics modelled on human vision: Chen-Blum's contrast and Chen-Varshney's regions.

Shared by both: images are (H, W) luma in 0..255, uint8 or float, computed in float64. Frequencies
are in cycles a degree; ``W / 30`` (Qcb) and ``W / 8`` (Qcv) for the highest horizontal one, and H
likewise, are the viewing distances that Z. Liu's toolbox set, which all tables go back to (Z. Liu
et al., Objective assessment of multiresolution image fusion algorithms for context enhancement
in night vision, IEEE TPAMI 34, 2012).
"""

import cv2
import numpy as np


def chen_blum(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray, zero_padding: bool = False
) -> float:
    """Qcb, local contrast of the sources kept in the fused image; higher is better, 0..1.

    Each image is filtered with the contrast sensitivity ``S(r) = exp(-(r / 15.387)^2) -
    0.7622 exp(-(r / 1.3456)^2)``; its local contrast is ``C = |G2 * I / G4 * I - 1|`` (Gaussians of
    sigma 2 and 4 pixels), masked to ``C' = C^3 / (C^2 + 0.0001)``. Then

    - ``Q^XF = min(C'_X, C'_F) / max(C'_X, C'_F)``,
    - ``Qcb = mean(l_V Q^VF + l_IR Q^IRF)`` with the saliency ``l_X = C'_X^2 / (C'_V^2 + C'_IR^2)``.

    NaN if both sources are constant.

    Args:
        zero_padding: the Gaussians see zeros outside the image and keep the sum of their 31 x 31
            samples, a little below 1, as in the toolbox; else a mirror image, and their sum is 1.

    Source: Y. Chen, R. S. Blum, A new automated quality assessment algorithm for image fusion,
    Image and Vision Computing 27, 2009.
    """
    if np.ptp(visible) == 0 and np.ptp(infrared) == 0:
        return np.nan
    radius = _frequencies(fused.shape, 30)
    sensitivity = np.exp(-((radius / 15.387) ** 2)) - 0.7622 * np.exp(-((radius / 1.3456) ** 2))
    contrasts = []
    for image in (fused, visible, infrared):
        image = _filter(image.astype(np.float64), sensitivity)
        narrow, wide = (_blur(image, sigma, zero_padding) for sigma in (2, 4))
        contrast = np.abs(_divide(narrow, wide, otherwise=1) - 1)
        contrasts.append(contrast**3 / (contrast**2 + 0.0001))
    fused, visible, infrared = contrasts
    saliency = _divide(visible**2, visible**2 + infrared**2, otherwise=0.5)
    quality = saliency * _ratio(visible, fused) + (1 - saliency) * _ratio(infrared, fused)
    return float(np.mean(quality))


def chen_varshney(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray, zero_padding: bool = False
) -> float:
    """Qcv, visible difference to the sources in salient regions; lower is better, from 0.

    The differences V - F and IR - F are filtered with the contrast sensitivity ``S(r) =
    2.6 (0.0192 + 0.144 r) exp(-(0.144 r)^1.1)`` of Mannos and Sakrison. Over blocks of 16 x 16
    pixels, with D_X the mean square of the filtered difference and the saliency
    ``l_X = sum(g_X^5)``, g the Sobel edge strength of the source,

    ``Qcv = sum(l_V D_V + l_IR D_IR) / sum(l_V + l_IR)`` in squared grey levels.

    NaN if neither source has an edge.

    Args:
        zero_padding: Sobel sees zeros outside the image, so that its frame is its most salient
            region, and blocks that reach beyond it are filled with zeros, which lowers their D, as
            in the toolbox; else a mirror image, and D is a mean over the pixels of the image.

    Source: H. Chen, P. K. Varshney, A human perception inspired quality metric for image fusion
    based on regional information, Information Fusion 8, 2007.
    """
    radius = _frequencies(fused.shape, 8)
    sensitivity = 2.6 * (0.0192 + 0.144 * radius) * np.exp(-((0.144 * radius) ** 1.1))
    border = cv2.BORDER_CONSTANT if zero_padding else cv2.BORDER_REFLECT_101
    pixels = 16**2 if zero_padding else _block_sums(np.ones(fused.shape))
    difference = saliency = 0.0
    for source in (visible, infrared):
        source = source.astype(np.float64)
        dx, dy = (cv2.Sobel(source, cv2.CV_64F, *d, borderType=border) for d in ((1, 0), (0, 1)))
        weight = _block_sums(np.hypot(dx, dy) ** 5)
        error = _block_sums(_filter(source - fused, sensitivity) ** 2)
        difference += np.sum(weight * error / pixels)
        saliency += weight.sum()
    return float(difference / saliency) if saliency > 0 else np.nan


def _frequencies(shape, divisor):
    """Return the radial frequency of every coefficient of a real 2-D FFT of `shape`."""
    height, width = shape
    vertical = np.fft.fftfreq(height) * 2 * height / divisor
    horizontal = np.fft.rfftfreq(width) * 2 * width / divisor
    return np.hypot(vertical[:, None], horizontal)


def _filter(image, response):
    return np.fft.irfft2(np.fft.rfft2(image) * response, image.shape)


def _blur(image, sigma, zero_padding):
    kernel = np.exp(-(np.arange(-15, 16) ** 2) / (2 * sigma**2))
    kernel /= sigma * np.sqrt(2 * np.pi) if zero_padding else kernel.sum()
    border = cv2.BORDER_CONSTANT if zero_padding else cv2.BORDER_REFLECT_101
    return cv2.sepFilter2D(image, cv2.CV_64F, kernel, kernel, borderType=border)


def _divide(x, y, otherwise):
    """x / y, and `otherwise` where y is 0."""
    return np.divide(x, y, out=np.full_like(x, otherwise), where=y != 0)


def _ratio(x, y):
    """Smaller over larger, 1 where both are 0."""
    return _divide(np.minimum(x, y), np.maximum(x, y), otherwise=1)


def _block_sums(values, size=16):
    """Sum over blocks of size x size pixels; those at the right and bottom may be smaller."""
    for axis in (0, 1):
        values = np.add.reduceat(values, np.arange(0, values.shape[axis], size), axis=axis)
    return values

"""Metrics modelled on human vision: Chen-Blum's contrast and Chen-Varshney's regions.

Shared by both: images are (H, W) luma in 0..255, uint8 or float, computed in float64. Frequencies
are in cycles a degree; ``W / 30`` (Qcb) and ``W / 8`` (Qcv) for the highest horizontal one, and H
likewise, are the viewing distances that Z. Liu's toolbox set, which all tables go back to (Z. Liu
et al., Objective assessment of multiresolution image fusion algorithms for context enhancement
in night vision, IEEE TPAMI 34, 2012).
"""

import cv2
import numpy as np
from scipy import fft


def chen_blum(
    fused: np.ndarray,
    visible: np.ndarray,
    infrared: np.ndarray,
    stretch: bool = False,
    border: int = cv2.BORDER_REFLECT_101,
) -> float:
    """Qcb, local contrast of the sources kept in the fused image; higher is better, 0..1.

    Each image is filtered with the contrast sensitivity ``S(r) = exp(-(r / 15.387)^2) -
    0.7622 exp(-(r / 1.3456)^2)``; its local contrast is ``C = |G2 * I / G4 * I - 1|`` (Gaussians of
    sigma 2 and 4 pixels), masked to ``C' = C^3 / (C^2 + 0.0001)``. Then

    - ``Q^XF = min(C'_X, C'_F) / max(C'_X, C'_F)``,
    - ``Qcb = mean(l_V Q^VF + l_IR Q^IRF)`` with the saliency ``l_X = C'_X^2 / (C'_V^2 + C'_IR^2)``.

    NaN if both sources are constant.

    Args:
        fused, visible, infrared: (H, W) luma in 0..255.
        stretch: stretch each image to 0..255 by its own minimum and maximum beforehand, as the
            toolbox does. It changes what is measured: contrast is relative to brightness.
        border: an OpenCV border type for the Gaussians; the toolbox pads with zeros
            (``cv2.BORDER_CONSTANT``) and leaves them unnormalised.

    Source: Y. Chen, R. S. Blum, A new automated quality assessment algorithm for image fusion,
    Image and Vision Computing 27, 2009.
    """
    if np.ptp(visible) == 0 and np.ptp(infrared) == 0:
        return np.nan
    radius = _frequencies(fused.shape, 30)
    sensitivity = np.exp(-((radius / 15.387) ** 2)) - 0.7622 * np.exp(-((radius / 1.3456) ** 2))
    contrasts = []
    for image in (fused, visible, infrared):
        image = _filter(_stretch(image) if stretch else image, sensitivity)
        narrow, wide = (cv2.GaussianBlur(image, (31, 31), s, borderType=border) for s in (2, 4))
        contrast = np.abs(_divide(narrow, wide, otherwise=1) - 1)
        contrasts.append(contrast**3 / (contrast**2 + 0.0001))
    fused, visible, infrared = contrasts
    saliency = _divide(visible**2, visible**2 + infrared**2, otherwise=0.5)
    quality = saliency * _ratio(visible, fused) + (1 - saliency) * _ratio(infrared, fused)
    return float(np.mean(quality))


def chen_varshney(
    fused: np.ndarray,
    visible: np.ndarray,
    infrared: np.ndarray,
    stretch: bool = False,
    border: int = cv2.BORDER_REFLECT_101,
) -> float:
    """Qcv, visible difference to the sources in salient regions; lower is better, from 0.

    The differences V - F and IR - F are filtered with the contrast sensitivity ``S(r) =
    2.6 (0.0192 + 0.144 r) exp(-(0.144 r)^1.1)`` of Mannos and Sakrison. Over blocks of 16 x 16
    pixels, with D_X the mean square of the filtered difference and the saliency
    ``l_X = sum(g_X^5)``, g the Sobel edge strength of the source,

    ``Qcv = sum(l_V D_V + l_IR D_IR) / sum(l_V + l_IR)`` in squared grey levels.

    NaN if neither source has an edge.

    Args:
        fused, visible, infrared: (H, W) luma in 0..255.
        stretch: stretch each image to 0..255 by its own minimum and maximum beforehand, as the
            toolbox does; differences then are not those of the images.
        border: an OpenCV border type for Sobel; the toolbox pads with zeros
            (``cv2.BORDER_CONSTANT``), and the frame of the image is its most salient region.

    Source: H. Chen, P. K. Varshney, A human perception inspired quality metric for image fusion
    based on regional information, Information Fusion 8, 2007.
    """
    radius = _frequencies(fused.shape, 8)
    sensitivity = 2.6 * (0.0192 + 0.144 * radius) * np.exp(-((0.144 * radius) ** 1.1))
    fused, visible, infrared = (
        (_stretch(image) if stretch else image.astype(np.float64))
        for image in (fused, visible, infrared)
    )
    difference = saliency = 0.0
    for source in (visible, infrared):
        dx, dy = (cv2.Sobel(source, cv2.CV_64F, *d, borderType=border) for d in ((1, 0), (0, 1)))
        weight = _block_sums(np.hypot(dx, dy) ** 5)
        error = _block_sums(_filter(source - fused, sensitivity) ** 2)
        difference += np.sum(weight * error / _block_sums(np.ones_like(source)))
        saliency += weight.sum()
    return float(difference / saliency) if saliency > 0 else np.nan


def _frequencies(shape, divisor):
    """Return the radial frequency of every coefficient of a real 2-D FFT of `shape`."""
    height, width = shape
    vertical = np.fft.fftfreq(height) * 2 * height / divisor
    horizontal = np.fft.rfftfreq(width) * 2 * width / divisor
    return np.hypot(vertical[:, None], horizontal)


def _filter(image, response):
    return fft.irfft2(fft.rfft2(image) * response, image.shape)


def _stretch(image):
    low, high = image.min(), image.max()
    return np.rint((image - float(low)) * (255 / (high - float(low)))) if high > low else image


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

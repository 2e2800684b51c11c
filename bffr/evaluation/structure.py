"""Metrics of structural similarity to the sources, from moments of grey levels in windows.

Shared by all: images are (H, W) luma in 0..255, uint8 or float, computed in float64. Only windows
that lie in the image as a whole count.
"""

from collections.abc import Callable

import cv2
import numpy as np

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_SCALES = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333
_NOISE = 2  # variance of that of the eye
_EPSILON = 1e-8


def structural_similarity(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """SSIM, mean structural similarity to the sources; higher is better, -1..1.

    ``SSIM = (SSIM(V, F) + SSIM(IR, F)) / 2``, Gaussian window 11 x 11, sigma 1.5, K1 = 0.01,
    K2 = 0.03, at full resolution (no down-sampling), mean over the windows. Constant images are
    defined. NaN for images smaller than the window.

    Scripts in circulation give the sum (up to 2) instead of the mean.

    Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, Image quality assessment: from error
    visibility to structural similarity, IEEE Trans. Image Processing 13, 2004.
    """
    if min(fused.shape) < 11:
        return np.nan
    return sum(_of_sources(lambda *images: _similarity(*images)[0], fused, visible, infrared)) / 2


def multi_scale_structural_similarity(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """MS-SSIM, mean multi-scale structural similarity to the sources; higher is better, 0..1.

    ``(MS-SSIM(V, F) + MS-SSIM(IR, F)) / 2`` over five scales with the weights of the source, each
    the mean over 2 x 2 pixels of the one before; where a side is odd, the first row and column
    count twice. Negative contrast terms count as 0. NaN for images with a side below 161 pixels, on
    which the fifth scale has no window.

    Source: Z. Wang, E. Simoncelli, A. Bovik, Multiscale structural similarity for image quality
    assessment, Asilomar Conf. 2003.
    """
    if min(fused.shape) < 161:
        return np.nan
    return sum(_of_sources(_multi_scale_similarity, fused, visible, infrared)) / 2


def visual_information_fidelity(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """VIF, visual information of the sources kept in the fused image; higher is better, from 0.

    ``VIF = VIFp(V, F) + VIFp(IR, F)``, pixel domain, four scales, noise variance 2, the *source*
    as reference and the fused image as the distorted one. Each term is 1 for a copy, and above 1
    where the fused image has more contrast. NaN if a source is constant, or a side is below 41
    pixels, on which the fourth scale has no window.

    Source: H. R. Sheikh, A. C. Bovik, Image information and visual quality, IEEE Trans. Image
    Processing 15, 2006; for fusion: Y. Han et al., Information Fusion 14, 2013.
    """
    if min(fused.shape) < 41 or np.ptp(visible) == 0 or np.ptp(infrared) == 0:
        return np.nan
    return sum(_of_sources(_fidelity, fused, visible, infrared))


def _of_sources(metric: Callable, fused: np.ndarray, *sources: np.ndarray) -> list[float]:
    fused = fused.astype(np.float64)
    return [float(metric(fused, source.astype(np.float64))) for source in sources]


def _similarity(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Means of structural similarity and of its contrast term."""
    x_mean, y_mean, x_variance, y_variance, covariance = moments(x, y, 11, 1.5)
    contrast = (2 * covariance + _C2) / (x_variance + y_variance + _C2)
    luminance = (2 * x_mean * y_mean + _C1) / (x_mean**2 + y_mean**2 + _C1)
    return (luminance * contrast).mean(), contrast.mean()


def _multi_scale_similarity(x: np.ndarray, y: np.ndarray) -> float:
    product = 1.0
    for weight in _SCALES[:-1]:
        product *= max(_similarity(x, y)[1], 0) ** weight
        x, y = _halved(x), _halved(y)
    return product * max(_similarity(x, y)[0], 0) ** _SCALES[-1]


def _halved(image: np.ndarray) -> np.ndarray:
    odd = max(side % 2 for side in image.shape)
    image = np.pad(image, ((odd, 0), (odd, 0)), 'edge')
    height, width = (side // 2 for side in image.shape)
    return cv2.resize(
        image[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA
    )


def _fidelity(fused: np.ndarray, source: np.ndarray) -> float:
    kept = total = _EPSILON
    for size in (17, 9, 5, 3):
        if size < 17:
            fused, source = (_blurred(image, size, size / 5)[::2, ::2] for image in (fused, source))
        *_, variance, source_variance, covariance = moments(fused, source, size, size / 5)
        variance, source_variance, covariance = (
            moment.clip(0) for moment in (variance, source_variance, covariance)
        )
        gain = covariance / (source_variance + _EPSILON)
        noise = (variance - gain * covariance).clip(0) + _NOISE
        kept += np.log10(1 + gain**2 * source_variance / noise).sum()
        total += np.log10(1 + source_variance / _NOISE).sum()
    return kept / total


def moments(x: np.ndarray, y: np.ndarray, size: int, sigma: float) -> tuple[np.ndarray, ...]:
    """Means, variances and covariance of two images in each Gaussian window."""
    x_mean, y_mean, xx, yy, xy = (
        _blurred(image, size, sigma) for image in (x, y, x * x, y * y, x * y)
    )
    return x_mean, y_mean, xx - x_mean**2, yy - y_mean**2, xy - x_mean * y_mean


def _blurred(image: np.ndarray, size: int, sigma: float) -> np.ndarray:
    inner = slice(size // 2, -(size // 2))
    return cv2.GaussianBlur(image, (size, size), sigma)[inner, inner]

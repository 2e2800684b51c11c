"""What the tables of CDDFuse, EMMA and most papers since 2023 compute in their own way.

Z. Zhao et al., CDDFuse: correlation-driven dual-branch feature decomposition for multi-modality
image fusion, CVPR 2023; `utils/Evaluator.py` of its repository.
"""

import cv2
import numpy as np

_WINDOW = 7
_C1, _C2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2  # of images in -1..1, which those given are not


def structural_similarity(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """SSIM, the sum over the sources, up to 2, of images that are taken to be in -1..1.

    Uniform window 7 x 7, sample covariance, in float32: scikit-image's at its defaults while these
    took 2 for the range of floats. Constants that are so small leave contrast and luminance
    of dark and smooth regions to noise. NaN for images smaller than the window.

    Args:
        fused, visible, infrared: (H, W) luma in 0..255, uint8 or float.
    """
    if min(fused.shape) < _WINDOW:
        return np.nan
    fused, *sources = (image.astype(np.float32) for image in (fused, visible, infrared))
    return float(sum(_similarity(fused, source).mean(dtype=np.float64) for source in sources))


def _similarity(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    x_mean, y_mean, xx, yy, xy = map(_window_means, (x, y, x * x, y * y, x * y))
    unbiased = np.float32(_WINDOW**2 / (_WINDOW**2 - 1))
    x_variance, y_variance = unbiased * (xx - x_mean * x_mean), unbiased * (yy - y_mean * y_mean)
    covariance = unbiased * (xy - x_mean * y_mean)
    numerator = (2 * x_mean * y_mean + _C1) * (2 * covariance + _C2)
    return numerator / ((x_mean**2 + y_mean**2 + _C1) * (x_variance + y_variance + _C2))


def _window_means(image: np.ndarray) -> np.ndarray:
    """Means of whole windows, rounded to float32 after columns and after rows, as scipy does."""
    for size in (1, _WINDOW), (_WINDOW, 1):
        image = cv2.blur(image.astype(np.float64), size).astype(np.float32)
    inner = slice(_WINDOW // 2, -(_WINDOW // 2))
    return image[inner, inner]

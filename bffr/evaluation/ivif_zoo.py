"""What the evaluation of IVIF ZOO computes in its own way.

J. Liu et al., Infrared and visible image fusion: from data compatibility to task adaption, IEEE
TPAMI 2024; `Metric/Metric_torch.py` of its repository. Shared by all: images are (H, W) luma in
0..255, uint8 or float.
"""

import cv2
import numpy as np

_C1, _C2 = 0.01**2, 0.03**2  # of images in 0..1, which those given are not
_SCALES = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333
_TINY = 1e-10


def structural_similarity(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """SSIM, the sum over the sources, up to 2, of images that are taken to be in 0..1.

    Gaussian window 11 x 11 of sigma 1.5, whole windows, in float32: constants that are so small
    leave contrast and luminance of dark and smooth regions to its noise. NaN for images smaller
    than the window.
    """
    if min(fused.shape) < 11:
        return np.nan
    fused, *sources = (image.astype(np.float32) for image in (fused, visible, infrared))
    return sum(_similarity(fused, source)[0] for source in sources)


def multi_scale_structural_similarity(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """MS-SSIM, the sum over the sources, up to 2, of images that are taken to be in 0..1.

    Each scale is the mean over 2 x 2 pixels of the one before, with a row and a column of zeros on
    all sides where a side is odd. NaN for images with a side below 161 pixels.
    """
    if min(fused.shape) < 161:
        return np.nan
    fused, *sources = (image.astype(np.float32) for image in (fused, visible, infrared))
    return sum(_multi_scale_similarity(fused, source) for source in sources)


def visual_information_fidelity(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """VIF, the sum over the sources, zeros outside, in windows that are not centred.

    The window of N pixels has its peak at 9/17, 5/9, 3/5 and 2/3 of its width. NaN if a source is
    constant.
    """
    if np.ptp(visible) == 0 or np.ptp(infrared) == 0:
        return np.nan
    fused, *sources = (image.astype(np.float64) for image in (fused, visible, infrared))
    return float(sum(_fidelity(fused, source) for source in sources))


def _similarity(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Means of structural similarity and of its contrast term."""
    x_mean, y_mean, xx, yy, xy = map(_window_means, (x, y, x * x, y * y, x * y))
    contrast = (2 * (xy - x_mean * y_mean) + _C2) / (xx - x_mean**2 + yy - y_mean**2 + _C2)
    luminance = (2 * x_mean * y_mean + _C1) / (x_mean**2 + y_mean**2 + _C1)
    return float((luminance * contrast).mean(dtype=float)), float(contrast.mean(dtype=float))


def _window_means(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image, (11, 11), 1.5)[5:-5, 5:-5]


def _multi_scale_similarity(x: np.ndarray, y: np.ndarray) -> float:
    product = 1.0
    for weight in _SCALES[:-1]:
        product *= max(_similarity(x, y)[1], 0) ** weight
        x, y = _halved(x), _halved(y)
    return product * max(_similarity(x, y)[0], 0) ** _SCALES[-1]


def _halved(image: np.ndarray) -> np.ndarray:
    padded = np.pad(image, [(side % 2, side % 2) for side in image.shape])
    height, width = (side // 2 * 2 for side in padded.shape)
    blocks = padded[:height, :width].reshape(height // 2, 2, width // 2, 2)
    return blocks.mean((1, 3))


def _fidelity(fused: np.ndarray, source: np.ndarray) -> float:
    kept = total = 0.0
    for size in (17, 9, 5, 3):
        if size < 17:
            fused, source = (_window(image, size)[::2, ::2] for image in (fused, source))
        x, y, xx, yy, xy = (
            _window(image, size)
            for image in (source, fused, source * source, fused * fused, source * fused)
        )
        variance, other = (xx - x * x).clip(0), (yy - y * y).clip(0)
        gain = np.where(other < _TINY, 0, (xy - x * y) / (variance + _TINY))
        rest = np.where(gain < 0, other, other - gain * (xy - x * y))
        gain = gain.clip(0)
        kept += np.log10(1 + gain**2 * variance / (rest.clip(_TINY) + 2)).sum()
        total += np.log10(1 + variance / 2).sum()
    return kept / total


def _window(image: np.ndarray, size: int) -> np.ndarray:
    places = np.linspace(-(size // 2) - 1, size // 2, size)  # as -17 // 2 is in Python
    window = np.exp(-(places**2) / (2 * (size / 5) ** 2))
    window /= window.sum()
    return cv2.sepFilter2D(image, -1, window, window, borderType=cv2.BORDER_CONSTANT)

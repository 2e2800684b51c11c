"""What the tables of the VIFB benchmark compute in their own way.

X. Zhang, P. Ye, G. Xiao, VIFB: a visible and infrared image fusion benchmark, CVPR Workshops 2020.
Shared by all: images are (H, W) in 0..255, one channel; uint8 or float.
"""

from collections.abc import Callable

import numpy as np

from . import information, structure

Metric = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


def of_each_channel(metric: Metric) -> Metric:
    """Return the mean of `metric` over the channels of images (H, W) or (H, W, 3).

    Sources of one channel count for every channel of the fused image. Where all images are grey,
    one channel is all there is to compute.
    """

    def mean(*images):
        images = map(np.atleast_3d, images)
        images = (i[..., :1] if (i == i[..., :1]).all() else i for i in images)
        images = np.broadcast_arrays(*images)
        channels = zip(*(np.moveaxis(image, 2, 0).copy() for image in images), strict=True)
        return float(np.mean([metric(*channel) for channel in channels]))

    return mean


def of_stretched(metric: Metric) -> Metric:
    """Return `metric` of images that are each stretched to 0..255 by their own range, and rounded.

    It changes what is measured: differences and contrasts are not those of the images any more.
    """
    return lambda *images: metric(*map(_stretch, images))


def mutual_information(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """MI in nats."""
    return information.mutual_information(fused, visible, infrared) * float(np.log(2))


def structural_similarity(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """SSIM, the sum over the sources, up to 2."""
    return 2 * structure.structural_similarity(fused, visible, infrared)


def root_mean_squared_error(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """RMSE, lower is better, from 0.

    ``(e(V, F) + e(IR, F)) / 2`` with ``e(X, F) = sqrt(sum((X - F)^2)) / (H W)`` in grey levels:
    1 / sqrt(H W) of a root mean squared error, so smaller for larger images.
    """
    fused = fused.astype(np.float64)
    errors = [np.linalg.norm(source - fused) / fused.size for source in (visible, infrared)]
    return float(np.mean(errors))


def peak_signal_to_noise_ratio(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """PSNR, ``10 log10(255^2 / RMSE)`` in dB, with the RMSE above where an MSE belongs."""
    error = root_mean_squared_error(fused, visible, infrared)
    return float(10 * np.log10(255**2 / error)) if error > 0 else np.inf


def spatial_frequency(fused: np.ndarray, *_: np.ndarray) -> float:
    """SF of the channels of a (H, W, 3) BGR image, red, green and blue side by side.

    ``sqrt((sum(dx F^2) + sum(dy F^2)) / (3 H W))``; differences across the seams count.
    """
    channels = np.moveaxis(np.atleast_3d(fused).astype(np.float64), 2, 0)
    side_by_side = np.hstack(channels[::-1])
    squares = sum(np.sum(np.diff(side_by_side, axis=axis) ** 2) for axis in (0, 1))
    return float(np.sqrt(squares / side_by_side.size))


def _stretch(image):
    low, high = float(image.min()), float(image.max())
    if low == high:
        return image
    return np.floor((image - low) / (high - low) * 255 + 0.5)

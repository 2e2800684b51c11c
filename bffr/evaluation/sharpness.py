"""Metrics of sharpness, from the differences of neighbouring pixels of the fused image.

Shared by all: the image is (H, W) luma in 0..255, uint8 or float, computed in float64. The sources,
which metrics are given after it, are not looked at.
"""

import cv2
import numpy as np


def spatial_frequency(fused: np.ndarray, *_: np.ndarray, peak: float = 255.0) -> float:
    """SF, overall activity of the fused image; higher is better, in grey levels, from 0.

    ``SF = sqrt(mean(dx F^2) + mean(dy F^2))``, differences of horizontal and vertical neighbours.
    A constant image has 0. Noise raises it as detail does.

    Args:
        peak: what white is in the unit of the result; 1 gives SF / 255, which is what tables
            made of images in 0..1 show.

    Source: A. M. Eskicioglu, P. S. Fisher, Image quality measures and their performance, IEEE
    Trans. Communications 43, 1995.
    """
    fused = fused.astype(np.float64)
    rows, columns = np.diff(fused, axis=1), np.diff(fused, axis=0)
    return float(np.sqrt(np.mean(rows**2) + np.mean(columns**2))) * peak / 255


def average_gradient(fused: np.ndarray, *_: np.ndarray, per_pixel: bool = False) -> float:
    """AG, mean steepness of the fused image; higher is better, in grey levels a pixel, from 0.

    ``AG = sum(sqrt((dx F^2 + dy F^2) / 2)) / ((H - 1)(W - 1))`` with central differences (one-sided
    at the border) over all H x W pixels, the form of most tables in circulation. A constant image
    has 0. Noise raises it as detail does.

    Args:
        per_pixel: divide by H W instead, a mean that is smaller by about 1/H + 1/W.

    Source: G. Cui, H. Feng, Z. Xu, Q. Li, Y. Chen, Detail preserved fusion of visible and infrared
    images using regional saliency extraction and multi-scale image decomposition, Optics Commun.
    341, 2015.
    """
    dy, dx = np.gradient(fused.astype(np.float64))
    height, width = fused.shape
    count = fused.size if per_pixel else (height - 1) * (width - 1)
    return float(np.sqrt((dx**2 + dy**2) / 2).sum() / count)


def edge_intensity(fused: np.ndarray, *_: np.ndarray) -> float:
    """EI, mean Sobel edge strength of the fused image; higher is better, in grey levels, from 0.

    ``EI = mean(sqrt(sx^2 + sy^2))``, the outermost pixels repeated beyond the border. A constant
    image has 0. Noise raises it as detail does.

    Source: B. Rajalingam, R. Priya, Hybrid multimodality medical image fusion technique for
    feature enhancement in medical diagnosis, Int. J. Eng. Science Invention 2, 2018.
    """
    fused = fused.astype(np.float64)
    dx, dy = (
        cv2.Sobel(fused, cv2.CV_64F, *order, borderType=cv2.BORDER_REPLICATE)
        for order in ((1, 0), (0, 1))
    )
    return float(np.hypot(dx, dy).mean())

"""Metrics of edge transfer: which edges of the sources the fused image keeps, which it invents.

Shared by all: images are (H, W) luma in 0..255, uint8 or float, computed in float64.
"""

import cv2
import numpy as np


def edge_preservation(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray, script_white: float | None = None
) -> float:
    """Qabf (also Q_G), edges of the sources kept in the fused image; higher is better, 0..1.

    With the Sobel edge strength g and orientation a = arctan(sy / sx) of each image,

    - ``G = min(g_X, g_F) / max(g_X, g_F)`` and ``A = 1 - |a_X - a_F| / (pi / 2)``,
    - ``Q^XF = 0.9994 / (1 + exp(-15 (G - 0.5))) * 0.9879 / (1 + exp(-22 (A - 0.8)))``,
    - ``Qabf = sum(Q^VF g_V + Q^IRF g_IR) / sum(g_V + g_IR)``.

    NaN if both sources are constant. The paper does not say how Sobel sees the border; as in the
    scripts in circulation, it is padded with zeros, so that the frame of a bright image counts as a
    well kept edge.

    Args:
        script_white: if given, compute as R. Hong's script of 2007 does, the one behind most
            published tables, on images in 0..script_white: sx has the opposite sign, but its zero
            still means +pi/2; and G of equal strengths is that strength, not 1.

    Source: C. Xydeas, V. Petrovic, Objective image fusion performance measure, Electronics
    Letters 36, 2000.
    """
    if np.ptp(visible) == 0 and np.ptp(infrared) == 0:
        return np.nan
    images = fused, visible, infrared
    if script_white is None:
        edges, *sources = (_sobel(image, cv2.BORDER_CONSTANT) for image in images)
    else:
        edges, *sources = (_script_sobel(image, script_white) for image in images)
    kept = total = 0.0
    for source in sources:
        strength_ratio = _ratio(source[0], edges[0])
        if script_white is not None:
            strength_ratio = np.where(source[0] == edges[0], edges[0], strength_ratio)
        alignment = 1 - np.abs(source[1] - edges[1]) / (np.pi / 2)
        quality = 0.9994 * _sigmoid(strength_ratio, 15, 0.5) * 0.9879 * _sigmoid(alignment, 22, 0.8)
        kept += np.sum(quality * source[0])
        total += source[0].sum()
    return float(kept / total)


def fusion_artifacts(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray, faint: float = 0.001
) -> float:
    """Nabf, edges of the fused image that no source has; lower is better, 0..1.

    At the pixels where the fused edge is stronger than both source edges,

    ``Nabf = sum((1 - Q^VF) w_V + (1 - Q^IRF) w_IR) / sum over all pixels (w_V + w_IR)``

    with ``Q = sqrt(Q_g Q_a)``, ``Q_g = 0.9999 / (1 + exp(-19 (G - 0.5)))``,
    ``Q_a = 0.9995 / (1 + exp(-22 (A - 0.5)))``, G as in :func:`edge_preservation`,
    ``A = | |a_X - a_F| - pi/2 | / (pi/2)``, and the weight ``w = g^1.5``, 0.001 where g < 2 (Sobel
    divided by 8, borders reflected). So 1 - Nabf is kept plus lost information of that model,
    which is not the Q of Qabf. Constant images are defined.

    Args:
        faint: weight where g < 2; with 0, NaN for sources without a stronger edge.

    Source: B. K. Shreyamsha Kumar, Multifocus and multispectral image fusion based on pixel
    significance using discrete cosine harmonic wavelet transform, Signal, Image and Video
    Processing 7, 2013, after V. Petrovic, C. Xydeas, Objective image fusion performance
    characterisation, ICCV 2005.
    """
    strength, orientation = _sobel(fused, cv2.BORDER_REFLECT_101, scale=1 / 8)
    artifact = np.ones(fused.shape, bool)
    lost = weights = 0.0
    for source in (visible, infrared):
        source = _sobel(source, cv2.BORDER_REFLECT_101, scale=1 / 8)
        alignment = np.abs(np.abs(source[1] - orientation) - np.pi / 2) / (np.pi / 2)
        quality = 0.9999 * _sigmoid(_ratio(source[0], strength), 19, 0.5)
        quality = np.sqrt(quality * 0.9995 * _sigmoid(alignment, 22, 0.5))
        weight = np.where(source[0] >= 2, source[0] ** 1.5, faint)
        artifact &= strength > source[0]
        lost = lost + (1 - quality) * weight
        weights += weight.sum()
    return float(lost[artifact].sum() / weights) if weights else np.nan


def _sobel(image, border, scale=1.0):
    """Return edge strength and orientation in (-pi/2, pi/2], each (H, W) float64."""
    image = image.astype(np.float64)
    dx = cv2.Sobel(image, cv2.CV_64F, 1, 0, scale=scale, borderType=border)
    dy = cv2.Sobel(image, cv2.CV_64F, 0, 1, scale=scale, borderType=border)
    return _polar(dx, dy)


def _script_sobel(image, white):
    """`_sobel` as MATLAB's conv2 adds it up: in this order, on which it depends in images in 0..1
    whether a sum that should be 0 is, and so the sign of its orientation.
    """
    height, width = image.shape
    padded = np.pad(image.astype(np.float64) * white / 255, 1)
    kernel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    dx = dy = 0.0
    for column, row in np.ndindex(3, 3):
        pixels = padded[2 - row : 2 - row + height, 2 - column : 2 - column + width]
        dx = dx + kernel[row, column] * pixels
        dy = dy - kernel[column, row] * pixels
    return _polar(dx, dy)


def _polar(dx, dy):
    slope = np.divide(dy, dx, out=np.full_like(dy, np.inf), where=dx != 0)
    return np.sqrt(dx**2 + dy**2), np.arctan(slope)


def _ratio(x, y):
    """Smaller over larger, 0 where both are 0."""
    larger = np.maximum(x, y)
    return np.divide(np.minimum(x, y), larger, out=np.zeros_like(larger), where=larger > 0)


def _sigmoid(x, steepness, centre):
    return 1 / (1 + np.exp(-steepness * (x - centre)))

"""Metrics from information theory: entropy, mutual information, cross entropy.

Shared by all: images are (H, W) luma in 0..255, uint8 or float; float values are rounded to the
256 grey levels, over which the histograms are counted. Logarithms are to base 2 (bit).
"""

import numpy as np


def entropy(fused: np.ndarray, *_: np.ndarray) -> float:
    """EN, the entropy of the fused image; higher is better, 0..8 bit.

    ``EN = -sum_k p_k log2(p_k)`` over the grey levels that occur. A constant image has 0.

    Source: J. Roberts, J. van Aardt, F. Ahmed, Assessment of image fusion procedures using
    entropy, image quality, and multispectral classification, J. Appl. Remote Sens. 2, 2008.
    """
    return _entropy(_histogram(fused))


def mutual_information(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """MI, how much the fused image tells of both sources; higher is better, 0..16 bit.

    ``MI = I(V; F) + I(IR; F)`` with ``I(X; F) = H(X) + H(F) - H(X, F)``. A constant image shares
    0 bit with anything.

    Source: G. Qu, D. Zhang, P. Yan, Information measure for performance of image fusion,
    Electronics Letters 38, 2002.
    """
    return _shared(visible, fused)[0] + _shared(infrared, fused)[0]


def normalized_mutual_information(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """NMI (also Q_MI), mutual information in units of the entropies; higher is better, 0..2.

    ``NMI = 2 [I(V; F) / (H(V) + H(F)) + I(IR; F) / (H(IR) + H(F))]``: unlike MI it does not
    favour sources of high entropy. NaN if the fused image and a source are both constant.

    Source: M. Hossny, S. Nahavandi, D. Creighton, Comments on 'Information measure for
    performance of image fusion', Electronics Letters 44, 2008.
    """
    total = 0.0
    for source in (visible, infrared):
        information, entropies = _shared(source, fused)
        total += 2 * information / entropies if entropies > 0 else np.nan
    return total


def cross_entropy(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """CE, how far the fused histogram is from those of the sources; lower is better, in bit.

    ``CE = (D(V, F) + D(IR, F)) / 2`` with ``D(X, F) = sum_k p_X,k log2(p_X,k / p_F,k)`` over the
    grey levels that occur in both images, as all scripts in circulation have it: over all levels
    it would be infinite as soon as the fused image lacks one. So CE is 0 for equal histograms but
    may also be negative; NaN if there is no common grey level.

    Source: D. M. Bulanon, T. F. Burks, V. Alchanatis, Image fusion of visible and thermal images
    for fruit detection, Biosystems Engineering 103, 2009.
    """
    q = _histogram(fused)
    distances = []
    for source in (visible, infrared):
        p = _histogram(source)
        common = (p > 0) & (q > 0)
        distance = np.sum(p[common] * np.log2(p[common] / q[common]))
        distances.append(distance if common.any() else np.nan)
    return float(np.mean(distances))


def _grey_levels(image):
    return image if image.dtype == np.uint8 else np.rint(image).astype(np.uint8)


def _histogram(image):
    return np.bincount(_grey_levels(image).ravel(), minlength=256) / image.size


def _entropy(p):
    p = p[p > 0]
    return float(-np.sum(p * np.log2(p))) + 0.0  # + 0.0 turns -0.0 into 0.0


def _shared(x, y):
    """Return I(X; Y) and H(X) + H(Y), in bit."""
    pairs = _grey_levels(x).astype(np.intp) * 256 + _grey_levels(y)
    joint = np.bincount(pairs.ravel(), minlength=65536).reshape(256, 256) / x.size
    entropies = _entropy(joint.sum(axis=1)) + _entropy(joint.sum(axis=0))
    return entropies - _entropy(joint.ravel()), entropies

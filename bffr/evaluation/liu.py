"""What Z. Liu's toolbox, imageFusionMetrics, computes in its own way.

Z. Liu et al., Objective assessment of multiresolution image fusion algorithms for context
enhancement in night vision: a comparative study, IEEE TPAMI 34, 2012. Shared by all: images are
(H, W) luma in 0..255, uint8 or float.
"""

import numpy as np
from cv2 import BORDER_CONSTANT, CV_64F, Sobel

from . import information, structure

_TSALLIS = 0.43137  # q of R. Nava
_FAINT = 1e-5  # in the place of 0 in quotients
_CONSTANT = 2e-16  # both of SSIM: nearly none


def tsallis_information(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """Q_TE, information of the sources in the fused image by Tsallis entropy, from 0.

    ``(I(V, F) + I(IR, F)) / (H(V)^q + H(IR)^q + I(V, IR))``, ``I(X, Y) = (1 - sum p(x, y)^q
    (p_Y(x) p_X(y))^(1 - q)) / (1 - q)``. The marginals are exchanged, as in the toolbox.

    Source: R. Nava, B. Escalante-Ramirez, G. Cristobal, Mutual information improves image fusion
    quality assessments, SPIE Newsroom, 2007.
    """
    entropies = sum(information.entropy(source) ** _TSALLIS for source in (visible, infrared))
    shared = _tsallis(visible, fused) + _tsallis(infrared, fused)
    whole = entropies + _tsallis(visible, infrared)
    return shared / whole if whole else np.nan


def nonlinear_correlation(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """Q_NCIE, how much the three images depend on one another; higher is better, 0.8 to 1.

    ``1 + sum(e / 3 log2(e / 3)) / 8`` over the eigenvalues e of the matrix of mutual information
    in units of 8 bit, with 1 on its diagonal.

    Source: Q. Wang, Y. Shen, J. Jin, Performance evaluation of image fusion techniques, in: Image
    fusion: algorithms and applications, 2008.
    """
    images, matrix = (visible, infrared, fused), np.eye(3)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        twice = information.mutual_information(images[one], images[other], images[other])
        matrix[one, other] = matrix[other, one] = twice / 16
    shares = np.linalg.eigvalsh(matrix) / 3
    shares = shares[shares > 0]
    return float(1 + np.sum(shares * np.log2(shares)) / 8)


def edge_preservation(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """Q_G, the mean over pixels of kept edges, 0..1: Qabf has the quotient of sums, and others.

    ``Q^XF = 1 / (1 + exp(-10 (G - 0.5))) / (1 + exp(-20 (A - 0.75)))``, A as in Nabf; pixels
    without an edge count, too.
    """
    strength, angle = _edges(fused)
    kept = total = 0.0
    for image in (visible, infrared):
        source_strength, source_angle = _edges(image)
        ratio = np.minimum(source_strength, strength) / np.maximum(source_strength, strength)
        alignment = np.abs(np.abs(source_angle - angle) - np.pi / 2) / (np.pi / 2)
        quality = 1 / (1 + np.exp(-10 * (ratio - 0.5))) / (1 + np.exp(-20 * (alignment - 0.75)))
        kept, total = kept + quality * source_strength, total + source_strength
    return float(np.mean(kept / total))


def salient_similarity(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """Q_S, SSIM to the sources, weighted by their variance in each window, -1..1.

    Windows and constants as SSIM has them. NaN for images smaller than a window.

    Source: G. Piella, H. Heijmans, A new quality metric for image fusion, ICIP 2003.
    """
    if min(fused.shape) < 11:
        return np.nan
    images = [image.astype(np.float64) for image in (fused, visible, infrared)]
    how = 11, (0.01 * 255) ** 2, (0.03 * 255) ** 2
    first, variances, _ = _similarity(images[1], images[0], *how)
    second, others, _ = _similarity(images[2], images[0], *how)
    return float(np.mean(_mixed(first, second, _share(variances, others))))


def covariant_similarity(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """Q_C, similarity to the sources, weighted by their covariance with the fused image, to 1.

    0 where the weight of the visible image is below 0, 1 where it is above 1, so that the images,
    of which it is the first here, cannot be exchanged. Windows and noise as in Q_Y.

    Source: N. Cvejic, A. Loza, D. Bull, N. Canagarajah, A similarity metric for assessment of image
    fusion algorithms, Int. J. Information and Communication Engineering 2, 2006.
    """
    if min(fused.shape) < 11:
        return np.nan
    images = [image.astype(np.float64) for image in (fused, visible, infrared)]
    first, _, covariances = _similarity(images[1], images[0])
    second, _, others = _similarity(images[2], images[0])
    share = _share(covariances, others)
    similar = np.where(share > 1, 1, _mixed(first, second, share))
    return float(np.mean(np.where(share < 0, 0, similar)))


def similarity_of_sources(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """Q_Y, similarity to the sources where these are alike, to the better one elsewhere, to 1.

    Gaussian window 7 x 7 of sigma 1.5. Its constants are nearly 0, so that windows without contrast
    count by the noise of rounding, even below -1: images with such parts have other numbers in the
    toolbox.

    Source: C. Yang, J. Zhang, X. Wang, X. Liu, A novel similarity based quality metric for image
    fusion, Information Fusion 9, 2008.
    """
    if min(fused.shape) < 11:
        return np.nan
    images = [image.astype(np.float64) for image in (fused, visible, infrared)]
    alike, _, _ = _similarity(images[1], images[2])
    first, variances, _ = _similarity(images[1], images[0])
    second, others, _ = _similarity(images[2], images[0])
    mixed = _mixed(first, second, _share(variances, others))
    return float(np.mean(np.where(alike >= 0.75, mixed, np.maximum(first, second))))


def _tsallis(x: np.ndarray, y: np.ndarray) -> float:
    pairs = np.rint(x).astype(np.intp) * 256 + np.rint(y).astype(np.intp)
    joint = np.bincount(pairs.ravel(), minlength=65536).reshape(256, 256) / x.size
    marginals = np.outer(joint.sum(axis=0), joint.sum(axis=1))
    total = np.sum(joint**_TSALLIS * marginals ** (1 - _TSALLIS))
    return float((1 - total) / (1 - _TSALLIS))


def _edges(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strength and angle of Sobel's edges, zeros outside."""
    dx, dy = (
        Sobel(image.astype(np.float64), CV_64F, *order, borderType=BORDER_CONSTANT)
        for order in ((1, 0), (0, 1))
    )
    strength = np.sqrt(dx**2 + dy**2)
    strength[strength == 0] = _FAINT
    return strength, np.arctan(dy / np.where(dx == 0, _FAINT, dx))


def _similarity(
    x: np.ndarray, y: np.ndarray, size: int = 7, c1: float = _CONSTANT, c2: float = _CONSTANT
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """SSIM of each window, the variance of x and the covariance there."""
    x_mean, y_mean, x_variance, y_variance, covariance = structure.moments(x, y, size, 1.5)
    luminance = (2 * x_mean * y_mean + c1) / (x_mean**2 + y_mean**2 + c1)
    return (
        luminance * (2 * covariance + c2) / (x_variance + y_variance + c2),
        x_variance,
        covariance,
    )


def _share(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    total = one + other
    return np.divide(one, total, out=np.full_like(one, 0.5), where=total != 0)


def _mixed(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    return share * first + (1 - share) * second

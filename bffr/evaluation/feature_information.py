"""FMI, mutual information of image features in small windows."""

import numpy as np

_WINDOW = 3  # pixels
_ROWS_AT_ONCE = 16  # keeps the arrays of a step in the processor's cache


def feature_mutual_information(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """FMI, how much of the sources' gradients is in the fused image's; higher is better, 0..1.

    In every window of 3 x 3 pixels the magnitudes of central differences, shifted to a minimum of 0
    and divided by their sum, count as a probability distribution over the 9 positions (in column
    order; the uniform one where they are constant). With p of a source and q of the fused image:

    - the joint distribution is ``phi U + (1 - phi) p q``, where U has the upper Frechet bound
      ``min(P, Q)`` of the cumulative distributions as its own (the lower bound if r < 0), r is the
      Pearson correlation of p and q, r_U the correlation of a pair distributed as U, and
      ``phi = min(r / r_U, 1)`` (Nelsen);
    - ``FMI^XF = 2 I / (H(p) + H(q))`` with I the mutual information of the joint distribution; 1
      where the two windows are equal.

    FMI is the mean over all windows and both sources. Constant images are defined.

    Args:
        fused, visible, infrared: (H, W) luma in 0..255, uint8 or float.

    Source: M. Haghighat, A. Aghagolzadeh, H. Seyedarabi, A non-reference image fusion metric based
    on mutual information of image features, Computers & Electrical Engineering 37, 2011; in
    windows: M. Haghighat, M. A. Razian, Fast-FMI, AICT 2014. Their fmi.m does not limit phi to 1,
    and takes the horizontal derivative alone for the gradient.
    """
    images = [
        np.hypot(*np.gradient(image.astype(np.float64))) for image in (fused, visible, infrared)
    ]
    total = count = 0
    for top in range(0, fused.shape[0] - _WINDOW + 1, _ROWS_AT_ONCE):
        fused, *sources = (
            _windows(image[top : top + _ROWS_AT_ONCE + _WINDOW - 1]) for image in images
        )
        q = _distribution(fused)
        for source in sources:
            p = _distribution(source)
            equal = (source == fused).all(axis=0)
            total += np.where(equal, 1, _normalized_information(p, q)).sum()
            count += equal.size
    return float(total / count)


def _windows(image):
    """Return the values of all windows, (9, number of windows), column after column."""
    views = np.lib.stride_tricks.sliding_window_view(image, (_WINDOW, _WINDOW))
    return np.ascontiguousarray(views.transpose(3, 2, 0, 1)).reshape(_WINDOW**2, -1)


def _distribution(values):
    values = values - values.min(axis=0)
    total = values.sum(axis=0)
    return np.where(total > 0, values / np.where(total > 0, total, 1), 1 / len(values))


def _normalized_information(p, q):
    """Return 2 I(p; q) / (H(p) + H(q)) of each column of p and q, both (n, windows)."""
    r = _correlation(p, q)
    # The lower Frechet bound is the upper one with the positions of q reversed.
    q = np.where(r < 0, q[::-1], q)
    cdf_p, cdf_q = np.cumsum(p, axis=0), np.cumsum(q, axis=0)
    r_upper = _frechet_correlation(p, q, cdf_p, cdf_q)
    phi = np.minimum(np.abs(r) / np.where(r_upper > 0, r_upper, np.inf), 1)
    joint_entropy = 0.0
    start_p = np.zeros_like(r)
    for p_i, end_p in zip(p, cdf_p, strict=True):
        start_q = np.zeros_like(r)
        rest = (1 - phi) * p_i
        for q_j, end_q in zip(q, cdf_q, strict=True):
            upper = np.minimum(end_p, end_q) - np.maximum(start_p, start_q)
            joint_entropy += _information(phi * np.maximum(upper, 0) + rest * q_j)
            start_q = end_q
        start_p = end_p
    entropies = _information(p).sum(axis=0) + _information(q).sum(axis=0)
    shared = np.maximum(entropies - joint_entropy, 0)
    return 2 * shared / np.where(entropies > 0, entropies, 1)


def _information(p):
    """-p ln p, 0 at 0; the unit cancels in the ratio."""
    return -p * np.log(np.maximum(p, 1e-300))


def _correlation(p, q):
    p, q = p - p.mean(axis=0), q - q.mean(axis=0)
    scale = np.sqrt((p * p).sum(axis=0) * (q * q).sum(axis=0))
    return (p * q).sum(axis=0) / np.where(scale > 0, scale, 1)


def _frechet_correlation(p, q, cdf_p, cdf_q):
    """Correlation of two positions with distributions p and q and joint cdf min(P, Q)."""
    covariance = sum(np.minimum(row, cdf_q).sum(axis=0) for row in cdf_p)
    covariance -= cdf_p.sum(axis=0) * cdf_q.sum(axis=0)  # Hoeffding: sum of min(P, Q) - P Q
    positions = np.arange(len(p))[:, None]
    variances = [(positions**2 * x).sum(axis=0) - (positions * x).sum(axis=0) ** 2 for x in (p, q)]
    return covariance / np.sqrt(np.maximum(variances[0] * variances[1], 1e-300))

"""Metrics of grey-value statistics: contrast, correlation, squared difference.

Shared by all: images are (H, W) luma in 0..255, uint8 or float, computed in float64.
SD is of the fused image alone, after which metrics are given the sources.
"""

import numpy as np


def standard_deviation(fused: np.ndarray, *_: np.ndarray, saturated: bool = False) -> float:
    """SD, the contrast of the fused image; higher is better, 0..127.5 grey levels.

    ``SD = sqrt(mean((F - mean F)^2))``. A constant image has 0.

    Args:
        saturated: as MATLAB's uint8 arithmetic has it, which rounds ``F - mean F`` and saturates
            it at 0 and its square at 255. Tables with an SD of 8 to 10 are of this kind.

    Source: Y.-J. Rao, In-fibre Bragg grating sensors, Meas. Sci. Technol. 8, 1997, which the
    fusion surveys cite for it.
    """
    if not saturated:
        return float(np.std(fused, dtype=np.float64))
    above = np.floor(np.maximum(fused - fused.mean(dtype=np.float64), 0) + 0.5)
    return float(np.sqrt(np.minimum(above**2, 255).mean()))


def correlation_coefficient(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """CC, mean Pearson correlation with the sources; higher is better, -1..1.

    ``CC = (r(V, F) + r(IR, F)) / 2``. NaN if one of the images is constant.

    Source: M. Deshmukh, U. Bhosale, Image fusion and image quality assessment of fused images,
    Int. J. Image Processing 4, 2010.
    """
    return (_correlation(visible, fused) + _correlation(infrared, fused)) / 2


def sum_of_correlations_of_differences(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """SCD, what each source has added to the fused image; higher is better, -2..2.

    ``SCD = r(F - IR, V) + r(F - V, IR)``: the fused image less one source should resemble the
    other one. NaN if a source is constant or differs from the fused image by a constant.

    Source: V. Aslantas, E. Bendes, A new image quality metric for image fusion: the sum of the
    correlations of differences, AEU Int. J. Electron. Commun. 69, 2015.
    """
    fused = fused.astype(np.float64)
    return _correlation(fused - infrared, visible) + _correlation(fused - visible, infrared)


def mean_squared_error(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """MSE, mean squared difference to the sources; lower is better, 0..1.

    ``MSE = (mean((F - V)^2) + mean((F - IR)^2)) / 2``, grey values divided by 255 as the field's
    tables have it.
    """
    fused = fused.astype(np.float64)
    differences = [np.mean((fused - source) ** 2) for source in (visible, infrared)]
    return float(np.mean(differences)) / 255**2


def peak_signal_to_noise_ratio(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray, peak: float = 1.0
) -> float:
    """PSNR, squared peak over MSE in dB; higher is better, from 0 dB, infinite if all are equal.

    ``PSNR = 10 log10(peak^2 / MSE)`` with the MSE over both sources (not the mean of two PSNR).

    Args:
        peak: 1, as the MSE is that of images in 0..1. Scripts that mix it with a peak of 255 add
            20 log10(255) = 48.13 dB. Tables with a PSNR around 60 are of this kind.
    """
    mse = mean_squared_error(fused, visible, infrared)
    return float(10 * np.log10(peak**2 / mse)) if mse > 0 else np.inf


def _correlation(x, y):
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    return float(np.corrcoef(np.ravel(x), np.ravel(y))[0, 1])

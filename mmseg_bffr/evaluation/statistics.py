"""Metrics of grey-value statistics: contrast, correlation, squared difference.

Shared by all: images are (H, W) luma in 0..255, uint8 or float, computed in float64.
"""

import numpy as np


def standard_deviation(
    fused: np.ndarray, visible: np.ndarray | None = None, infrared: np.ndarray | None = None
) -> float:
    """SD, the contrast of the fused image; higher is better, 0..127.5 grey levels.

    ``SD = sqrt(mean((F - mean F)^2))``. A constant image has 0.

    Values of 8 to 10 in published tables are not standard deviations; MATLAB's uint8 arithmetic,
    which saturates ``F - mean F`` at 0 and its square at 255, gives such values.

    Source: Y.-J. Rao, In-fibre Bragg grating sensors, Meas. Sci. Technol. 8, 1997, which the
    fusion surveys cite for it.
    """
    return float(np.std(fused, dtype=np.float64))


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
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray, mixed_peak: bool = False
) -> float:
    """PSNR, squared peak over MSE in dB; higher is better, from 0 dB, infinite if all are equal.

    ``PSNR = 10 log10(peak^2 / MSE)`` with the MSE over both sources (not the mean of two PSNR).

    Args:
        fused, visible, infrared: (H, W) luma in 0..255.
        mixed_peak: take the MSE of images in 0..1 but a peak of 255, as some scripts do; adds
            20 log10(255) = 48.13 dB. Tables with a PSNR around 60 are of this kind.
    """
    mse = mean_squared_error(fused, visible, infrared)
    if mse == 0:
        return np.inf
    return float(-10 * np.log10(mse)) + (20 * np.log10(255) if mixed_peak else 0)


def _correlation(x, y):
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    return float(np.corrcoef(np.ravel(x), np.ravel(y))[0, 1])

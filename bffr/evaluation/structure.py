"""Metrics of structural similarity to the sources, computed by `piq` in float32.

Shared by all: images are (H, W) luma in 0..255, uint8 or float. piq is imported by the functions
that use it, as it imports torchvision's models, which nothing else here needs.
"""

import numpy as np
import torch


def structural_similarity(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """SSIM, mean structural similarity to the sources; higher is better, -1..1.

    ``SSIM = (SSIM(V, F) + SSIM(IR, F)) / 2``, Gaussian window 11 x 11, sigma 1.5, K1 = 0.01,
    K2 = 0.03, at full resolution (no down-sampling), mean over the pixels with a whole window.
    Constant images are defined. NaN for images smaller than the window.

    Scripts in circulation give the sum (up to 2) instead of the mean.

    Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, Image quality assessment: from error
    visibility to structural similarity, IEEE Trans. Image Processing 13, 2004.
    """
    if min(fused.shape) < 11:
        return np.nan
    import piq

    fused, visible, infrared = map(_tensor, (fused, visible, infrared))
    similarities = [piq.ssim(fused, source, downsample=False) for source in (visible, infrared)]
    return float(sum(similarities)) / 2


def multi_scale_structural_similarity(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """MS-SSIM, mean multi-scale structural similarity to the sources; higher is better, 0..1.

    ``(MS-SSIM(V, F) + MS-SSIM(IR, F)) / 2`` over five scales with the weights of the source;
    negative contrast terms count as 0. NaN for images with a side below 161 pixels, on which the
    fifth scale has no window.

    Source: Z. Wang, E. Simoncelli, A. Bovik, Multiscale structural similarity for image quality
    assessment, Asilomar Conf. 2003.
    """
    if min(fused.shape) < 161:
        return np.nan
    import piq

    fused, visible, infrared = map(_tensor, (fused, visible, infrared))
    similarities = [piq.multi_scale_ssim(fused, source) for source in (visible, infrared)]
    return float(sum(similarities)) / 2


def visual_information_fidelity(
    fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray
) -> float:
    """VIF, visual information of the sources kept in the fused image; higher is better, from 0.

    ``VIF = VIFp(V, F) + VIFp(IR, F)``, pixel domain, four scales, noise variance 2, the *source*
    as reference and the fused image as the distorted one. Each term is 1 for a copy, and above 1
    where the fused image has more contrast. NaN if a source is constant, or a side is below 41
    pixels, on which the fourth scale has no window.

    Source: H. R. Sheikh, A. C. Bovik, Image information and visual quality, IEEE Trans. Image
    Processing 15, 2006; for fusion: Y. Han et al., Information Fusion 14, 2013.
    """
    if min(fused.shape) < 41 or np.ptp(visible) == 0 or np.ptp(infrared) == 0:
        return np.nan
    import piq

    fused, visible, infrared = map(_tensor, (fused, visible, infrared))
    return float(sum(piq.vif_p(fused, source) for source in (visible, infrared)))


def _tensor(image):
    """(H, W) in 0..255 -> (1, 1, H, W) in 0..1."""
    return torch.as_tensor(image, dtype=torch.float32)[None, None].div(255).clamp(0, 1)

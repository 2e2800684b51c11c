"""Named protocols: which metrics a community's tables show, and as what they are computed."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from bffr.errors import InputError
from bffr.images.image_io import to_grey

from . import cddfuse, ivif_zoo, liu, tang, vifb
from .edges import edge_preservation, fusion_artifacts
from .feature_information import feature_mutual_information
from .information import cross_entropy, entropy, mutual_information, normalized_mutual_information
from .perception import chen_blum, chen_varshney
from .sharpness import average_gradient, edge_intensity, spatial_frequency
from .statistics import (
    correlation_coefficient,
    mean_squared_error,
    peak_signal_to_noise_ratio,
    standard_deviation,
    sum_of_correlations_of_differences,
)
from .structure import (
    multi_scale_structural_similarity,
    structural_similarity,
    visual_information_fidelity,
)

LOWER_IS_BETTER = frozenset({'MSE', 'RMSE', 'Nabf', 'CE', 'Qcv'})

PROTOCOLS: dict[str, dict[str, vifb.Metric]] = {
    'project': {
        'EN': entropy,
        'SD': standard_deviation,
        'SF': spatial_frequency,
        'AG': average_gradient,
        'MI': mutual_information,
        'NMI': normalized_mutual_information,
        'CC': correlation_coefficient,
        'SCD': sum_of_correlations_of_differences,
        'PSNR': peak_signal_to_noise_ratio,
        'MSE': mean_squared_error,
        'SSIM': structural_similarity,
        'MS-SSIM': multi_scale_structural_similarity,
        'VIF': visual_information_fidelity,
        'Qabf': edge_preservation,
        'Nabf': fusion_artifacts,
        'FMI': feature_mutual_information,
        'CE': cross_entropy,
        'Qcb': chen_blum,
        'Qcv': chen_varshney,
    },
    'tang-2022': {
        'EN': entropy,
        'SD': partial(standard_deviation, saturated=True),
        'SF': partial(spatial_frequency, peak=1),
        'AG': average_gradient,
        'CC': correlation_coefficient,
        'SCD': sum_of_correlations_of_differences,
        'PSNR': partial(peak_signal_to_noise_ratio, peak=255),
        'MSE': mean_squared_error,
        'Qabf': partial(edge_preservation, script_white=1),
    },
    'tang-2023': {
        'EN': entropy,
        'SD': standard_deviation,
        'SF': spatial_frequency,
        'AG': average_gradient,
        'MI': tang.mutual_information,
        'CC': correlation_coefficient,
        'SCD': sum_of_correlations_of_differences,
        'PSNR': partial(peak_signal_to_noise_ratio, peak=255),
        'MSE': mean_squared_error,
        'SSIM': structural_similarity,
        'VIF': visual_information_fidelity,
        'Qabf': partial(edge_preservation, script_white=255),
        'Nabf': tang.fusion_artifacts,
    },
    'cddfuse': {
        'EN': entropy,
        'SD': standard_deviation,
        'SF': spatial_frequency,
        'AG': partial(average_gradient, per_pixel=True),
        'MI': vifb.mutual_information,
        'SCD': sum_of_correlations_of_differences,
        'VIF': visual_information_fidelity,
        'Qabf': partial(edge_preservation, script_white=255),
        'SSIM': cddfuse.structural_similarity,
    },
    'ivif-zoo': {
        'EN': entropy,
        'MI': mutual_information,
        'SF': spatial_frequency,
        'AG': partial(average_gradient, per_pixel=True),
        'SD': standard_deviation,
        'CC': correlation_coefficient,
        'SCD': sum_of_correlations_of_differences,
        'VIF': ivif_zoo.visual_information_fidelity,
        'MSE': mean_squared_error,
        'PSNR': partial(peak_signal_to_noise_ratio, peak=255),
        'Qabf': partial(edge_preservation, script_white=255),
        'Nabf': partial(fusion_artifacts, faint=0),
        'SSIM': ivif_zoo.structural_similarity,
        'MS-SSIM': ivif_zoo.multi_scale_structural_similarity,
    },
    'liu': {
        'Q_MI': vifb.of_stretched(normalized_mutual_information),
        'Q_TE': vifb.of_stretched(liu.tsallis_information),
        'Q_NCIE': vifb.of_stretched(liu.nonlinear_correlation),
        'Q_G': liu.edge_preservation,
        'Q_S': liu.salient_similarity,
        'Q_C': liu.covariant_similarity,
        'Q_Y': liu.similarity_of_sources,
        'Qcv': vifb.of_stretched(partial(chen_varshney, zero_padding=True)),
        'Qcb': vifb.of_stretched(partial(chen_blum, zero_padding=True)),
    },
    'vifb': {
        'EN': vifb.of_each_channel(entropy),
        'SD': vifb.of_each_channel(standard_deviation),
        'SF': vifb.spatial_frequency,
        'AG': vifb.of_each_channel(average_gradient),
        'EI': vifb.of_each_channel(edge_intensity),
        'MI': vifb.of_each_channel(vifb.of_stretched(vifb.mutual_information)),
        'PSNR': vifb.of_each_channel(vifb.peak_signal_to_noise_ratio),
        'RMSE': vifb.of_each_channel(vifb.root_mean_squared_error),
        'SSIM': vifb.of_each_channel(vifb.structural_similarity),
        'Qabf': vifb.of_each_channel(partial(edge_preservation, script_white=255)),
        'CE': vifb.of_each_channel(cross_entropy),
        'Qcb': vifb.of_each_channel(vifb.of_stretched(partial(chen_blum, zero_padding=True))),
        'Qcv': vifb.of_each_channel(vifb.of_stretched(partial(chen_varshney, zero_padding=True))),
    },
}
"""Protocol -> metric -> ``function(fused, visible, infrared) -> float`` of images (H, W) in 0..255,
NaN or infinite where the metric is not defined for them.
"""
PROTOCOLS['tang'] = PROTOCOLS['tang-2022']  # its name while it was the only one

COLOUR_PROTOCOLS = frozenset({'vifb'})
"""Those that look at colours, whose functions also take (H, W, 3) BGR."""


def select_metrics(names: Iterable[str] | None = None, protocol: str = 'project') -> list[str]:
    """Return `names`, by default those of all metrics of a protocol.

    Raises:
        InputError: There is no metric, or no protocol, of that name.
    """
    if protocol not in PROTOCOLS:
        raise InputError(f'no protocol is called {protocol}; choose from {", ".join(PROTOCOLS)}.')
    known = PROTOCOLS[protocol]
    names = list(known if names is None else names)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f'no metric is called {", ".join(unknown)}; choose from {", ".join(known)} '
            f'(protocol {protocol}).'
        )
    return names


def evaluate_images(
    fused: np.ndarray,
    vis: np.ndarray,
    ir: np.ndarray,
    metrics: Iterable[str] | None = None,
    protocol: str = 'project',
) -> dict[str, float]:
    """Compute metrics of one fused image.

    Args:
        fused, vis, ir: Luma (H, W) or BGR (H, W, 3) in 0..255, uint8 or float, all of one height
            and width. Of BGR, protocols that do not look at colours take the BT.601 luma.
        metrics: Names of metrics of the protocol; all by default.
        protocol: Name in `PROTOCOLS`.

    Returns:
        Metric name -> value; NaN or infinite where the metric is not defined for these images.

    Raises:
        InputError: A metric or the protocol is unknown, an image is missing or empty or holds
            values out of range, or the sizes differ.
    """
    names = select_metrics(metrics, protocol)
    images = {'fused': fused, 'vis': vis, 'ir': ir}
    for name, image in images.items():
        if image is None or not np.size(image):
            raise InputError(f'{name}: is {"None" if image is None else "empty"}; give an image.')
        if not (image.min() >= 0 and image.max() <= 255):
            raise InputError(f'{name}: holds values other than 0..255, or NaN.')
    shapes = [image.shape for image in images.values()]
    known = all(shape[2:] in ((), (3,)) for shape in shapes)
    if not known or len({shape[:2] for shape in shapes}) > 1 or min(shapes[0][:2]) < 3:
        raise InputError(
            f'fused, vis and ir are {shapes[0]}, {shapes[1]} and {shapes[2]}; give images (H, W) '
            f'or (H, W, 3) of one size, at least 3 x 3.'
        )
    seen = images.values() if protocol in COLOUR_PROTOCOLS else map(_luma, images.values())
    fused, vis, ir = seen
    return {name: PROTOCOLS[protocol][name](fused, vis, ir) for name in names}


def _luma(image: np.ndarray) -> np.ndarray:
    if image.ndim == 2:
        return image
    return to_grey(image if image.dtype == np.uint8 else image.astype(np.float32))

"""Named protocols: which metrics a community's tables show, and as what they are computed."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from bffr.errors import InputError

from . import vifb
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
    'tang': {
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

COLOUR_PROTOCOLS = frozenset({'vifb'})
"""Those whose functions also take (H, W, 3) BGR."""


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
    visible: np.ndarray,
    infrared: np.ndarray,
    metrics: Iterable[str] | None = None,
    protocol: str = 'project',
) -> dict[str, float]:
    """Compute metrics of one fused image.

    Args:
        fused, visible, infrared: (H, W) luma in 0..255, uint8 or float; where the protocol looks at
            colours, (H, W, 3) BGR as well.
        metrics: Names of metrics of the protocol; all by default.
        protocol: Name in `PROTOCOLS`.

    Returns:
        Metric name -> value; NaN or infinite where the metric is not defined for these images.

    Raises:
        InputError: A metric or the protocol is unknown, sizes differ, or values are out of range.
    """
    names = select_metrics(metrics, protocol)
    if not all(image.min() >= 0 and image.max() <= 255 for image in (fused, visible, infrared)):
        raise InputError('fused, visible and infrared hold values other than 0..255, or NaN.')
    shapes = [image.shape for image in (fused, visible, infrared)]
    colour = protocol in COLOUR_PROTOCOLS
    of_one_size = len({shape[:2] for shape in shapes}) == 1 and min(shapes[0][:2]) >= 3
    if not of_one_size or any(len(shape) != 2 for shape in shapes) and not colour:
        raise InputError(
            f'fused, visible and infrared are {shapes[0]}, {shapes[1]} and {shapes[2]}; '
            'give luma images (H, W) of one size, at least 3 x 3.'
        )
    return {name: PROTOCOLS[protocol][name](fused, visible, infrared) for name in names}

"""The one list of metrics: name, function, direction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np

from mmseg_bffr.errors import InputError

from .edges import edge_preservation, fusion_artifacts
from .feature_information import feature_mutual_information
from .information import (
    cross_entropy,
    entropy,
    mutual_information,
    normalized_mutual_information,
)
from .perception import chen_blum, chen_varshney
from .sharpness import average_gradient, spatial_frequency
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


@dataclass(frozen=True)
class Metric:
    """A fusion metric.

    Args:
        name: As in tables.
        function: ``function(fused, visible, infrared) -> float`` on (H, W) luma in 0..255; NaN
            or infinite where the metric is not defined for the images.
        better: ``'higher'`` or ``'lower'``.
        published: Options of `function` with which the scripts behind most published tables
            compute it, where that is not the default.
    """

    name: str
    function: Callable[..., float]
    better: str
    published: dict = field(default_factory=dict)

    def __call__(self, fused, visible, infrared, published: bool = False) -> float:
        """Return the value, in the published convention if `published`."""
        return self.function(fused, visible, infrared, **(self.published if published else {}))


_TOOLBOX = {'stretch': True, 'border': cv2.BORDER_CONSTANT}

FUSION_METRICS = {
    metric.name: metric
    for metric in (
        Metric('EN', entropy, 'higher'),
        Metric('SD', standard_deviation, 'higher'),
        Metric('SF', spatial_frequency, 'higher', {'peak': 1}),
        Metric('AG', average_gradient, 'higher'),
        Metric('MI', mutual_information, 'higher', {'saturated': True}),
        Metric('NMI', normalized_mutual_information, 'higher'),
        Metric('CC', correlation_coefficient, 'higher'),
        Metric('SCD', sum_of_correlations_of_differences, 'higher'),
        Metric('PSNR', peak_signal_to_noise_ratio, 'higher', {'mixed_peak': True}),
        Metric('MSE', mean_squared_error, 'lower'),
        Metric('SSIM', structural_similarity, 'higher'),
        Metric('MS-SSIM', multi_scale_structural_similarity, 'higher'),
        Metric('VIF', visual_information_fidelity, 'higher'),
        Metric('Qabf', edge_preservation, 'higher'),
        Metric('Nabf', fusion_artifacts, 'lower'),
        Metric('FMI', feature_mutual_information, 'higher'),
        Metric('CE', cross_entropy, 'lower'),
        Metric('Qcb', chen_blum, 'higher', _TOOLBOX),
        Metric('Qcv', chen_varshney, 'lower', _TOOLBOX),
    )
}


def select_metrics(names: Iterable[str] | None = None) -> list[Metric]:
    """Return the metrics called `names`, all by default.

    Raises:
        InputError: There is no metric of that name.
    """
    names = list(FUSION_METRICS if names is None else names)
    unknown = [name for name in names if name not in FUSION_METRICS]
    if unknown:
        raise InputError(
            f'no metric is called {", ".join(unknown)}; choose from {", ".join(FUSION_METRICS)}.'
        )
    return [FUSION_METRICS[name] for name in names]


def evaluate_images(
    fused: np.ndarray,
    visible: np.ndarray,
    infrared: np.ndarray,
    metrics: Iterable[str] | None = None,
    published: bool = False,
) -> dict[str, float]:
    """Compute metrics of one fused image.

    Args:
        fused, visible, infrared: (H, W) luma in 0..255, uint8 or float.
        metrics: Names in `FUSION_METRICS`; all by default.
        published: Use the conventions of the published tables where they differ.

    Returns:
        Metric name -> value; NaN or infinite where the metric is not defined for these images.

    Raises:
        InputError: A metric is unknown or the sizes differ.
    """
    shape = fused.shape
    if not shape == visible.shape == infrared.shape or len(shape) != 2 or min(shape) < 3:
        raise InputError(
            f'fused, visible and infrared are {shape}, {visible.shape} and {infrared.shape}; '
            'give luma images (H, W) of one size, at least 3 x 3.'
        )
    return {m.name: m(fused, visible, infrared, published) for m in select_metrics(metrics)}

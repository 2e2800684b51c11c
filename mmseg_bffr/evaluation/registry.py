"""The one list of metrics: name, function, direction, range."""

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
        range: Possible values and their unit.
        published: Options of `function` with which the scripts behind most published tables
            compute it, where that is not the default.
    """

    name: str
    function: Callable[..., float]
    better: str
    range: str
    published: dict = field(default_factory=dict)

    def __call__(self, fused, visible, infrared, published: bool = False) -> float:
        """Return the value, in the published convention if `published`."""
        return self.function(fused, visible, infrared, **(self.published if published else {}))


_TOOLBOX = {'stretch': True, 'border': cv2.BORDER_CONSTANT}

METRICS = {
    metric.name: metric
    for metric in (
        Metric('EN', entropy, 'higher', '0..8 bit'),
        Metric('SD', standard_deviation, 'higher', '0..127.5 grey levels'),
        Metric('SF', spatial_frequency, 'higher', '0.. grey levels', {'peak': 1}),
        Metric('AG', average_gradient, 'higher', '0.. grey levels a pixel'),
        Metric('MI', mutual_information, 'higher', '0..16 bit', {'saturated': True}),
        Metric('NMI', normalized_mutual_information, 'higher', '0..2'),
        Metric('CC', correlation_coefficient, 'higher', '-1..1'),
        Metric('SCD', sum_of_correlations_of_differences, 'higher', '-2..2'),
        Metric('PSNR', peak_signal_to_noise_ratio, 'higher', '0.. dB', {'mixed_peak': True}),
        Metric('MSE', mean_squared_error, 'lower', '0..1'),
        Metric('SSIM', structural_similarity, 'higher', '-1..1'),
        Metric('MS-SSIM', multi_scale_structural_similarity, 'higher', '0..1'),
        Metric('VIF', visual_information_fidelity, 'higher', '0..'),
        Metric('Qabf', edge_preservation, 'higher', '0..1'),
        Metric('Nabf', fusion_artifacts, 'lower', '0..1'),
        Metric('FMI', feature_mutual_information, 'higher', '0..1'),
        Metric('CE', cross_entropy, 'lower', 'bit'),
        Metric('Qcb', chen_blum, 'higher', '0..1', _TOOLBOX),
        Metric('Qcv', chen_varshney, 'lower', '0.. squared grey levels', _TOOLBOX),
    )
}


def select_metrics(names: Iterable[str] | None = None) -> list[Metric]:
    """Return the metrics called `names`, all by default.

    Raises:
        InputError: There is no metric of that name.
    """
    names = list(METRICS if names is None else names)
    unknown = [name for name in names if name not in METRICS]
    if unknown:
        raise InputError(
            f'no metric is called {", ".join(unknown)}; choose from {", ".join(METRICS)}.'
        )
    return [METRICS[name] for name in names]


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
        metrics: Names in `METRICS`; all by default.
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

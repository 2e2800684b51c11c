"""What the toolbox Evaluation-for-Image-Fusion of L. Tang et al. computes in its own way.

Shared by all: images are (H, W) in 0..255, uint8 or float.
"""

import numpy as np

from . import edges, information


def mutual_information(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """MI in bit, levels 254 and 255 as one: MATLAB's `uint8 + 1`, an index, saturates."""
    images = (np.minimum(image, 254) for image in (fused, visible, infrared))
    return information.mutual_information(*images)


def fusion_artifacts(fused: np.ndarray, visible: np.ndarray, infrared: np.ndarray) -> float:
    """Nabf with its arguments exchanged, as the code of March 2023 gives them.

    The infrared image stands where the fused one belongs: edges of it that are stronger than those
    of the visible and of the fused image.
    """
    return edges.fusion_artifacts(infrared, visible, fused)

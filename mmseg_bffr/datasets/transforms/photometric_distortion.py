"""Photometric distortion of a pair, drawn for each modality on its own."""

import numpy as np
from mmseg.datasets.transforms import PhotoMetricDistortion
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class PairPhotoMetricDistortion(PhotoMetricDistortion):
    """mmsegmentation's `PhotoMetricDistortion`, independently for visible and infrared.

    Brightness and contrast are drawn for each of the two; saturation and hue concern the visible
    image only. Each happens with probability 0.5.

    Modified keys: `img`, uint8 (H, W, 4).
    """

    def transform(self, results: dict) -> dict:
        """Distort `img`, see the class."""
        visible = np.ascontiguousarray(results['img'][..., :3])
        infrared = results['img'][..., 3]
        visible = super().transform({'img': visible})['img']
        infrared = self.contrast(self.brightness(infrared))
        results['img'] = np.dstack([visible, infrared])
        return results

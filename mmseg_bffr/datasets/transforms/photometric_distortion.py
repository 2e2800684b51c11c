"""Photometric distortion of a pair, drawn for each modality on its own."""

import cv2
from mmseg.datasets.transforms import PhotoMetricDistortion
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class PairPhotoMetricDistortion(PhotoMetricDistortion):
    """mmsegmentation's `PhotoMetricDistortion`, independently for visible and infrared.

    Brightness and contrast are drawn for each of the two; saturation and hue concern the visible
    image only. Each happens with probability 0.5.

    Modified keys: `img`, uint8 (H, W, 4), or (H, W, 3) of one modality, which is distorted as
    mmsegmentation does.
    """

    def transform(self, results: dict) -> dict:
        """Distort `img`, see the class."""
        if results['img'].shape[2] == 3:
            return super().transform(results)
        visible = cv2.cvtColor(results['img'], cv2.COLOR_BGRA2BGR)
        infrared = cv2.extractChannel(results['img'], 3)
        visible = super().transform({'img': visible})['img']
        infrared = self.contrast(self.brightness(infrared))
        results['img'] = cv2.merge([visible, infrared])
        return results

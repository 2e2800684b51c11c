"""Augmentation that knows of the two modalities."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
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


@TRANSFORMS.register_module()
class RandomMisalignment(BaseTransform):
    """Shift and turn the infrared channel a little: real rigs are not quite aligned.

    Shift and turn are drawn evenly, both ways; the turn is about the middle. Labels and visible
    image stay, border pixels are repeated.

    Modified keys: `img`, uint8 (H, W, 4): B, G, R, infrared.

    Args:
        shift: Largest shift in each direction, in pixels of `img` as it is at this step.
        degrees: Largest turn.
        prob: Of a sample to be misaligned.
    """

    def __init__(self, shift: float, degrees: float = 0.0, prob: float = 0.5):
        self.shift, self.degrees, self.prob = shift, degrees, prob

    def transform(self, results: dict) -> dict:
        """Misalign `img`, see the class."""
        if np.random.rand() < self.prob:
            image = results['img']
            height, width = image.shape[:2]
            degrees = np.random.uniform(-self.degrees, self.degrees)
            matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
            matrix[:, 2] += np.random.uniform(-self.shift, self.shift, 2)
            infrared = cv2.extractChannel(image, 3)
            infrared = cv2.warpAffine(
                infrared, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
            )
            results['img'] = cv2.insertChannel(infrared, image.copy(), 3)
        return results

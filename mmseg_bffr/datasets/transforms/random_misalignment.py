"""Infrared that is not quite aligned, as that of real rigs."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomMisalignment(BaseTransform):
    """Shift and turn the infrared channel a little, so that training learns to bear it.

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

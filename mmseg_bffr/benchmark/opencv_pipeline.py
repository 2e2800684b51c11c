"""The training pipeline as one writes it with plain OpenCV, two colour images side by side.

The yardstick for the data pipeline: what the 2022 implementation did (mmcv-full 1.x), in direct
calls: both images decoded to three channels, each resized, cropped, mirrored, distorted in
float32 and HSV, divided by 255 and transposed.
"""

import random
from collections.abc import Mapping

import cv2
import numpy as np
import torch

SCALE, CROP, LARGEST_SHARE = (640, 480), (240, 320), 0.75


def opencv_sample(files: Mapping[str, str]) -> tuple[torch.Tensor, ...]:
    """A training sample of MFNet's recipe.

    Args:
        files: Paths `img_path`, `ir_path`, `seg_map_path`.

    Returns:
        tuple: Visible and infrared, float32 (3, 240, 320) in [0, 1], and labels, int64 (240, 320).
    """
    images = [cv2.imread(files[key], cv2.IMREAD_COLOR) for key in ('img_path', 'ir_path')]
    labels = cv2.imread(files['seg_map_path'], cv2.IMREAD_UNCHANGED)

    ratio = random.uniform(0.5, 2.0)
    scale = min(ratio * max(SCALE) / max(labels.shape), ratio * min(SCALE) / min(labels.shape))
    size = tuple(int(side * scale + 0.5) for side in labels.shape[::-1])
    images = [cv2.resize(image, size, interpolation=cv2.INTER_LINEAR) for image in images]
    labels = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST)

    for _ in range(10):
        top, left = (
            random.randint(0, max(side - crop, 0))
            for side, crop in zip(labels.shape, CROP, strict=True)
        )
        window = slice(top, top + CROP[0]), slice(left, left + CROP[1])
        values, counts = np.unique(labels[window], return_counts=True)
        counts = counts[values != 255]
        if len(counts) > 1 and counts.max() / counts.sum() < LARGEST_SHARE:
            break
    images, labels = [image[window] for image in images], labels[window]

    if random.random() < 0.5:
        images, labels = [cv2.flip(image, 1) for image in images], cv2.flip(labels, 1)

    images = [_distort(image) for image in images]
    missing = [crop - side for crop, side in zip(CROP, labels.shape, strict=True)]
    border = (0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT)
    images = [cv2.copyMakeBorder(image, *border, value=0) for image in images]
    labels = cv2.copyMakeBorder(labels, *border, value=255)
    images = [image.astype(np.float32) / 255 for image in images]
    images = [torch.from_numpy(np.ascontiguousarray(x.transpose(2, 0, 1))) for x in images]
    return *images, torch.from_numpy(labels.astype(np.int64))


def _distort(image: np.ndarray) -> np.ndarray:
    def chance():
        return random.random() < 0.5

    def linear(image, factor=1.0, offset=0.0):
        return np.clip(image.astype(np.float32) * factor + offset, 0, 255).astype(np.uint8)

    if chance():
        image = linear(image, offset=random.uniform(-32, 32))
    contrast_first, contrast = chance(), chance()
    if contrast and contrast_first:
        image = linear(image, random.uniform(0.5, 1.5))
    if chance():
        image = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        image[..., 1] = linear(image[..., 1], random.uniform(0.5, 1.5))
        image = cv2.cvtColor(image, cv2.COLOR_HSV2BGR)
    if chance():
        image = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        image[..., 0] = (image[..., 0].astype(int) + random.randint(-18, 17)) % 180
        image = cv2.cvtColor(image, cv2.COLOR_HSV2BGR)
    if contrast and not contrast_first:
        image = linear(image, random.uniform(0.5, 1.5))
    return image

"""Boxes around the objects of some classes, found in label maps."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mmseg_bffr.datasets.mfnet import MFNetDataset
from mmseg_bffr.errors import InputError

_SMALLEST = 1 / 2000  # of the image's pixels
_MARGIN = 0.01  # of the image's height, on each side


class Box(NamedTuple):
    """A rectangle around an object.

    `left`, `top`, `width` and `height` are fractions of the image's width and height, so that it
    fits copies of the image of any size. `colour` is (R, G, B) in 0..1.
    """

    name: str
    colour: tuple[float, float, float]
    left: float
    top: float
    width: float
    height: float


def class_boxes(labels: np.ndarray, names: Sequence[str]) -> list[Box]:
    """Box the connected regions of some classes, with a small margin.

    Regions below 1/2000 of the image are left out. The colours are MFNet's at full brightness.

    Args:
        labels: Integers (H, W) in MFNet's numbers.
        names: Of MFNet's classes, `unlabeled` excepted.

    Raises:
        InputError: There is no such class.
    """
    metainfo = MFNetDataset.METAINFO
    known = metainfo['classes'][1:]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f'{", ".join(unknown)}: is no class to mark; choose from {", ".join(known)}.'
        )
    height, width = labels.shape
    margin = np.ceil(_MARGIN * height)
    boxes = []
    for name in names:
        number = metainfo['classes'].index(name)
        colour = np.array(metainfo['palette'][number])
        colour = tuple(map(float, colour / colour.max()))
        *_, regions, _ = cv2.connectedComponentsWithStats(np.uint8(labels == number))
        for x, y, w, h, area in regions[1:]:
            if area < _SMALLEST * labels.size:
                continue
            left, top = max(x - margin, 0) / width, max(y - margin, 0) / height
            right, bottom = min(x + w + margin, width) / width, min(y + h + margin, height) / height
            boxes.append(Box(name, colour, left, top, right - left, bottom - top))
    return boxes

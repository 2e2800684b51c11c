"""The difference of two images of one scene, which shows where one is brighter than the other."""

import os

import cv2
import numpy as np

from mmseg_bffr.datasets.image_io import read_visible
from mmseg_bffr.errors import InputError


def luma_difference(path: str | os.PathLike, minus: str | os.PathLike) -> np.ndarray:
    """BT.601 luma of `path` minus that of `minus`.

    Returns:
        np.ndarray: float32 (H, W) in -255..255.

    Raises:
        InputError: A file cannot be read or the sizes differ.
    """
    first, second = (
        cv2.cvtColor(read_visible(file).astype(np.float32), cv2.COLOR_BGR2GRAY)
        for file in (path, minus)
    )
    if first.shape != second.shape:
        raise InputError(
            f'{minus}: is {second.shape[1]}x{second.shape[0]}, but {path} is '
            f'{first.shape[1]}x{first.shape[0]}; a difference needs images of one size.'
        )
    return first - second

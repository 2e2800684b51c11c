"""Where results go, and the picture of a label map."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bffr.errors import InputError

MFNET = {
    'classes': (
        *('unlabeled', 'car', 'person', 'bike', 'curve'),
        *('car_stop', 'guardrail', 'color_cone', 'bump'),
    ),
    'palette': [
        *([0, 0, 0], [64, 0, 128], [64, 64, 0], [0, 128, 192], [0, 0, 192]),
        *([128, 128, 0], [64, 64, 128], [192, 128, 128], [192, 64, 0]),
    ],
}
"""MFNet's classes, in the order of labels, and R, G, B of each."""


def result_path(folder: str | os.PathLike, *sources: str | os.PathLike) -> Path:
    """Where the result of `sources` goes: `folder`/STEM.png, with the first source's stem.

    Raises:
        InputError: `folder` holds one of the sources; results never go among the inputs.
    """
    folder = Path(folder)
    for source in sources:
        if Path(source).parent.resolve() == folder.resolve():
            raise InputError(f'{folder}: holds input images; choose another folder for results.')
    return folder / f'{Path(sources[0]).stem}.png'


def colour_labels(labels: np.ndarray, palette: Sequence[Sequence[int]]) -> np.ndarray:
    """Paint a label map (H, W) in a palette of R, G, B; returns uint8 (H, W, 3), BGR.

    Labels beyond the palette (ignored pixels) become white.
    """
    white = [[255, 255, 255]]
    return np.array([*palette, *white], np.uint8)[np.minimum(labels, len(palette))][..., ::-1]

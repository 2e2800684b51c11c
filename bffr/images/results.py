"""Where results go, and the pictures of label maps and boxes."""

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
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

FLIP_SUFFIX = '_flip'
"""MFNet's train split lists each pair again, mirrored, under its name with this suffix."""


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


SHOWN = 0.5
"""Lowest score of a box that is drawn."""


def draw_boxes(
    image: np.ndarray,
    boxes: np.ndarray,
    scores: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    palette: Sequence[Sequence[int]],
) -> np.ndarray:
    """Draw boxes whose score is at least `SHOWN`, with class and score, the surest on top.

    Args:
        image: uint8 (H, W, 3), BGR.
        boxes: (K, 4), x1, y1, x2, y2, edges in pixels.
        scores, labels: (K,).
        classes, palette: Names, and R, G, B, by label.

    Returns:
        np.ndarray: uint8 (H, W, 3), BGR, another one.
    """
    drawn = image.copy()
    for number in np.argsort(scores):
        if scores[number] < SHOWN:
            continue
        colour = tuple(palette[labels[number]][::-1])
        left, top, right, bottom = np.round(boxes[number]).astype(int).tolist()
        cv2.rectangle(drawn, (left, top), (right - 1, bottom - 1), colour, 2)
        text = f'{classes[labels[number]]} {scores[number]:.2f}'
        place = left, top - 4 if top > 14 else bottom + 12
        for width, ink in ((3, (0, 0, 0)), (1, (255, 255, 255))):
            cv2.putText(drawn, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, ink, width, cv2.LINE_AA)
    return drawn

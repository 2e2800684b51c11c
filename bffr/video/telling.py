"""The frames of two videos that say most about how their cameras stand."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from bffr.images.thermal import InfraredScale
from bffr.rigs.edge_agreement import edges, resized

Frames = tuple[np.ndarray, np.ndarray]
"""Visible, uint8 (H, W, 3), BGR, and infrared (h, w), raw."""

_WIDTH, _SMALL = 320, 80  # to which images are reduced, to see how sharp and how alike they are
_SMOOTHING = 1  # standard deviation, in pixels, so that noise is no sharpness
_WEAK = 1 / 20  # of the strongest edges, below which a pair does not count
_ALIKE = 0.9  # correlation of edges, from which on frames say the same


@dataclass
class _Looked:
    frames: Frames
    strength: float
    edges: np.ndarray


def telling_frames(pairs: Iterable[Frames], most: int = 32) -> list[Frames]:
    """Choose pairs of frames that are spread in time, sharp, and unlike one another.

    Time is cut into pieces, at most so many and at least half of that, if there are frames enough.
    Of each the pair counts in which visible and infrared edges are strongest, and of pairs that
    look alike one; pairs that show next to nothing do not. Raw infrared is looked at as
    `InfraredScale` shows it.

    Returns:
        list: In order; at least one, if there is any.
    """
    pieces, length = [], 1
    for number, frames in enumerate(pairs):
        looked = _look(frames)
        if number % length == 0:
            pieces.append(looked)
        else:
            pieces[-1] = max(pieces[-1], looked, key=_strength)
        if len(pieces) > most:
            pieces = [max(pieces[at : at + 2], key=_strength) for at in range(0, len(pieces), 2)]
            length *= 2
    unlike = []
    for one in sorted(pieces, key=_strength, reverse=True):
        strong = not unlike or one.strength >= _WEAK * unlike[0].strength
        if strong and all(np.vdot(one.edges, other.edges).real < _ALIKE for other in unlike):
            unlike.append(one)
    return [one.frames for one in pieces if any(one is other for other in unlike)]


def _strength(looked: _Looked) -> float:
    return looked.strength


def _look(frames: Frames) -> _Looked:
    strength, parts = 1.0, []
    for image in (cv2.cvtColor(frames[0], cv2.COLOR_BGR2GRAY), InfraredScale()(frames[1])[0]):
        reduced = resized(image, min(1, _WIDTH / image.shape[1])).astype(np.float32)
        smooth = cv2.GaussianBlur(reduced, (0, 0), _SMOOTHING)
        strength *= np.hypot(*(cv2.Sobel(smooth, -1, *way) for way in ((1, 0), (0, 1)))).mean()
        small = edges(resized(image, min(1, _SMALL / image.shape[1]))).ravel()
        parts.append(small / max(np.linalg.norm(small), 1e-6))
    return _Looked(frames, float(strength), np.concatenate(parts) / np.sqrt(2))

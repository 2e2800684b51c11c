"""Reading two videos of one scene frame by frame."""

import math
import os
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.images.image_io import to_grey
from bffr.rigs.rig import Rig

VIDEO_SUFFIXES = ('.mp4', '.avi', '.mkv', '.mov', '.m4v', '.mpg', '.mpeg', '.webm', '.wmv')


def is_video(path: str | os.PathLike) -> bool:
    """Whether a file's name is that of a video."""
    return Path(path).suffix.lower() in VIDEO_SUFFIXES


def require_one_size(*sources) -> None:
    """Refuse two sources, each with `path` and `size`, (W, H), that differ in size.

    Raises:
        InputError: They do.
    """
    paths, sizes = zip(*((x.path, x.size) for x in sources), strict=True)
    if sizes[0] != sizes[1]:
        sizes = ' and '.join(f'{width}x{height}' for width, height in sizes)
        raise InputError(
            f'{", ".join(map(str, paths))}: have frames of {sizes} pixels; align them with '
            f'`bffr align` and give its file with --align.'
        )


class VideoPair:
    """Iterates over pairs of frames: visible uint8 (H, W, 3) BGR, infrared uint8 (H, W).

    Infrared frames in colour become BT.601 luma.

    Args:
        visible, infrared: Video files.
        align: Rig that they are of, which may then have frames of two sizes.

    Attributes:
        size: (W, H) of the fused frames.
        rate: Frames a second.
        count: Number of frames as the files say, which need not be true; 0 if they do not.

    Raises:
        InputError: A video cannot be read, or they differ in frame rate or frame count or,
            without `align`, in size.
    """

    def __init__(
        self, visible: str | os.PathLike, infrared: str | os.PathLike, align: Rig | None = None
    ):
        videos = self._visible, self._infrared = _Video(visible), _Video(infrared)
        if not align:
            require_one_size(*videos)
        same = 'give videos of one rate and length'
        if not math.isclose(self._visible.rate, self._infrared.rate, rel_tol=1e-4):
            self._refuse(f'have {videos[0].rate:g} and {videos[1].rate:g} frames a second; {same}')
        if 0 < self._visible.count != self._infrared.count > 0:
            self._refuse(f'have {videos[0].count} and {videos[1].count} frames; {same}')
        self.size, self.rate = align.kept_size if align else videos[0].size, videos[0].rate
        self.count = self._visible.count or self._infrared.count

    def infrared_samples(self, most: int = 32) -> Iterator[np.ndarray]:
        """Evenly spread infrared frames, uint8 (H, W), of a reader of their own."""
        step = math.ceil(self.count / most) or 25
        return (to_grey(x) for x in islice(_Video(self._infrared.path), 0, None, step))

    def _refuse(self, reason: str) -> None:
        raise InputError(f'{self._visible.path}, {self._infrared.path}: {reason}.')

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Read both to their ends.

        Raises:
            InputError: One ends before the other.
        """
        frames = zip_longest(self._visible, self._infrared)
        for number, (visible, infrared) in enumerate(frames):
            if visible is None or infrared is None:
                ended, other = self._visible.path, self._infrared.path
                if visible is not None:
                    ended, other = other, ended
                raise InputError(
                    f'{ended}: ends after {number} frames but {other} goes on; give videos of one '
                    f'length.'
                )
            yield visible, to_grey(infrared)


class _Video:
    """Iterates, once, over the frames of a video: uint8 (H, W, 3), BGR."""

    def __init__(self, path: str | os.PathLike):
        self.path = path
        if not Path(path).is_file():
            raise InputError(f'{path}: there is no such video.')
        self._capture = cv2.VideoCapture(os.path.abspath(path))  # 12:30.mp4 is no URL
        self._frame = self._capture.read()[1]
        self.rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.count = max(int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
        if self._frame is None or not self.rate > 0:
            raise InputError(
                f'{path}: is empty, damaged or in a format that OpenCV does not read; convert it '
                f'to .mp4 or .avi.'
            )
        self.size = self._frame.shape[1::-1]

    def __iter__(self) -> Iterator[np.ndarray]:
        while self._frame is not None:
            yield self._frame
            self._frame = self._capture.read()[1]
        self._capture.release()

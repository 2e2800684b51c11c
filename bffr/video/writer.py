"""Writing videos that are never half there."""

import math
import os
from pathlib import Path

import cv2
import numpy as np

from bffr.errors import InputError

CODECS = {'.mp4': 'mp4v', '.avi': 'MJPG'}
"""Suffix -> codec; both are in OpenCV's wheels and compress with losses."""


class VideoWriter:
    """A context that writes a video beside its place and renames it at the end.

    An exception within the context leaves what was there before. Missing folders are made.

    Args:
        path: `.mp4` (MPEG-4) or `.avi` (Motion JPEG).
        size: (W, H), both even, as the codecs ask for.
        rate: Frames a second; written to 4 digits at least.

    Raises:
        InputError: The suffix is unknown, the size is odd or the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike, size: tuple[int, int], rate: float):
        self.path, self.size, self.rate, self.frames = Path(path), size, rate, 0
        if self.path.suffix.lower() not in CODECS:
            raise InputError(f'{path}: videos are written as {" or ".join(CODECS)}; name it so.')
        if size[0] % 2 or size[1] % 2:
            raise InputError(
                f'{path}: video codecs need an even width and height, not {size[0]}x{size[1]}; '
                f'fuse the frames as folders of images instead.'
            )
        name = f'.{self.path.stem}.{os.getpid()}.partial{self.path.suffix}'
        self._partial = self.path.with_name(name)

    def __enter__(self) -> 'VideoWriter':
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._partial.touch()
        except OSError as error:
            raise InputError(f'{self.path}: cannot be written ({error.strerror}).') from None
        codec = CODECS[self.path.suffix.lower()]
        fourcc = cv2.VideoWriter_fourcc(*codec)
        # A rate is stored as a fraction, whose numerator has 16 bits in MPEG-4.
        rate = round(self.rate, int(math.log10(0xFFFF / self.rate)))
        self._writer = cv2.VideoWriter(os.path.abspath(self._partial), fourcc, rate, self.size)
        if not self._writer.isOpened():
            self._partial.unlink()
            raise InputError(
                f'{self.path}: OpenCV has no {codec} here; install its wheel from PyPI.'
            )
        return self

    def write(self, frame: np.ndarray) -> None:
        """Append a frame: uint8 (H, W, 3), BGR.

        Raises:
            InputError: The frame has not the video's size; OpenCV would drop it without a word.
        """
        width, height = frame.shape[1::-1]
        if (width, height) != self.size:
            raise InputError(
                f'{self.path}: frame {self.frames + 1} has {width}x{height} pixels, those before '
                f'it {self.size[0]}x{self.size[1]}; give videos of one size.'
            )
        self._writer.write(frame)
        self.frames += 1

    def __exit__(self, kind, *_) -> None:
        self._writer.release()
        try:
            if kind is None:
                self._require_whole()
                self._partial.replace(self.path)
        except OSError as error:
            raise InputError(f'{self.path}: cannot be written ({error.strerror}).') from None
        finally:
            self._partial.unlink(missing_ok=True)

    def _require_whole(self) -> None:
        """OpenCV does not report a full disk."""
        written = cv2.VideoCapture(os.path.abspath(self._partial)).get(cv2.CAP_PROP_FRAME_COUNT)
        if written < self.frames:
            raise InputError(f'{self.path}: could not be written whole; make room on the disk.')

"""Cameras and streams: what gives frames one after the other, now."""

import math
import os
from typing import Protocol

import cv2
import numpy as np

from bffr.video.reader import VideoReader, is_video

_RATE = 25.0  # of cameras that do not tell
_Y16 = cv2.VideoWriter.fourcc(*'Y16 ')


class Source(Protocol):
    """A camera or a stream; a new kind is a class with these members and a case of `open_source`.

    Attributes:
        name: What a user calls it.
        rate: Frames a second.
    """

    name: str
    rate: float

    def read(self) -> tuple[np.ndarray, float | None] | None:
        """Wait for the next frame.

        Returns:
            tuple: The image, uint8 (H, W, 3), BGR, or of infrared (H, W) of any depth, too; its
            time stamp in seconds of any clock, or None if it has none. None after the last frame.
        """

    def close(self) -> None:
        """Give the device or connection back."""


def is_live(source: str | os.PathLike) -> bool:
    """Whether a source is a camera (`0`, `/dev/video1`) or a URL, not a file or folder."""
    name = str(source)
    is_device = name.startswith('/dev/') and not name.startswith('/dev/shm/')  # a folder
    return name.isdecimal() or is_device or '://' in name


def kind_of(source: str | os.PathLike) -> str:
    """What a name is of: `live source`, `folder`, `video` or `image`."""
    if is_live(source):
        return 'live source'
    if os.path.isdir(source):
        return 'folder'
    return 'video' if is_video(source) else 'image'


def open_source(name: str | os.PathLike, infrared: bool = False) -> Source:
    """Open a number or device of a camera, or a URL; infrared ones give what they have, raw."""
    name = str(name)
    return Stream(name, infrared) if '://' in name else Camera(name, infrared)


class Stream:
    """A URL that FFmpeg opens, see `Source`."""

    def __init__(self, name: str, infrared: bool):
        self.name = name
        self._video = VideoReader(name, infrared)
        self.rate, self._frames = self._video.rate, iter(self._video)
        self._stamp_of = _Stamps(self.rate)

    def read(self) -> tuple[np.ndarray, float | None] | None:
        """The next frame, see `Source`."""
        frame = next(self._frames, None)
        return frame and (frame.image, self._stamp_of(frame.time))

    def close(self) -> None:
        """Give the connection back."""
        self._video.close()


class Camera:
    """A number or device that OpenCV opens, see `Source`."""

    def __init__(self, name: str, infrared: bool):
        self.name = name
        self._capture = cv2.VideoCapture(int(name) if name.isdecimal() else name)
        if infrared and int(self._capture.get(cv2.CAP_PROP_FOURCC)) == _Y16:
            self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)  # or OpenCV keeps 8 of 16 bits
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate < 1000 else _RATE
        self._stamp_of = _Stamps(self.rate)

    def read(self) -> tuple[np.ndarray, float | None] | None:
        """The next frame, see `Source`."""
        found, image = self._capture.read()
        if not found:
            return None
        return image, self._stamp_of(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)

    def close(self) -> None:
        """Give the device back."""
        self._capture.release()


class _Stamps:
    """A function from the time stamps of a source's frames to those that tell something, or None.

    One tells nothing that stands still, or is the number of the frame by the rate, as FFmpeg and
    OpenCV give it of streams without stamps.
    """

    def __init__(self, rate: float):
        self._rate, self._read, self._last = rate, 0, -math.inf

    def __call__(self, stamp: float) -> float | None:
        counted = math.isclose(stamp, self._read / self._rate, abs_tol=1e-4)
        last, self._last, self._read = self._last, stamp, self._read + 1
        return None if counted or stamp <= last else stamp

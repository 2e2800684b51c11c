"""Cameras and streams: what gives frames one after the other, now."""

import math
import os
from typing import Protocol

import cv2
import numpy as np

TIMEOUT = 10.0
"""Seconds after which OpenCV gives up opening a URL, or waiting for its next frame."""

_RATE = 25.0  # of sources that do not tell


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
            tuple: The image, uint8 (H, W, 3), BGR, or (H, W), and its time stamp in seconds of any
            clock, or None if it has none. None after the last frame.
        """

    def close(self) -> None:
        """Give the device or connection back."""


def is_live(source: str | os.PathLike) -> bool:
    """Whether a source is a camera (`0`, `/dev/video1`) or a URL, not a file or folder."""
    name = str(source)
    is_device = name.startswith('/dev/') and not name.startswith('/dev/shm/')  # a folder
    return name.isdecimal() or is_device or '://' in name


def open_source(name: str | os.PathLike) -> Source:
    """Open a number or device of a camera, or a URL."""
    return OpenCvSource(str(name))


class OpenCvSource:
    """A camera or stream that OpenCV opens, see `Source`."""

    def __init__(self, name: str):
        self.name = name
        if '://' in name:
            limit = int(1000 * TIMEOUT)
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
            self._capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG, limits)
        else:
            self._capture = cv2.VideoCapture(int(name) if name.isdecimal() else name)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate < 1000 else _RATE
        self._read, self._last = 0, -math.inf

    def read(self) -> tuple[np.ndarray, float | None] | None:
        """The next frame, see `Source`."""
        found, image = self._capture.read()
        if not found:
            return None
        stamp = self._stamp()
        self._read += 1
        return image, stamp

    def _stamp(self) -> float | None:
        """The frame's time stamp, in seconds; None if it tells nothing.

        That is one that stands still, or the number of the frame by the rate, as OpenCV gives it
        of streams without stamps.
        """
        last, self._last = self._last, self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        counted = math.isclose(self._last, self._read / self.rate, abs_tol=1e-4)
        return None if counted or self._last <= last else self._last

    def close(self) -> None:
        """Give the device or connection back."""
        self._capture.release()

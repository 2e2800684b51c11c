"""Reading a video, file or stream, frame by frame."""

import contextlib
import logging
import math
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.logging import Capture

from bffr.errors import InputError

TIMEOUT = 10.0
"""Seconds after which FFmpeg gives up opening a URL, or waiting for its next frame."""

_LOG = logging.getLogger(__name__)
_RATE = 25.0  # of what does not tell
_INTERLACED = range(2, 6)  # FFmpeg's AVFieldOrder, without unknown and progressive
_SUFFIXES = '.mp4', '.avi', '.mkv', '.mov', '.m4v', '.mpg', '.webm', '.wmv', '.ts', '.mts'
_STILL = 'image2', 'ico', 'tty'  # demuxers of no video, beside those of name_pipe
_STILL_BRANDS = 'avif', 'heic', 'heix', 'mif1'  # of an MP4 that is a photo

av.logging.set_level(av.logging.ERROR)  # for `Capture`: what is lost and cannot be recovered
av.logging.set_skip_repeated(False)
logging.getLogger('libav').addHandler(logging.NullHandler())


class Frame(NamedTuple):
    """An image, and its time in seconds after the first frame of its video."""

    image: np.ndarray
    time: float


def is_video(path: str | os.PathLike) -> bool:
    """Whether FFmpeg finds more than an image in a file or, if it opens none, the name says so."""
    try:
        with _opened(path) as container:
            stream = container.streams.best('video')
            name, brand = container.format.name, container.metadata.get('major_brand', '')
            if not stream or name.endswith('_pipe') or name in _STILL or brand in _STILL_BRANDS:
                return False
            return name not in ('gif', 'apng') or len(list(islice(container.decode(stream), 2))) > 1
    except av.FFmpegError:
        return Path(path).suffix.lower() in _SUFFIXES and not Path(path).is_dir()


class VideoReader:
    """Iterates, once, over the `Frame`s of a video file or stream.

    FFmpeg decodes, leaves out what an edit list hides, and deinterlaces frames that are marked as
    interlaced and look so. Frames are upright, as a phone's rotation tells. That, and what is
    damaged, is logged.

    Args:
        path: File or URL.
        infrared: Whether images are infrared: as stored, uint8, uint16 or float32, (H, W) or of
            colour (H, W, 3), BGR. Visible ones are uint8 (H, W, 3), BGR.
        quiet: Log nothing.

    Attributes:
        size: (W, H) of the first frame.
        rate: Mean number of frames a second, as the header says.
        count: Number of frames as the header says, which need not be true; 0 if it does not.
        start: When the first frame is shown, in seconds of the file's own clock.

    Raises:
        InputError: The video is missing, or no frame of it can be decoded.
    """

    def __init__(self, path: str | os.PathLike, infrared: bool = False, quiet: bool = False):
        self.path, self.quiet, self._image_of = path, quiet, _raw_of if infrared else _bgr_of
        if '://' not in str(path) and not Path(path).is_file():
            raise InputError(f'{path}: there is no such video.')
        try:
            self._container = _opened(path)
        except av.FFmpegError as error:
            self._refuse(error.strerror)
        self._stream = self._container.streams.best('video')
        if not self._stream or not self._stream.codec_context:
            self._refuse('no codec that is known')
        self._stream.codec_context.thread_count = 1  # an error belongs to the frame it comes with
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.rate = float(rate) if rate and 0 < rate < 10_000 else _RATE
        seconds = (self._container.duration or 0) / av.time_base
        self.count = self._stream.frames or max(round(seconds * self.rate), 0)
        self._error = self._broken = None
        self._number = self._damaged = 0
        self._frames = self._decode()
        self._first = next(self._frames, None)
        if self._first is None:
            self._refuse(self._broken or self._error or 'no frame')
        self.size = self._first.image.shape[1::-1]

    def __iter__(self) -> Iterator[Frame]:
        yield self._first
        yield from self._frames
        self.close()
        if reason := self._broken or self._error:
            self._warn(f'{self.path}: breaks off after frame {self._number} ({reason}).')
        if self._damaged > 1:
            self._warn(f'{self.path}: {self._damaged} frames are damaged.')

    def close(self) -> None:
        """Give the file or connection back."""
        self._container.close()

    def _decode(self) -> Iterator[Frame]:
        last = -math.inf
        for frame in self._deinterlaced():
            self._number += 1
            time = frame.time
            if time is None or not time > last:
                time = 0.0 if self._number == 1 else last + 1 / self.rate
            if self._number == 1:
                self.start = time
            last = time
            if self._number > 1 and (self._error or frame.is_corrupt):
                if not self._damaged:
                    reason = f' ({self._error})' if self._error else ''
                    self._warn(
                        f'{self.path}: frame {self._number} is damaged{reason}, as are perhaps '
                        f'those after it.'
                    )
                self._damaged += 1
            self._error = None  # a stream may begin in the middle of what its frames refer to
            upright = np.rot90(self._image_of(frame), round(frame.rotation / 90))
            yield Frame(np.ascontiguousarray(upright), time - self.start)

    def _deinterlaced(self) -> Iterator[av.VideoFrame]:
        graph = None
        for frame in self._stored():
            order = getattr(self._stream.codec_context, 'field_order', 0)  # from PyAV 18 on
            if not graph and (frame.interlaced_frame or order in _INTERLACED):
                graph = self._deinterlacer(frame)
            if graph:
                graph.push(frame)
                yield from _pulled(graph, frame.format.name)
            else:
                yield frame
        if graph:
            graph.push(None)
            yield from _pulled(graph, frame.format.name)

    def _deinterlacer(self, frame: av.VideoFrame) -> av.filter.Graph:
        """What deinterlaces frames in which FFmpeg's `idet` sees or, unsure, is told two fields."""
        if not self.quiet:
            _LOG.info(f'{self.path}: is interlaced; frames that show two moments are deinterlaced.')
        graph = av.filter.Graph()
        graph.link_nodes(
            graph.add_buffer(template=self._stream, time_base=self._stream.time_base),
            graph.add('idet'),
            graph.add('bwdif', 'mode=send_frame:deint=interlaced'),
            graph.add('buffersink'),
        ).configure()
        return graph

    def _stored(self) -> Iterator[av.VideoFrame]:
        """Frames as they are decoded; `_error` says what was lost since the one before."""
        for packet in self._packets():
            frames = []
            with Capture() as logs:
                try:
                    frames = self._stream.decode(packet)
                except av.FFmpegError as error:
                    self._error = self._error or error.strerror
            self._error = self._error or _first_of(logs)
            yield from frames

    def _packets(self) -> Iterator[av.Packet]:
        """Packets, and an empty one after the last; `_broken` says if there should be more."""
        packets, packet = self._container.demux(self._stream), None
        while packet is None or packet.size:
            with Capture() as logs:
                try:
                    packet = next(packets)
                except av.FFmpegError as error:
                    self._broken = error.strerror
                    break
            if packet.size:
                self._error = self._error or _first_of(logs)
                yield packet
            else:
                self._broken = _first_of(logs)
        end = av.Packet()
        end.stream, end.time_base = self._stream, self._stream.time_base
        yield end

    def _refuse(self, reason: str) -> None:
        if '://' in str(self.path):
            raise InputError(
                f'{self.path}: gives no frame ({reason}); check that it is there and sends.'
            )
        raise InputError(
            f'{self.path}: is empty, damaged or in a format that FFmpeg does not read ({reason}); '
            f'convert it to .mp4 or .mkv.'
        )

    def _warn(self, sentence: str) -> None:
        if not self.quiet:
            _LOG.warning(sentence)


def _opened(path: str | os.PathLike) -> av.container.InputContainer:
    name = str(path)
    options = {'rtsp_transport': 'tcp'} if name.startswith('rtsp://') else {}
    with Capture():  # errors are raised, too
        if '://' in name:
            return av.open(name, options=options, timeout=TIMEOUT)
        return av.open(os.path.abspath(path))  # 12:30.mp4 is no URL


def _pulled(graph: av.filter.Graph, kind: str) -> Iterator[av.VideoFrame]:
    """What is ready, in pixels of the kind that was pushed: a filter may take wider ones only."""
    with contextlib.suppress(BlockingIOError, EOFError):
        while True:
            frame = graph.pull()
            yield frame if frame.format.name == kind else frame.reformat(format=kind)


def _first_of(logs: list[tuple]) -> str | None:
    """The first of FFmpeg's messages."""
    return logs[0][2].strip() if logs else None


def _bgr_of(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format='bgr24')


def _raw_of(frame: av.VideoFrame) -> np.ndarray:
    """An infrared frame as stored; of what is wider than 8 bit no bit is lost."""
    kind = frame.format
    bits = kind.components[0].bits
    if kind.name == 'gray' or kind.name.startswith('grayf32'):
        return frame.to_ndarray()
    if bits <= 8:
        return _bgr_of(frame)
    if kind.is_rgb or kind.is_bayer:
        return frame.to_ndarray(format='bgr48le')
    if not kind.is_planar and not kind.name.startswith(('gray', 'p')):  # luma among other things
        return frame.to_ndarray(format='gray16le')
    luma = frame.planes[0]
    values = np.frombuffer(luma, '>u2' if kind.is_big_endian else '<u2').astype(np.uint16)
    image = values.reshape(-1, luma.line_size // 2)[: frame.height, : frame.width]
    return image >> (16 - bits) if kind.name.startswith('p') else image  # p010 fills from the top

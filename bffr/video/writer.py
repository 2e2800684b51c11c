"""Writing videos that are never half there."""

import contextlib
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tqdm import tqdm

from bffr.errors import InputError, UsageError

SUFFIXES = '.mp4', '.m4v', '.mov', '.mkv', '.avi', '.ts'
"""Of the files that are written."""

CRF = 18
"""Of H.264, where none is given."""

_FULL = dict(flags='+qscale', global_quality=str(3 * 118))  # 118 units are a step of the quantiser
_ENCODERS = {
    'h264': ('libx264', 'yuv420p', {}),
    'mpeg4': ('mpeg4', 'yuv420p', _FULL),
    'mjpeg': ('mjpeg', 'yuvj420p', dict(_FULL, color_range='pc')),
    'ffv1': ('ffv1', 'bgr0', {}),
}
CODECS = tuple(_ENCODERS)
"""Names; all but `ffv1` lose something."""

_TICK = Fraction(1, 60_000)  # MPEG-4's denominators have 16 bits


class VideoWriter:
    """A context that writes a video beside its place and renames it at the end.

    An exception within the context leaves what was there before. Missing folders are made.

    Args:
        path: Its suffix, one of `SUFFIXES`, is that of the container.
        size: (W, H). Where one is odd, the codecs that lose something repeat the last row or
            column, which is said.
        rate: Frames a second.
        codec: One of `CODECS`; by default H.264 or, in `.avi`, Motion JPEG. Where PyAV comes
            without libx264, MPEG-4 is in place of H.264.
        crf: Quality of H.264, from 0 (lossless but for 4:2:0) to 51; by default 18.

    Raises:
        InputError: The suffix is unknown, the codec is missing or does not go into such a file, or
            the file cannot be written.
        UsageError: `crf` is given for another codec.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        size: tuple[int, int],
        rate: float,
        codec: str | None = None,
        crf: int | None = None,
    ):
        self.path, self.size, self.rate, self.frames = Path(path), size, rate, 0
        suffix = self.path.suffix.lower()
        if suffix not in SUFFIXES:
            raise InputError(
                f'{path}: videos are written as {", ".join(SUFFIXES)}; '
                f'give a name that ends in one of these.'
            )
        if not codec and suffix == '.avi':
            codec = 'mjpeg'
        if not codec:
            codec = 'h264' if 'libx264' in av.codecs_available else 'mpeg4'
        if crf is not None and codec != 'h264':
            raise UsageError(f'--crf is for H.264; {path} is written as {codec}')
        if crf is not None and not 0 <= crf <= 51:
            raise InputError(f'--crf: must be from 0 to 51, not {crf}.')
        encoder, self._pixels, options = _ENCODERS[codec]
        if encoder not in av.codecs_available:
            raise InputError(f'{path}: this PyAV has no {encoder}; take another --codec.')
        self._encoder = encoder
        self._options = options if codec != 'h264' else {'crf': str(CRF if crf is None else crf)}
        if codec != 'ffv1':
            self._options = {'colorspace': 'smpte170m', **self._options}  # what swscale makes
        # AVI has one rate, which makes the time of a frame its number.
        self._tick = None if suffix == '.avi' else _TICK
        self._sound, self._moved = None, 0.0
        name = f'.{self.path.stem}.{os.getpid()}.partial{self.path.suffix}'
        self._partial = self.path.with_name(name)

    def __enter__(self) -> 'VideoWriter':
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(os.path.abspath(self._partial), 'w')
        except OSError as error:
            raise InputError(f'{self.path}: cannot be written ({error.strerror}).') from None
        rate = Fraction(self.rate).limit_denominator(1001)
        try:
            self._stream = self._container.add_stream(self._encoder, rate, self._options)
        except ValueError as error:
            self._discard()
            raise InputError(f'{self.path}: {error}; take another --codec or suffix.') from None
        subsampled = self._pixels != 'bgr0'
        self._padding = [(0, side % 2 * subsampled) for side in self.size[::-1]] + [(0, 0)]
        stream = self._stream
        stream.height, stream.width = (
            side + more for side, (_, more) in zip(self.size[::-1], self._padding, strict=False)
        )
        stream.pix_fmt = self._pixels
        self._tick = self._tick or 1 / rate
        stream.codec_context.time_base = self._tick
        if any(more for _, more in self._padding):
            self._say(f'is {stream.width}x{stream.height}, as its codec needs even sides')
        return self

    def take_sound(self, path: str | os.PathLike, start: float) -> None:
        """Copy the sound of a video, before the first frame is written.

        Args:
            path: Of the video.
            start: When the first frame is shown, in seconds of that file's clock.
        """
        self._sound = _Sound(path, start, self._container)
        for codec in self._sound.left_out:
            self._say(f'does not take the sound of {path} ({codec}), which is left out')

    def write(self, frame: np.ndarray, time: float | None = None) -> None:
        """Append a frame.

        Args:
            frame: uint8 (H, W, 3), BGR.
            time: Seconds after the first frame; by default as the rate has it.

        Raises:
            InputError: The frame has not the video's size, or the file cannot be written.
        """
        width, height = frame.shape[1::-1]
        if (width, height) != self.size:
            raise InputError(
                f'{self.path}: frame {self.frames + 1} has {width}x{height} pixels, those before '
                f'it {self.size[0]}x{self.size[1]}; give videos of one size.'
            )
        if any(more for _, more in self._padding):
            frame = np.pad(frame, self._padding, 'edge')
        due = self.frames / self.rate
        time = due if time is None else time
        if self.path.suffix.lower() == '.avi':
            self._moved = max(self._moved, abs(time - due))
            time = due
        picture = av.VideoFrame.from_ndarray(frame, format='bgr24')
        picture.pts, picture.time_base = round(time / self._tick), self._tick
        with self._disk():
            if self._sound:
                self._sound.copy_until(time)
            self._container.mux(self._stream.encode(picture.reformat(format=self._pixels)))
        self.frames += 1
        self._until = time + 1 / self.rate

    def __exit__(self, kind, *_) -> None:
        try:
            if kind is None:
                with self._disk():
                    self._container.mux(self._stream.encode(None))
                    if self._sound:
                        self._sound.copy_until(self._until)
                    self._container.close()
                    self._partial.replace(self.path)
                if self._moved > 1 / self.rate:
                    self._say(f'has one rate; frames moved by up to {self._moved:.2f} s')
        finally:
            self._discard()

    @contextlib.contextmanager
    def _disk(self):
        try:
            yield
        except OSError as error:
            raise InputError(f'{self.path}: cannot be written ({error.strerror}).') from None

    def _discard(self) -> None:
        with contextlib.suppress(OSError):
            self._container.close()
        self._partial.unlink(missing_ok=True)

    def _say(self, what: str) -> None:
        tqdm.write(f'{self.path}: {what}.')


class _Sound:
    """The streams of sound of a video, copied as they are."""

    def __init__(
        self, path: str | os.PathLike, start: float, container: av.container.OutputContainer
    ):
        self._source, self._start, self._target = av.open(os.path.abspath(path)), start, container
        self._streams, self.left_out = {}, []
        for stream in self._source.streams.audio:
            try:
                self._streams[stream] = container.add_stream_from_template(stream)
            except ValueError:
                self.left_out.append(stream.codec_context.name)
        self._packets = self._source.demux(*self._streams) if self._streams else iter(())
        self._next = next(self._packets, None)

    def copy_until(self, time: float) -> None:
        """Copy what begins before a time, in seconds after the first frame."""
        while self._next and self._next.pts is not None:
            packet, begins = self._next, float(self._next.pts * self._next.time_base) - self._start
            if begins >= time:
                return
            if begins >= 0:
                shift = round(self._start / packet.time_base)
                packet.pts -= shift
                packet.dts = packet.pts if packet.dts is None else packet.dts - shift
                packet.stream = self._streams[packet.stream]
                self._target.mux(packet)
            self._next = next(self._packets, None)

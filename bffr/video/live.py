"""Reading the newest pairs of frames of two cameras or streams."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bffr.errors import InputError
from bffr.images.image_io import one_channel
from bffr.interrupt import on_interrupt
from bffr.rigs.rig import Rig
from bffr.video.pair import require_one_size
from bffr.video.source import Source

PATIENCE = 10.0
"""Seconds without a frame after which a source is given up."""

_RECENT = 16  # frames of a source, among which the other's finds its nearest
_DELAYS = 64  # frames, over which the clocks of a source and of this machine are compared


class LivePair:
    """A context in which two sources are read, and an iterator over the newest pairs of frames.

    Each source is read by a thread. A pair is the newest frame of the source that is behind, and of
    the other the one nearest in time. All other frames are dropped. Ctrl-C ends the iteration.

    Args:
        visible, infrared: What gives their frames, see `open_source`.
        align: Rig that they are of, which may then have frames of two sizes.
        palette: Of infrared frames in colour, see `one_channel`.
        any_sizes: Take frames of two sizes without a rig.

    Attributes:
        size: (W, H) of the fused frames.
        rate: Frames a second, the lesser of what the sources say.
        count: 0, as it is not known.
        ended: A sentence, once a source has ended or stalled.

    Raises:
        InputError: A source gives no frame or, without `align`, they differ in size.
    """

    count = 0

    def __init__(
        self,
        visible: Source,
        infrared: Source,
        align: Rig | None = None,
        palette: str | None = None,
        any_sizes: bool = False,
    ):
        self._palette = palette
        self._news = threading.Condition()
        self._sources = [_Followed(source, self._news) for source in (visible, infrared)]
        if not align and not any_sizes:
            require_one_size(*self._sources)
        self.size = align.kept_size if align else self._sources[0].size
        self.rate = min(source.rate for source in self._sources)
        self.ended = None
        self._stopped = False

    @property
    def dropped(self) -> tuple[int, int]:
        """How many visible and infrared frames came and were not taken."""
        visible, infrared = (source.read - source.taken for source in self._sources)
        return visible, infrared

    def __enter__(self) -> 'LivePair':
        self._interrupt = on_interrupt(self._stop)
        self._interrupt.__enter__()
        for source in self._sources:
            source.heard = time.monotonic()
            source.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop()
        self._interrupt.__exit__(None, None, None)
        for source in self._sources:
            source.stopped = True
            source.thread.join(2 * PATIENCE)

    def _stop(self) -> None:
        with self._news:
            self._stopped = True
            self._news.notify_all()

    def __iter__(self) -> Iterator[tuple[tuple[np.ndarray, np.ndarray], float, int]]:
        """Yield the newest pairs until a source ends or stalls.

        Yields:
            tuple: Visible, uint8 (H, W, 3), BGR, and infrared (H, W), raw; `time.monotonic` at
                which the earlier one was read; how many frames at `rate`, at least one, have passed
                since the pair before.
        """
        start, passed = None, 0
        while pair := self._newest():
            visible, infrared = pair
            start = visible.time if start is None else start
            frames = max(round((visible.time - start) * self.rate) + 1 - passed, 1)
            passed += frames
            read = min(visible.read, infrared.read)
            values = one_channel(self._sources[1].path, infrared.image, self._palette)
            yield (visible.image, values), read, frames

    def _newest(self) -> tuple['_Frame', '_Frame'] | None:
        with self._news:
            while not self._stopped:
                behind, other = sorted(self._sources, key=lambda source: source.recent[-1].time)
                frame = behind.recent[-1]
                if not frame.taken:
                    nearest = min(other.recent, key=lambda x: abs(x.time - frame.time))
                    behind.take(frame)
                    other.take(nearest)
                    return (frame, nearest) if behind is self._sources[0] else (nearest, frame)
                waits = [x.heard + PATIENCE - time.monotonic() for x in self._sources]
                for source, wait in zip(self._sources, waits, strict=True):
                    if wait <= 0 or source.ended:
                        what = f'sent no frame for {PATIENCE:g} s' if wait <= 0 else 'has ended'
                        self.ended = f'{source.path}: {what}; what came before is fused.'
                        return None
                self._news.wait(min(waits))
        return None


@dataclass
class _Frame:
    """An image, when it was read, its time stamp, and by how much those of its source differ."""

    image: np.ndarray
    read: float
    stamp: float | None
    delays: deque[float]
    taken: bool = False

    @property
    def time(self) -> float:
        """When it was taken by the clock of this machine, as well as is known by now.

        The source's clock starts anywhere and runs a little fast or slow. Frames come late but
        never early, so it is the least delay that tells how the two clocks stand.
        """
        return self.read if self.stamp is None else self.stamp + min(self.delays)


class _Followed:
    """A source, of which a thread keeps the frames that came last."""

    def __init__(self, source: Source, news: threading.Condition):
        self.path, self.rate = source.name, source.rate
        self._source, self._news = source, news
        self.recent, self._delays = deque(maxlen=_RECENT), deque(maxlen=_DELAYS)
        self.read = self.taken = 0
        self.ended = self.stopped = False
        if not self._read():
            raise InputError(f'{self.path}: gives no frame; check that it is there and sends.')
        self.size = self.recent[0].image.shape[1::-1]
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def take(self, frame: _Frame) -> None:
        """Count a frame as taken, if it was not before."""
        self.taken += not frame.taken
        frame.taken = True

    def _follow(self) -> None:
        while not self.stopped and self._read():
            pass
        self._source.close()
        with self._news:
            self.ended = True
            self._news.notify_all()

    def _read(self) -> bool:
        frame = self._source.read()
        if frame is None:
            return False
        image, stamp = frame
        now = time.monotonic()
        with self._news:
            if stamp is not None:
                self._delays.append(now - stamp)
            self.recent.append(_Frame(image, now, stamp, self._delays))
            self.read, self.heard = self.read + 1, now
            self._news.notify_all()
        return True

"""Reading two videos of one scene, paired by time."""

import itertools
import logging
import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from bffr.errors import InputError
from bffr.images.image_io import one_channel
from bffr.rigs.rig import Rig
from bffr.video.reader import Frame, VideoReader

_LOG = logging.getLogger(__name__)
_ROUNDED = 1.5e-3  # seconds, by which time stamps in milliseconds may be off
_SHOWN = 0.9  # of a frame's duration, after which its video is over

Item = TypeVar('Item')


def require_one_size(*sources) -> None:
    """Refuse two sources, each with `path` and `size`, (W, H), that differ in size.

    Raises:
        InputError: They do.
    """
    paths, sizes = zip(*((x.path, x.size) for x in sources), strict=True)
    if sizes[0] != sizes[1]:
        sizes = ' and '.join(f'{width}x{height}' for width, height in sizes)
        raise InputError(
            f'{", ".join(map(str, paths))}: have frames of {sizes} pixels; make a rig file '
            f'with `bffr align` and give it with --align.'
        )


def spread(items: Iterable[Item], most: int = 32) -> list[Item]:
    """Evenly spread ones of items of any number: at most so many, and at least half of that."""
    kept, step = [], 1
    for number, item in enumerate(items):
        if number % step == 0:
            kept.append(item)
        if len(kept) > most:
            kept, step = kept[::2], 2 * step
    return kept


class VideoPair:
    """Iterates, once, over pairs of frames of two videos, and the time of each in seconds.

    At each moment of the common time, the frames are those nearest to it, see `VideoReader`. What
    is left out before and after, and pairs that are far apart, are logged.

    Args:
        visible, infrared: Video files.
        align: Rig that they are of, which may then have frames of two sizes.
        rate: Whether the moments are those of the `visible` or the `infrared` frames; or how many
            there are a second.
        offset: Seconds by which infrared started after visible.
        any_sizes: Take videos of two sizes without a rig.
        palette: Of infrared frames in colour, see `one_channel`.

    Attributes:
        size: (W, H) of the fused frames.
        rate: Frames a second; of a variable rate, the mean.
        count: About how many pairs there are, as the files say; 0 if they do not.
        start: When the first pair is shown, in seconds of the visible file's own clock; known
            with the first pair.
        distance: Seconds that the frames of a pair are apart at most, so far.

    Raises:
        InputError: A video cannot be read or, without `align`, they differ in size.
    """

    def __init__(
        self,
        visible: str | os.PathLike,
        infrared: str | os.PathLike,
        align: Rig | None = None,
        rate: str | float = 'visible',
        offset: float = 0.0,
        any_sizes: bool = False,
        palette: str | None = None,
    ):
        videos = VideoReader(visible), VideoReader(infrared, infrared=True)
        if not align and not any_sizes:
            require_one_size(*videos)
        self._timelines = [_Timeline(videos[0], 0.0), _Timeline(videos[1], offset)]
        self._base = dict(zip(('visible', 'infrared'), self._timelines, strict=True)).get(rate)
        self.size = align.kept_size if align else videos[0].size
        self.rate = self._base.video.rate if self._base else float(rate)
        lengths = [video.count / video.rate for video in videos if video.count]
        self.count = round(min(lengths, default=0) * self.rate)
        self.distance, self._infrared, self._palette = 0.0, infrared, palette

    def infrared_samples(self) -> list[np.ndarray]:
        """Evenly spread infrared frames, raw, by a reader of their own; all are decoded."""
        video = VideoReader(self._infrared, infrared=True, quiet=True)
        return spread(self._values(frame) for frame in video)

    def _values(self, frame: Frame) -> np.ndarray:
        return one_channel(self._infrared, frame.image, self._palette)

    def __iter__(self) -> Iterator[tuple[tuple[np.ndarray, np.ndarray], float]]:
        """Read both through their common time.

        Yields:
            tuple: Visible, uint8 (H, W, 3), BGR, and infrared (H, W), raw; seconds after the first
            pair.

        Raises:
            InputError: There is no common time.
        """
        base, (visible, infrared) = self._base, self._timelines
        first = None
        for moment in base.moments() if base else self._moments():
            pair = visible.at(moment), infrared.at(moment)
            if visible.over(moment) or infrared.over(moment):
                break
            if None in pair:
                continue
            if first is None:
                first = moment
                self.start = visible.video.start + moment
                self._say_what_precedes(moment)
            if visible.goes_on and infrared.goes_on:  # the last one is shown for a while, too
                self._measure(abs(pair[0].time - pair[1].time - infrared.offset), moment)
            last = moment
            yield (pair[0].image, self._values(pair[1])), moment - first
        if first is None:
            raise InputError(f'{self._names}: share no time; correct --offset.')
        self._say_what_follows(last)

    @property
    def _names(self) -> str:
        return ', '.join(str(timeline.video.path) for timeline in self._timelines)

    def _moments(self) -> Iterator[float]:
        start = max(timeline.start for timeline in self._timelines)
        return (start + number / self.rate for number in itertools.count())

    def _measure(self, distance: float, moment: float) -> None:
        half = max(timeline.duration for timeline in self._timelines) / 2 + _ROUNDED
        if distance > half >= self.distance:
            _LOG.warning(
                f'{self._names}: at {moment:.2f} s the frames of a pair are {1000 * distance:.0f} '
                f'ms apart, more than half a frame of the slower video; set --offset.'
            )
        self.distance = max(self.distance, distance)

    def _say_what_precedes(self, moment: float) -> None:
        for timeline in self._timelines:
            lost = moment - timeline.start
            if lost > timeline.duration / 2 + _ROUNDED:
                _LOG.info(f'{timeline.video.path}: its first {lost:.2f} s are left out.')

    def _say_what_follows(self, moment: float) -> None:
        longest = max(timeline.duration for timeline in self._timelines)
        for timeline, other in zip(self._timelines, reversed(self._timelines), strict=True):
            if timeline.latest - moment > _SHOWN * longest and not other.goes_on:
                _LOG.info(
                    f'{timeline.video.path}: what comes after {moment - timeline.offset:.2f} s is '
                    f'left out, as the other video has ended.'
                )


class _Timeline:
    """A video, of which the frame nearest to a moment is found; moments do not go back.

    Attributes:
        offset: By how much its frames are later than they say.
        start: When it starts.
    """

    def __init__(self, video: VideoReader, offset: float):
        self.video, self.offset, self.start = video, offset, offset
        self._frames = iter(video)
        self._before, self._after, self._later = None, next(self._frames), 0

    @property
    def duration(self) -> float:
        """For how long a frame is shown: the mean so far."""
        return (self.latest - self.start) / self._later if self._later else 1 / self.video.rate

    @property
    def latest(self) -> float:
        """The moment of the latest frame that is known."""
        return (self._after or self._before).time + self.offset

    def moments(self) -> Iterator[float]:
        """The moments of its frames, each of which must be asked for."""
        while self._after:
            yield self._after.time + self.offset

    def at(self, moment: float) -> Frame | None:
        """The frame nearest to a moment; None if it starts later."""
        while self._after and self._after.time + self.offset <= moment:
            self._before, self._after = self._after, next(self._frames, None)
            self._later += self._after is not None
        if not self._before and moment < self.start - self.duration / 2 - _ROUNDED:
            return None
        frames = [frame for frame in (self._before, self._after) if frame]
        return min(frames, key=lambda frame: abs(frame.time + self.offset - moment))

    @property
    def goes_on(self) -> bool:
        """Whether frames follow."""
        return self._after is not None

    def over(self, moment: float) -> bool:
        """Whether its last frame is not shown any more."""
        shown = _SHOWN * self.duration
        return not self.goes_on and moment - self.latest > shown

"""Fusing two videos or two live sources into one video."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from bffr.errors import InputError, Interrupted, UsageError
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_pair import fuse_pair
from bffr.images.gain import SequenceGain
from bffr.images.stretch import STRETCHES
from bffr.images.thermal import read_record
from bffr.interrupt import on_interrupt
from bffr.models.model import Model
from bffr.progress import Progress
from bffr.rigs.tracking import RigTracker
from bffr.threads import ahead, behind
from bffr.video import SUFFIXES, LivePair, VideoPair, VideoWriter, is_live, open_source

_WINDOW = 'fused'
_PARALLAX_MEMORY = 0.8  # what of it is kept from frame to frame


def fuse_video(
    model: Model,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    options: FuseOptions,
) -> None:
    """Fuse two videos frame by frame, or two live sources until they end or Ctrl-C is pressed.

    Reading, fusing and writing overlap. Of videos, see `VideoPair`, the common time is fused, with
    the time stamps and the sound of the visible one. Of live sources, see `LivePair`, frames that
    come while a pair is fused are dropped; each fused frame is repeated as often as the timing asks
    for.

    Args:
        model: What fuses.
        vis, ir: Two video files, or two live sources.
        out: A video, see `VideoWriter`; it appears when it is complete.
        options: See there.

    Raises:
        InputError: The sources cannot be read or differ in size, or videos have no common time; no
            frame or, unless `keep_going`, some frame fails; `out` is an input or cannot be written;
            there is no display to `show` it; or, after all before that is written, a live source
            ends or stalls.
        UsageError: Options contradict one another.
        Interrupted: Ctrl-C ended two videos; what was fused is written.
    """
    out = Path(out)
    if out.suffix.lower() not in SUFFIXES:
        raise InputError(
            f'{out}: videos are written as {", ".join(SUFFIXES)}; '
            f'give a name that ends in one of these.'
        )
    live = is_live(vis)
    stretch = options.stretch or 'sequence'
    range_of = STRETCHES[stretch]()
    targets = [out, out.with_stem(f'{out.stem}_{options.finds}')][: 1 + bool(options.finds)]
    for target in targets:
        if target.resolve() in (Path(vis).resolve(), Path(ir).resolve()):
            raise InputError(f'{target}: is an input video; choose another file for the result.')
    record = out.with_name(f'{out.stem}_infrared.json')
    if record.exists():
        read_record(record)
    infrared = options.scale(model.infrared)
    ir_scope = options.ir_scope or ('pair' if live else 'sequence')
    if live and ir_scope == 'sequence' and not infrared.known:
        raise UsageError(
            f'{vis}, {ir}: a live source has no percentiles of all its frames; give --ir-range or '
            f'--ir-scope pair.'
        )
    if live and (options.rate, options.offset) != ('visible', 0):
        raise UsageError('--rate and --offset are for video files; live sources need neither.')
    if options.show:
        _open_window()
    if live:
        pair = LivePair(
            open_source(vis), open_source(ir, infrared=True), options.align, infrared.palette
        )
    else:
        pair = VideoPair(
            vis, ir, options.align, options.rate, options.offset, palette=infrared.palette
        )
        if not infrared.range and ir_scope == 'sequence':
            infrared = infrared.fitted(pair.infrared_samples())
    align = options.align
    if align and align.parallax:
        align = replace(align, parallax=replace(align.parallax, memory=_PARALLAX_MEMORY))
    options = replace(options, infrared=infrared, align=align)
    tracker = RigTracker(options.align) if options.track else None
    gain = SequenceGain() if stretch == ir_scope == 'sequence' else None
    writers = [
        VideoWriter(target, pair.size, pair.rate, options.codec, options.crf) for target in targets
    ]
    stopped = threading.Event()
    with (
        Progress('frame', pair.count or None, options.keep_going) as progress,
        ExitStack() as stack,
    ):
        for writer in writers:
            stack.enter_context(writer)

        images = []

        def write(
            new: Callable[[], list[np.ndarray]] | None, moments: Sequence[float | None], read: float
        ) -> None:
            if new:
                images[:] = new()
            for writer, image in zip(writers, images, strict=True):
                for moment in moments:
                    writer.write(image, moment)
            progress.latencies.append(time.monotonic() - read)

        write_later = stack.enter_context(behind(write))
        stack.enter_context(pair if live else on_interrupt(stopped.set))
        pairs = stack.enter_context(closing(_counted(pair) if live else ahead(_timed(pair))))
        owed, ranges, number = [], {}, 0
        for number, (frames, read, moments) in enumerate(pairs, 1):
            if stopped.is_set():
                break
            if number == 1 and not live:
                writers[0].take_sound(vis, pair.start)
            owed, new = owed + moments, None
            with progress.one(f'{vis}, {ir}, frame {number}'):
                if tracker:
                    align = tracker(frames[0], infrared(frames[1])[0])
                    options = replace(options, align=align)
                new, limits = fuse_pair(model, *frames, options, range_of, gain)
                if limits:
                    ranges['all' if ir_scope == 'sequence' else str(number)] = limits
            if new and options.show:
                shown = new()
                cv2.imshow(_WINDOW, shown[0])
                cv2.waitKey(1)
                new = shown.copy
            if progress.done > progress.failed:
                write_later(new, owed, read)
                owed = []
        if progress.done == progress.failed:
            if stopped.is_set():
                raise Interrupted('stopped by Ctrl-C before a frame was fused.')
            raise InputError(f'{vis}, {ir}: no frame could be fused.')
        progress.dropped = pair.dropped if live else (0, 0)
        infrared.record(record, ranges)
    if tracker:
        print(
            f'the cameras drifted by up to {tracker.farthest:.1f} px from the rig file; the drift '
            f'was found in {tracker.followed} of {tracker.frames} frames'
        )
    if live and pair.ended:
        raise InputError(pair.ended)
    if not live:
        print(f'the frames of a pair are at most {1000 * pair.distance:.0f} ms apart')
    if stopped.is_set():
        raise Interrupted(f'stopped by Ctrl-C; {out} holds the {progress.done} frames before that.')


def _counted(pair: LivePair) -> Generator:
    """Pairs, when they were read, and a None for each frame that they are written as."""
    for frames, read, passed in pair:
        yield frames, read, [None] * passed


def _timed(pair: VideoPair) -> Generator:
    """Pairs, when they were read, and the moment of the one frame that they are written as."""
    for frames, moment in pair:
        yield frames, time.monotonic(), [moment]


def _open_window() -> None:
    # Qt aborts the process where there is no display: a process of its own tries first.
    trial = [sys.executable, '-c', 'import cv2; cv2.namedWindow("")']
    if subprocess.run(trial, capture_output=True, check=False).returncode:
        raise InputError(
            '--show: there is no display, or OpenCV is opencv-python-headless; leave it out.'
        )
    cv2.namedWindow(_WINDOW, cv2.WINDOW_NORMAL)

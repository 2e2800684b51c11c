"""Fusing two videos or two live sources into one video."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from bffr.errors import InputError
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_pair import fuse_pair
from bffr.images.stretch import STRETCHES
from bffr.models.model import Model
from bffr.progress import Progress
from bffr.threads import ahead, behind
from bffr.video import LivePair, VideoPair, VideoWriter, is_live, open_source

_WINDOW = 'fused'


def fuse_video(
    model: Model,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    options: FuseOptions,
) -> None:
    """Fuse two videos frame by frame, or two live sources until they end or Ctrl-C is pressed.

    Reading, fusing and writing overlap. Of videos size, frame rate and order stay. Of live sources,
    see `LivePair`, frames that come while a pair is fused are dropped; each fused frame is repeated
    as often as the timing asks for.

    Args:
        model: What fuses.
        vis, ir: Two video files, or two live sources.
        out: `.mp4` or `.avi`; it appears when it is complete.
        options: See there.

    Raises:
        InputError: The sources cannot be read or differ in size, videos in rate or length, too; no
            frame or, unless `keep_going`, some frame fails; `out` is an input or cannot be written;
            there is no display to `show` it; or, after all before that is written, a live source
            ends or stalls.
    """
    out = Path(out)
    live = is_live(vis)
    range_of = STRETCHES[options.stretch or 'sequence']()
    targets = [out, out.with_stem(f'{out.stem}_labels')][: 1 + options.seg]
    for target in targets:
        if target.resolve() in (Path(vis).resolve(), Path(ir).resolve()):
            raise InputError(f'{target}: is an input video; choose another file for the result.')
    infrared = options.scale(model.infrared)
    ir_scope = options.ir_scope or ('pair' if live else 'sequence')
    if live and ir_scope == 'sequence' and not infrared.known:
        raise InputError(
            f'{vis}, {ir}: what comes is not known of live sources; give --ir-range or '
            f'--ir-scope pair.'
        )
    if options.show:
        _open_window()
    if live:
        pair = LivePair(open_source(vis), open_source(ir), options.align)
    else:
        pair = VideoPair(vis, ir, options.align)
    if infrared.percentiles and ir_scope == 'sequence':
        infrared = infrared.fitted(pair.infrared_samples())
    options = replace(options, infrared=infrared)
    writers = [VideoWriter(target, pair.size, pair.rate) for target in targets]
    with (
        Progress('frame', pair.count or None, options.keep_going) as progress,
        ExitStack() as stack,
    ):
        for writer in writers:
            stack.enter_context(writer)

        images = []

        def write(new: Callable[[], list[np.ndarray]] | None, times: int, read: float) -> None:
            if new:
                images[:] = new()
            for writer, image in zip(writers, images, strict=True):
                for _ in range(times):
                    writer.write(image)
            progress.latencies.append(time.monotonic() - read)

        write_later = stack.enter_context(behind(write))
        if live:
            stack.enter_context(pair)
        pairs = stack.enter_context(closing(iter(pair) if live else ahead(_timed(pair))))
        owed, ranges = 0, {}
        for number, (frames, read, passed) in enumerate(pairs, 1):
            owed, new = owed + passed, None
            with progress.one(f'{vis}, {ir}, frame {number}'):
                new, limits = fuse_pair(model, *frames, options, range_of)
                if limits:
                    ranges['all' if ir_scope == 'sequence' else str(number)] = limits
            if new and options.show:
                shown = new()
                cv2.imshow(_WINDOW, shown[0])
                cv2.waitKey(1)
                new = shown.copy
            if progress.done > progress.failed:
                write_later(new, owed, read)
                owed = 0
        if progress.done == progress.failed:
            raise InputError(f'{vis}, {ir}: no frame could be fused.')
        progress.dropped = pair.dropped if live else (0, 0)
        if pair.count not in (0, number):
            message = f'{vis}, {ir}: hold {number} frames, not {pair.count} as the files say.'
            tqdm.write(message, sys.stderr)
        infrared.record(out.with_name(f'{out.stem}_infrared.json'), ranges)
    if live and pair.ended:
        raise InputError(pair.ended)


def _timed(pair: VideoPair) -> Generator:
    """Pairs of frames as `LivePair` gives them: none is late, and each is written once."""
    for frames in pair:
        yield frames, time.monotonic(), 1


def _open_window() -> None:
    # Qt aborts the process where there is no display: a process of its own tries first.
    trial = [sys.executable, '-c', 'import cv2; cv2.namedWindow("")']
    if subprocess.run(trial, capture_output=True, check=False).returncode:
        raise InputError(
            '--show: there is no display, or OpenCV is opencv-python-headless; leave it out.'
        )
    cv2.namedWindow(_WINDOW, cv2.WINDOW_NORMAL)

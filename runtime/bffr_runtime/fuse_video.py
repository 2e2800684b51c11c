"""Fusing two videos into one."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from bffr_runtime.errors import InputError
from bffr_runtime.fuse_options import STRETCHES, FuseOptions
from bffr_runtime.fuse_pair import PairModel, fuse_pair
from bffr_runtime.progress import Progress
from bffr_runtime.video import VideoPair, VideoWriter


def fuse_video(
    model: PairModel,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    options: FuseOptions,
) -> None:
    """Fuse two videos frame by frame; size, frame rate and order stay.

    Args:
        model: Of pairs, such as an `ExportedModel`.
        vis, ir: Video files.
        out: `.mp4` or `.avi`; it appears when it is complete.
        options: See there.

    Raises:
        InputError: The videos cannot be read, differ in size, rate or length, no frame or, unless
            `keep_going`, some frame fails, or `out` is an input or cannot be written.
    """
    out = Path(out)
    range_of = STRETCHES[options.stretch or 'sequence']()
    targets = [out, out.with_stem(f'{out.stem}_labels')][: 1 + options.seg]
    for target in targets:
        if target.resolve() in (Path(vis).resolve(), Path(ir).resolve()):
            raise InputError(f'{target}: is an input video; choose another file for the result.')
    pair = VideoPair(vis, ir, options.align)
    infrared, ir_scope = options.infrared, options.ir_scope or 'sequence'
    if infrared.percentiles and ir_scope == 'sequence':
        infrared.fit(pair.infrared_samples())
    writers = [VideoWriter(target, pair.size, pair.rate) for target in targets]
    with (
        Progress('frame', pair.count or None, options.keep_going) as progress,
        ExitStack() as stack,
    ):
        for writer in writers:
            stack.enter_context(writer)
        images, owed, ranges = None, 0, {}
        for number, frames in enumerate(pair, 1):
            owed += 1
            with progress.one(f'{vis}, {ir}, frame {number}'):
                images = fuse_pair(model, *frames, options, range_of)
                if infrared.used:
                    ranges['all' if ir_scope == 'sequence' else str(number)] = infrared.used
            while images and owed:
                for writer, image in zip(writers, images, strict=True):
                    writer.write(image)
                owed -= 1
        if images is None:
            raise InputError(f'{vis}, {ir}: no frame could be fused.')
        if pair.count not in (0, number):
            message = f'{vis}, {ir}: hold {number} frames, not {pair.count} as the files say.'
            tqdm.write(message, sys.stderr)
        infrared.record(out.with_name(f'{out.stem}_infrared.json'), ranges)

"""Fusing two videos into one."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from torch import nn
from tqdm import tqdm

from bffr_runtime.progress import Progress
from bffr_runtime.rig import Rig
from bffr_runtime.thermal import InfraredScale
from bffr_runtime.video import VideoPair, VideoWriter
from mmseg_bffr.apis.fuse_pair import STRETCHES, fuse_pair, require_stretch
from mmseg_bffr.errors import InputError


def fuse_video(
    model: nn.Module | str,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    seg: bool = False,
    keep_going: bool = False,
    stretch: str | None = None,
    infrared: InfraredScale | None = None,
    ir_scope: str = 'sequence',
    align: Rig | None = None,
) -> None:
    """Fuse two videos frame by frame; size, frame rate and order stay.

    Args:
        model: From `init_model`, or the name of a classical method, which cannot segment.
        vis, ir: Video files.
        out: `.mp4` or `.avi`; it appears when it is complete.
        seg: Also write the painted label maps, NAME_labels with the suffix of `out`. Like `out` it
            is compressed with losses, so its colours are for the eye.
        keep_going: Report a frame that fails and repeat the last good one in its place (the first
            good one, if there was none before), so that the timing stays; raise at the end.
        stretch: See `fuse_files`; `sequence` follows the frames so far.
        infrared, ir_scope, align: See `fuse_files`.

    Raises:
        InputError: The videos cannot be read, differ in size, rate or length, no frame or, unless
            `keep_going`, some frame fails, or `out` is an input or cannot be written.
    """
    out = Path(out)
    range_of = STRETCHES[require_stretch(stretch, model, 'sequence')]()
    targets = [out, out.with_stem(f'{out.stem}_labels')][: 2 if seg else 1]
    for target in targets:
        if target.resolve() in (Path(vis).resolve(), Path(ir).resolve()):
            raise InputError(f'{target}: is an input video; choose another file for the result.')
    pair = VideoPair(vis, ir, align)
    infrared = infrared or InfraredScale()
    if infrared.percentiles and ir_scope == 'sequence':
        infrared.fit(pair.infrared_samples())
    writers = [VideoWriter(target, pair.size, pair.rate) for target in targets]
    with Progress('frame', pair.count or None, keep_going) as progress, ExitStack() as stack:
        for writer in writers:
            stack.enter_context(writer)
        images, owed, ranges = None, 0, {}
        for number, frames in enumerate(pair, 1):
            owed += 1
            with progress.one(f'{vis}, {ir}, frame {number}'):
                images = fuse_pair(model, *frames, seg, range_of, infrared, align)
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

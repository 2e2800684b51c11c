"""Fusing images, folders and videos: what `tools/fuse.py` does."""

import contextlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from torch import nn

from bffr_runtime.image_io import read_infrared, read_raw_infrared, read_visible, write_png
from bffr_runtime.pairs import match_pairs
from bffr_runtime.progress import Progress
from bffr_runtime.rig import Rig
from bffr_runtime.stretch import PERCENTILES, shared_range, thinned
from bffr_runtime.thermal import InfraredScale
from bffr_runtime.video import is_video
from mmseg_bffr.apis.fuse_pair import STRETCHES, fuse_pair, fuse_to_float, require_stretch
from mmseg_bffr.apis.fuse_video import fuse_video
from mmseg_bffr.apis.inference import require_segmenter
from mmseg_bffr.errors import InputError
from mmseg_bffr.visualization import result_path, save_sheet

_SAMPLES = 32
_TITLES = ['Visible', 'Infrared', 'Fused', 'Labels']


def fuse_files(
    model: nn.Module | str,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    seg: bool = False,
    sheet: bool = False,
    keep_going: bool = False,
    stretch: str | None = None,
    infrared: InfraredScale | None = None,
    ir_scope: str | None = None,
    align: Rig | None = None,
    pair_by: Sequence[str] | None = None,
) -> None:
    """Fuse one pair into a PNG, two folders of pairs into a folder of PNGs, or two videos into one.

    Folders are gone through in the order of their stems. Throughput is printed at the end.

    Args:
        model: From `init_model`, or the name of a classical method, which cannot segment.
        vis, ir: Two images, two folders with images of the same stems, or two videos.
        out: A `.png` file, a folder, or a video, see `fuse_video`.
        seg: Also write the painted label map, NAME_labels.png.
        sheet: Also write visible, infrared, fused (and labels) side by side, NAME_sheet.png; not of
            videos.
        keep_going: Report a pair that fails and skip it, and raise at the end.
        stretch: Which range of fused values becomes 0..255: with `none` that of the network, with
            `image` each image's own, with `sequence` that of all together, see `SequenceRange`: of
            a folder that of up to 32 pairs spread over it, which are fused twice. By default
            `image`, of videos `sequence`, of classical methods `none`.
        infrared: How infrared values become 0..255; by default 8-bit ones stay, of others the
            percentiles 1 and 99 do. What was used is printed and, unless all stayed, stored: of a
            folder as infrared.json in `out`, else as NAME_infrared.json.
        ir_scope: Whether the percentiles are of each `pair` or of the `sequence`, by default of
            folders (up to 32 images spread over one) and videos.
        align: Rig that all the images are of; otherwise the pairs are taken for aligned.
        pair_by: How the images of folders are paired, see `match_pairs`.

    Raises:
        InputError: Files and folders, or images and videos, are mixed, a pair is wrong, or `out`
            is an input or cannot be written.
    """
    vis, ir, out = Path(vis), Path(ir), Path(out)
    if seg:
        require_segmenter(model)
    kind = _kind(vis)
    if kind != _kind(ir):
        raise InputError(
            f'{vis} ({kind}), {ir} ({_kind(ir)}): give two files or two folders of one kind.'
        )
    if kind == 'video':
        if sheet:
            raise InputError(f'{vis}, {ir}: sheets are drawn of images only; leave out --sheet.')
        scope = ir_scope or 'sequence'
        fuse_video(model, vis, ir, out, seg, keep_going, stretch, infrared, scope, align)
        return
    if kind == 'folder':
        jobs = [
            (visible, infrared, result_path(out, visible, infrared))
            for visible, infrared in match_pairs(vis, ir, pair_by)
        ]
    else:
        if out.suffix.lower() != '.png':
            raise InputError(f'{out}: the fused image of one pair is a .png file; name it so.')
        jobs = [(vis, ir, out)]
    ends = ['', *(['_labels'] if seg else []), *(['_sheet'] if sheet else [])]
    _require_distinct(jobs, ends)
    stretch = require_stretch(stretch, model, 'image')
    scale = infrared or InfraredScale()
    ir_scope = ir_scope or ('sequence' if kind == 'folder' else 'pair')
    if ir_scope == 'sequence':
        scale.fit(_samples(jobs, lambda _, infrared: read_raw_infrared(infrared)))
    known = None
    if stretch == 'sequence':
        known = shared_range(
            _samples(
                jobs,
                lambda *pair: thinned(fuse_to_float(model, *pair, scale, align)).clip(0, 1),
            ),
            PERCENTILES,
        )
    range_of = STRETCHES[stretch](known)
    record = out / 'infrared.json'
    if kind == 'image':
        record = out.with_name(f'{out.stem}_infrared.json')
    ranges = {}
    with Progress('pair', len(jobs), keep_going) as progress:
        for visible, infrared, target in jobs:
            with progress.one(visible, infrared):
                images = fuse_pair(model, visible, infrared, seg, range_of, scale, align)
                if scale.used:
                    ranges['all' if ir_scope == 'sequence' else target.stem] = scale.used
                for image, end in zip(images, ('', '_labels'), strict=False):
                    write_png(target.with_stem(f'{target.stem}{end}'), image)
                if sheet:
                    row = [read_visible(visible), read_infrared(infrared, scale)]
                    if align:
                        row = [align.kept(row[0]), align.kept(align.warp(row[1]))]
                    row += images
                    save_sheet(target.with_stem(f'{target.stem}_sheet'), _TITLES[: len(row)], [row])
        scale.record(record, ranges)


def _samples(jobs: list[tuple], make: Callable[[str, str], np.ndarray]) -> Iterator[np.ndarray]:
    """What `make` makes of evenly spread pairs, at most 32; those that fail are told of later."""
    for visible, infrared, _ in jobs[:: math.ceil(len(jobs) / _SAMPLES)]:
        with contextlib.suppress(InputError):
            yield make(visible, infrared)


def _require_distinct(jobs: list[tuple], ends: list[str]) -> None:
    """Refuse results that would overwrite an input or one another."""
    inputs = {Path(file).resolve() for visible, infrared, _ in jobs for file in (visible, infrared)}
    made_of = {}
    for visible, _, target in jobs:
        for file in (target.with_stem(f'{target.stem}{end}') for end in ends):
            if file.resolve() in inputs:
                raise InputError(f'{file}: is an input image; choose another file for the result.')
            if file in made_of:
                raise InputError(
                    f'{file}: would be made of both {made_of[file]} and {visible}; rename one.'
                )
            made_of[file] = visible


def _kind(path: Path) -> str:
    if path.is_dir():
        return 'folder'
    return 'video' if is_video(path) else 'image'

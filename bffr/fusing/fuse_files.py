"""Fusing images, folders and videos: what `fuse` of the command lines does."""

import contextlib
import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bffr.errors import InputError, Interrupted, UsageError
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_pair import fuse_pair
from bffr.fusing.fuse_video import fuse_video
from bffr.images.gain import FolderGain
from bffr.images.image_io import read_infrared, read_raw_infrared, read_visible, write_png
from bffr.images.matching import match_pairs, require_two
from bffr.images.pair import read_pair
from bffr.images.results import result_path
from bffr.images.stretch import PERCENTILES, STRETCHES, shared_range, thinned
from bffr.interrupt import on_interrupt
from bffr.models.model import Model
from bffr.progress import Progress
from bffr.video import SUFFIXES, is_live, is_video

Job = tuple[str | Path, str | Path, Path]
"""Visible, infrared, fused image."""

_SAMPLES = 32
_TITLES = ['Visible', 'Infrared', 'Fused', 'Labels']


def fuse_files(
    model: Model,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    options: FuseOptions = FuseOptions(),  # noqa: B008, a value
) -> None:
    """Fuse a pair into a PNG, folders of pairs into one of PNGs, videos or cameras into a video.

    Folders are gone through in the order of their stems. Throughput is printed at the end.

    Args:
        model: What fuses.
        vis, ir: Two images, two folders with images of the same stems, two videos, or two live
            sources, see `is_live`.
        out: A `.png` file, a folder, or a video, see `fuse_video`.
        options: See there.

    Raises:
        InputError: Sources of two kinds are mixed, a pair is wrong, or `out` is an input or cannot
            be written.
        UsageError: Options contradict one another, or are for other sources.
        Interrupted: Ctrl-C ended a folder or two videos; what was fused is kept.
    """
    if options.seg:
        model.require_labels()
    kind = _kind(vis)
    if kind != _kind(ir):
        raise InputError(f'{vis} ({kind}), {ir} ({_kind(ir)}): give two sources of one kind.')
    if kind != 'folder' or len(options.pair_by or ()) < 2:  # patterns tell them apart
        require_two(vis, ir)
    if kind != 'folder' and (options.skip_existing or options.shard != (1, 1)):
        raise UsageError(
            f'{vis}, {ir}: --skip-existing and --shard are for folders of pairs; leave them out.'
        )
    if kind in ('video', 'live source'):
        if options.sheet:
            raise UsageError(f'{vis}, {ir}: sheets are drawn of images only; leave out --sheet.')
        fuse_video(model, vis, ir, out, options)
        return
    if options.show:
        raise UsageError(f'{vis}, {ir}: images are not shown in a window; leave out --show.')
    if (options.rate, options.offset, options.codec, options.crf) != ('visible', 0, None, None):
        raise UsageError(f'{vis}, {ir}: --rate, --offset, --codec and --crf are for videos.')
    vis, ir, out = Path(vis), Path(ir), Path(out)
    if kind == 'folder':
        if out.suffix.lower() in ('.png', *SUFFIXES):
            raise InputError(f'{out}: pairs of two folders become a folder; give it another name.')
        jobs = [
            (visible, infrared, result_path(out, visible, infrared))
            for visible, infrared in match_pairs(vis, ir, options.pair_by)
        ]
        shard = '' if options.shard == (1, 1) else '_{}of{}'.format(*options.shard)
        _fuse_images(model, jobs, out / f'infrared{shard}.json', options, 'sequence')
    else:
        for path in (vis, ir):
            if not path.exists():
                raise InputError(
                    f'{path}: cannot be read (No such file or directory); give an image or folder.'
                )
        if out.suffix.lower() != '.png':
            raise InputError(f'{out}: the fused image of one pair is a .png file; name it so.')
        record = out.with_name(f'{out.stem}_infrared.json')
        _fuse_images(model, [(vis, ir, out)], record, options, 'pair')


def _fuse_images(
    model: Model, jobs: list[Job], record: Path, options: FuseOptions, ir_scope: str
) -> None:
    """Fuse what there is to do of `jobs`; `ir_scope` is the default one."""
    ends = ['', *['_labels'] * options.seg, *['_sheet'] * options.sheet]
    _require_distinct(jobs, ends)
    if options.sheet:
        from bffr.figures.sheet import save_sheet  # matplotlib takes a while
    stretch = options.stretch or 'image'
    scale, align = options.scale(model.infrared), options.align
    number, shards = options.shard
    made, left = [], []
    for job in jobs[number - 1 :: shards]:
        there = options.skip_existing and all(file.is_file() for file in _files(job[2], ends))
        (made if there else left).append(job)
    if made:
        print(f'{len(made)} of {len(made) + len(left)} pair(s) are there already')
    shared, ranges = None, {}
    scope = options.ir_scope or ir_scope
    if scope == 'sequence':
        if not scale.range:
            scale = scale.fitted(_samples(jobs, lambda _, infrared: read_raw_infrared(infrared)))
        shared = ranges['all'] = scale.known
    for _, infrared, target in made:
        if not shared:
            with contextlib.suppress(InputError):  # it was read when its result was made
                _, ranges[target.stem] = scale(read_raw_infrared(infrared))
    options = replace(options, infrared=scale)
    known = gain = None
    if stretch == 'sequence' and left:
        if scope == 'sequence' and not shared:
            gain = FolderGain(_samples(jobs, lambda *pair: read_pair(*pair, scale, align).infrared))

        def fused(visible: str, infrared: str) -> np.ndarray:
            pair = read_pair(visible, infrared, scale, align)
            if gain:
                pair = pair._replace(infrared=gain(pair.infrared))
            return thinned(model.run(pair)[0]).clip(0, 1)

        known = shared_range(_samples(jobs, fused), (PERCENTILES[0], 50, PERCENTILES[1]))
    range_of = STRETCHES[stretch](known)
    stopped = threading.Event()
    with on_interrupt(stopped.set), Progress('pair', len(left), options.keep_going) as progress:
        for visible, infrared, target in left:
            if stopped.is_set():
                break
            with progress.one(visible, infrared):
                make, limits = fuse_pair(model, visible, infrared, options, range_of, gain)
                images = make()
                if limits != shared:
                    ranges[target.stem] = limits
                files = _files(target, ends)
                for file, image in zip(files, images, strict=False):  # but for the sheet
                    write_png(file, image)
                if options.sheet:
                    row = [read_visible(visible), read_infrared(infrared, scale)]
                    if align:
                        row = [align.kept(row[0]), align.kept(align.warp(row[1]))]
                    row += images
                    save_sheet(files[-1], _TITLES[: len(row)], [row])
        scale.record(record, {name: used for name, used in ranges.items() if used})
    if stopped.is_set():
        raise Interrupted(
            f'stopped by Ctrl-C; the results of {progress.done} pair(s) are whole, and '
            f'--skip-existing goes on after them.'
        )


def _files(target: Path, ends: Sequence[str]) -> list[Path]:
    """What is made of one pair."""
    return [target.with_stem(f'{target.stem}{end}') for end in ends]


def _samples(jobs: Sequence[Job], make: Callable[[str, str], np.ndarray]) -> Iterator[np.ndarray]:
    """What `make` makes of evenly spread pairs, at most 32; those that fail are told of later."""
    for visible, infrared, _ in jobs[:: math.ceil(len(jobs) / _SAMPLES)]:
        with contextlib.suppress(InputError):
            yield make(visible, infrared)


def _require_distinct(jobs: Sequence[Job], ends: Sequence[str]) -> None:
    """Refuse results that would overwrite an input or one another."""
    inputs = {Path(file).resolve() for visible, infrared, _ in jobs for file in (visible, infrared)}
    made_of = {}
    for visible, _, target in jobs:
        for file in _files(target, ends):
            if file.resolve() in inputs:
                raise InputError(f'{file}: is an input image; choose another file for the result.')
            if file in made_of:
                raise InputError(
                    f'{file}: would be made of both {made_of[file]} and {visible}; rename one.'
                )
            made_of[file] = visible


def _kind(path: str | os.PathLike) -> str:
    if is_live(path):
        return 'live source'
    if Path(path).is_dir():
        return 'folder'
    return 'video' if is_video(path) else 'image'

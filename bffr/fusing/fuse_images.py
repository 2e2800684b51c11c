"""Fusing pairs of image files into PNGs: one pair, or a folder of them."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bffr.errors import InputError, Interrupted
from bffr.files import require_existing
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_pair import fuse_pair
from bffr.images.gain import FolderGain
from bffr.images.image_io import (
    read_raw_infrared,
    read_scaled_infrared,
    read_visible,
    write_png,
)
from bffr.images.pair import Image, Pair, read_pair
from bffr.images.results import result_path
from bffr.images.series import samples, shared_scale, surely_8_bit
from bffr.images.stretch import PERCENTILES, STRETCHES, Range, shared_range, thinned
from bffr.images.thermal import InfraredScale, read_record
from bffr.interrupt import on_interrupt
from bffr.models.model import Model
from bffr.progress import Progress
from bffr.video import SUFFIXES

File = str | Path
Job = tuple[File, File, Path]
"""Visible, infrared, fused image."""

Opened = tuple[Image, Image, FuseOptions, dict | None]
"""What `fuse_pair` takes of a job, and how its images lie on one another, to be recorded."""

_ALL = 'all'  # what a record calls the range that the images share
_TITLES = ['Visible', 'Infrared', 'Fused']


def _as_they_are(visible: File, infrared: File, options: FuseOptions) -> Opened:
    return visible, infrared, options, None


def fuse_folder(
    model: Model,
    pairs: Iterable[tuple[File, File]],
    out: Path,
    options: FuseOptions,
    open_pair: Callable[[File, File, FuseOptions], Opened] = _as_they_are,
) -> None:
    """Fuse pairs into a folder of PNGs, named after the visible ones.

    Args:
        model, options: See `fuse_files`.
        pairs: Visible and infrared files.
        out: The folder.
        open_pair: Opens a pair.

    Raises:
        InputError: As `fuse_files`.
    """
    if out.suffix.lower() in ('.png', *SUFFIXES):
        raise InputError(f'{out}: two folders give many images; name a folder for them.')
    jobs = [(*pair, result_path(out, *pair)) for pair in pairs]
    shard = '' if options.shard == (1, 1) else '_{}of{}'.format(*options.shard)
    record = out / f'infrared{shard}.json'
    _fuse_images(model, jobs, record, options, options.ir_scope or 'sequence', open_pair)


def fuse_image(
    model: Model,
    visible: File,
    infrared: File,
    out: Path,
    options: FuseOptions,
    open_pair: Callable[[File, File, FuseOptions], Opened] = _as_they_are,
) -> None:
    """Fuse a pair into a PNG; arguments and errors are those of `fuse_folder`."""
    require_existing(visible, infrared)
    if out.suffix.lower() != '.png':
        raise InputError(f'{out}: a fused image is written as .png; give a name that ends in .png.')
    record = out.with_name(f'{out.stem}_infrared.json')
    jobs = [(visible, infrared, out)]
    _fuse_images(model, jobs, record, options, options.ir_scope or 'pair', open_pair)


def _fuse_images(
    model: Model,
    jobs: list[Job],
    record: Path,
    options: FuseOptions,
    ir_scope: str,
    open_pair: Callable[[File, File, FuseOptions], Opened],
) -> None:
    """Fuse what there is to do of `jobs`, and write to `record` how infrared was scaled."""
    ends = ['', *[f'_{options.finds}'] * bool(options.finds), *['_sheet'] * options.sheet]
    _require_distinct(jobs, ends)
    if record.exists():
        read_record(record)
    found = [options.finds.capitalize()] if options.finds else []
    if options.sheet:
        from bffr.figures.sheet import save_sheet  # matplotlib takes a while
    legend = dict(zip(model.classes, model.palette, strict=True)) if options.seg else {}
    stretch = options.stretch or 'image'
    scale = options.scale(model.infrared)
    number, shards = options.shard
    made, left = [], []
    for job in jobs[number - 1 :: shards]:
        there = options.skip_existing and all(file.is_file() for file in _files(job[2], ends))
        (made if there else left).append(job)
    if made:
        print(f'{len(made)} of {len(made) + len(left)} pair(s) already have their results')
    ranges, shared, placings = {}, None, {}
    if ir_scope == 'sequence':
        if not scale.range:
            scale = shared_scale([infrared for _, infrared, _ in jobs], scale, options.page)
        shared = scale.known
    options = replace(options, infrared=scale)
    if made:
        ranges, placings = _used_before(made, record, options, shared)
    if shared:
        ranges = {_ALL: shared, **{name: used for name, used in ranges.items() if used != shared}}
    known = gain = None
    if stretch == 'sequence' and left:

        def read(*files: File) -> Pair:
            vis, ir, own, _ = open_pair(*files, options)
            return read_pair(vis, ir, scale, own.align, own.vis_range, own.page)

        if ir_scope == 'sequence' and not shared:
            gain = FolderGain(samples(jobs, lambda job: read(*job[:2]).infrared))

        def fused(job: Job) -> np.ndarray:
            pair = read(*job[:2])
            if gain:
                pair = pair._replace(infrared=gain(pair.infrared))
            return thinned(model.run(pair)[0]).clip(0, 1)

        known = shared_range(samples(jobs, fused), (PERCENTILES[0], 50, PERCENTILES[1]))
    range_of = STRETCHES[stretch](known)
    stopped = threading.Event()
    with on_interrupt(stopped.set), Progress('pair', len(left), options.keep_going) as progress:
        try:
            for visible, infrared, target in left:
                if stopped.is_set():
                    break
                with progress.one(visible, infrared):
                    vis, ir, own, placing = open_pair(visible, infrared, options)
                    make, limits = fuse_pair(model, vis, ir, own, range_of, gain)
                    images = make()
                    files = _files(target, ends)
                    for file, image in zip(files, images, strict=False):  # but for the sheet
                        write_png(file, image)
                    if options.sheet:
                        row = [*_shown(vis, ir, own), *images]
                        save_sheet(files[-1], [*_TITLES, *found], [row], legend)
                    if limits != shared:
                        ranges[_name(target)] = limits
                    if placing:
                        placings[_name(target)] = placing
                    if not made:  # what is killed later has left what was used
                        scale.write_record(record, ranges, **_named(placings))
                    made.append((visible, infrared, target))
        finally:
            if made:
                scale.record(record, ranges, **_named(placings))
    if stopped.is_set():
        raise Interrupted(
            f'stopped by Ctrl-C; the results of {progress.done} pair(s) are whole, and '
            f'--skip-existing goes on after them.'
        )


def _named(placings: dict[str, dict]) -> dict[str, dict]:
    return {'placings': placings} if placings else {}


def _raw(infrared: File, scale: InfraredScale, options: FuseOptions) -> np.ndarray:
    return read_raw_infrared(infrared, scale, options.page)


def _name(target: Path) -> str:
    """What a record calls an image."""
    return target.name if target.stem == _ALL else target.stem


def _used_before(
    made: Sequence[Job], record: Path, options: FuseOptions, shared: Range | None
) -> tuple[dict[str, Range | None], dict[str, dict]]:
    """The ranges and placings of the pairs that are there.

    They are as the records in their folder say. Where there is none, all that needs a range was
    scaled as now, and 8-bit images were taken as they are.

    Raises:
        InputError: A record names other settings.
    """
    scale, known, ranges, placings = options.infrared, {}, {}, {}
    files = [record.with_name('infrared.json'), *record.parent.glob('infrared_*of*.json')]
    for file in filter(Path.is_file, files):
        used = read_record(file)
        known |= used.pop('ranges')
        placings |= used.pop('placings', {})
        used.pop('percentiles', None)
        if used != scale.settings:
            raise InputError(
                f'{file}: the images there were made with other options for infrared, {used}; '
                f'give the same ones, or choose another folder.'
            )
    for job in made:
        name = _name(job[2])
        if name in known or _ALL in known:
            ranges[name] = known.get(name, known.get(_ALL))
        elif not surely_8_bit(job[1], options.page):
            with contextlib.suppress(InputError):  # it was read when its result was made
                ranges[name] = shared or scale(_raw(job[1], scale, options))[1]
        elif shared:
            ranges[name] = None
    return ranges, placings


def _shown(vis: Image, ir: Image, options: FuseOptions) -> list[np.ndarray]:
    """Visible and infrared as a sheet shows them: what the rig keeps."""
    align, scale = options.align, options.infrared
    if isinstance(vis, np.ndarray):
        row = [vis, scale(ir)[0]]
    else:
        infrared, _, nothing = read_scaled_infrared(ir, scale, options.page)
        if nothing is not None:
            infrared[nothing] = 0
        row = [read_visible(vis, options.vis_range, options.page), infrared]
    return [align.kept(row[0]), align.kept(align.warp(row[1]))] if align else row


def _files(target: Path, ends: Sequence[str]) -> list[Path]:
    """What is made of one pair."""
    return [target.with_stem(f'{target.stem}{end}') for end in ends]


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
                    f'{file}: {made_of[file]} and {visible} would both be written to it; rename '
                    f'one.'
                )
            made_of[file] = visible

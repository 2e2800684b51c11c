"""Fusing images, folders and videos: what `fuse` of the command lines does."""

import os
from pathlib import Path

from bffr.errors import InputError, UsageError
from bffr.fusing.fuse_images import fuse_folder, fuse_image
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_video import fuse_video
from bffr.images.matching import match_pairs, require_two
from bffr.models.model import Model
from bffr.video import is_live, is_video


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
    if options.finds:
        model.require(options.finds)
    kind = _kind(vis)
    if kind != _kind(ir):
        raise InputError(f'{vis} ({kind}), {ir} ({_kind(ir)}): give two sources of one kind.')
    if kind != 'folder':
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
    if options.track:
        raise UsageError(f'{vis}, {ir}: only videos drift; leave out --track.')
    if (options.rate, options.offset, options.codec, options.crf) != ('visible', 0, None, None):
        raise UsageError(f'{vis}, {ir}: --rate, --offset, --codec and --crf are for videos.')
    vis, ir, out = Path(vis), Path(ir), Path(out)
    if kind == 'folder':
        fuse_folder(model, match_pairs(vis, ir, options.pair_by), out, options)
    else:
        fuse_image(model, vis, ir, out, options)


def _kind(path: str | os.PathLike) -> str:
    if is_live(path):
        return 'live source'
    if Path(path).is_dir():
        return 'folder'
    return 'video' if is_video(path) else 'image'

"""Fusing images, folders and videos: what `fuse` of the command lines does."""

import os
from pathlib import Path

from bffr.errors import InputError, UsageError
from bffr.files import require_existing
from bffr.fusing.fuse_images import fuse_folder, fuse_image
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_video import fuse_video
from bffr.images.matching import match_pairs, require_two
from bffr.models.model import Model
from bffr.video import is_live, kind_of


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
    kind = kind_of(vis)
    if kind != kind_of(ir):
        require_existing(*(source for source in (vis, ir) if not is_live(source)))
        raise InputError(f'{vis} ({kind}), {ir} ({kind_of(ir)}): give two sources of one kind.')
    names = f'{vis}, {ir}'
    if kind != 'folder':
        require_two(vis, ir)
        options.require_for_one(names)
    if kind in ('video', 'live source'):
        if options.sheet:
            raise UsageError(f'{names}: sheets are drawn of images only; leave out --sheet.')
        if options.vis_range or options.page:
            raise UsageError(f'{names}: --vis-range and --page are for images; leave them out.')
        fuse_video(model, vis, ir, out, options)
        return
    options.require_for_images(names)
    vis, ir, out = Path(vis), Path(ir), Path(out)
    if kind == 'folder':
        fuse_folder(model, match_pairs(vis, ir, options.pair_by), out, options)
    else:
        fuse_image(model, vis, ir, out, options)

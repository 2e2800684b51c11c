"""Fusing what FLIR's radiometric JPEGs hold: a photo and temperatures, and how both lie."""

import os
from dataclasses import replace
from pathlib import Path

from bffr.errors import InputError
from bffr.fusing.fuse_images import File, Opened, fuse_folder, fuse_image
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_radiometric, without_nothing
from bffr.images.matching import IMAGE_SUFFIXES, index_images
from bffr.models.model import Model


def fuse_flir(
    model: Model,
    photos: str | os.PathLike,
    out: str | os.PathLike,
    options: FuseOptions = FuseOptions(),  # noqa: B008, a value
) -> None:
    """Fuse the photo and the temperatures of a file, or of each in a folder, into PNGs.

    They are aligned by `options.align`, or else as each file says, which is stored beside the
    ranges of infrared.

    Args:
        model: What fuses.
        photos: A radiometric JPEG, or a folder of them.
        out: A `.png` file or, of a folder, a folder.
        options: See there.

    Raises:
        InputError: A file is of another kind, lacks one of these, or `out` cannot be written.
        UsageError: Options are for other sources.
    """
    photos, out = Path(photos), Path(out)
    options.require_for_images(str(photos))
    if options.finds:
        model.require(options.finds)
    if not photos.is_dir():
        options.require_for_one(str(photos))
        fuse_image(model, photos, photos, out, options, _open)
        return
    files = index_images(photos).values()
    if not files:
        raise InputError(f'{photos}: holds no image ({", ".join(IMAGE_SUFFIXES)}).')
    fuse_folder(model, [(file, file) for file in files], out, options, _open)


def _open(path: File, _: File, options: FuseOptions) -> Opened:
    found = read_radiometric(path)
    if options.align:
        placing = None
    else:
        placing = found.placing
        try:
            options = replace(options, align=found.rig())
        except InputError as error:
            raise InputError(f'{path}: {error}') from None
    return found.photo, without_nothing(found.celsius), options, placing

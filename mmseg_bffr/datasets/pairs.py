"""Which visible image belongs to which infrared image: the one with the same stem."""

import os
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from mmseg_bffr.errors import InputError

IMAGE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp')


def index_images(folder: str | os.PathLike) -> dict[str, str]:
    """Map stem -> path for the images directly in `folder`, sorted by stem.

    Raises:
        InputError: The folder is missing or two of its images share a stem.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f'{folder}: is not a folder of images.')
    images = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.stem):
        if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith('.'):
            continue
        if path.stem in images:
            raise InputError(
                f'{path}: has the same stem as {images[path.stem]}; keep one image a stem.'
            )
        images[path.stem] = str(path)
    return images


def require_stems(folders: Mapping[str | os.PathLike, Container[str]], stems: Iterable[str]):
    """Check that every one of `stems` is in all `folders`, a map from folder to the stems in it.

    Raises:
        InputError: Lists all that are missing, of all folders.
    """
    stems = list(stems)
    absent = {
        folder: [stem for stem in stems if stem not in present]
        for folder, present in folders.items()
    }
    sentences = [
        f'{folder}: has no image for {len(missing)} name(s): {", ".join(missing)}'
        for folder, missing in absent.items()
        if missing
    ]
    if sentences:
        raise InputError('; '.join(sentences))


def match_stems(
    visible_dir: str | os.PathLike, infrared_dir: str | os.PathLike
) -> list[tuple[str, str, str]]:
    """Pair two folders of images by stem; the extensions may differ.

    Returns:
        list of (stem, visible path, infrared path), sorted by stem.

    Raises:
        InputError: A folder is missing or holds no image, or an image has no counterpart (all
            are listed).
    """
    visible, infrared = index_images(visible_dir), index_images(infrared_dir)
    if not visible:
        raise InputError(f'{visible_dir}: holds no image ({", ".join(IMAGE_SUFFIXES)}).')
    stems = sorted(visible.keys() | infrared)
    require_stems({visible_dir: visible, infrared_dir: infrared}, stems)
    return [(stem, path, infrared[stem]) for stem, path in visible.items()]

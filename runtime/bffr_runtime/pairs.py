"""Which visible image belongs to which infrared image: the one with the same stem."""

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

from bffr_runtime.errors import InputError

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


BESIDE = ('_labels', '_sheet')
"""Ends of the stems of what `fuse.py` writes beside STEM.png."""


def index_fused(folder: str | os.PathLike, stems: Container[str]) -> dict[str, str]:
    """`index_images` of a folder of fused images, without the labels and sheets of others in it.

    Args:
        folder: Folder of fused images.
        stems: Those of the pairs, which are fused images whatever they end in.
    """
    images = index_images(folder)
    return {
        stem: path
        for stem, path in images.items()
        if stem in stems
        or not any(stem.endswith(end) and stem.removesuffix(end) in images for end in BESIDE)
    }


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
    *folders: str | os.PathLike, stems: Sequence[str] | None = None
) -> list[tuple[str, ...]]:
    """Match the images of several folders by stem; the extensions may differ.

    Args:
        *folders: Folders of images.
        stems: Which to take, in this order; by default all, sorted.

    Returns:
        list of (stem, path in the first folder, path in the second, ...).

    Raises:
        InputError: A folder is missing or the first holds no image, or an image has no counterpart
            (all are listed).
    """
    images = [index_images(folder) for folder in folders]
    if not images[0]:
        raise InputError(f'{folders[0]}: holds no image ({", ".join(IMAGE_SUFFIXES)}).')
    if stems is None:
        stems = sorted(set().union(*images))
    require_stems(dict(zip(folders, images, strict=True)), stems)
    return [(stem, *(found[stem] for found in images)) for stem in stems]

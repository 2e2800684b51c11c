"""Which visible image belongs to which infrared image: by default the one with the same stem."""

import os
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path

from bffr.errors import InputError

IMAGE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp')


def require_two(vis: str | os.PathLike, ir: str | os.PathLike) -> None:
    """Refuse one file or folder as visible and as infrared, by whatever names.

    Raises:
        InputError: It is one.
    """
    if Path(vis).resolve() == Path(ir).resolve():
        raise InputError(f'{vis}: is given as visible and as infrared; give both.')


def index_images(folder: str | os.PathLike) -> dict[str, str]:
    """Map stem -> path for the images directly in `folder`, sorted by stem.

    Raises:
        InputError: The folder is missing or two of its images share a stem.
    """
    folder = Path(folder)
    try:
        if not folder.is_dir():
            raise InputError(f'{folder}: is not a folder of images.')
        return by_stem(map(str, folder.iterdir()))
    except OSError as error:
        raise InputError(f'{folder}: cannot be read ({error.strerror}).') from None


def by_stem(paths: Iterable[str]) -> dict[str, str]:
    """Map stem -> path for the images among paths, or URLs, of one folder, sorted by stem.

    Raises:
        InputError: Two share a stem.
    """
    images = {}
    for path in sorted(paths, key=lambda path: Path(path).stem):
        stem, suffix = os.path.splitext(os.path.basename(path))
        if suffix.lower() not in IMAGE_SUFFIXES or stem.startswith('.'):
            continue
        if stem in images:
            raise InputError(f'{path}: has the same stem as {images[stem]}; keep one image a stem.')
        images[stem] = path
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
    *folders: str | os.PathLike,
    stems: Sequence[str] | None = None,
    index: Callable[[str | os.PathLike], dict[str, str]] = index_images,
) -> list[tuple[str, ...]]:
    """Match the images of several folders by stem; the extensions may differ.

    Args:
        *folders: Folders of images.
        stems: Which to take, in this order; by default all, sorted.
        index: Finds the images of a folder that is not on this machine.

    Returns:
        list of (stem, path in the first folder, path in the second, ...).

    Raises:
        InputError: A folder is missing or the first holds no image, or an image has no counterpart
            (all are listed).
    """
    images = [index(folder) for folder in folders]
    if not images[0]:
        raise InputError(f'{folders[0]}: holds no image ({", ".join(IMAGE_SUFFIXES)}).')
    if stems is None:
        stems = sorted(set().union(*images))
    require_stems(dict(zip(folders, images, strict=True)), stems)
    return [(stem, *(found[stem] for found in images)) for stem in stems]


ORDER = ['order']


def match_pairs(
    vis: str | os.PathLike, ir: str | os.PathLike, by: Sequence[str] | None = None
) -> list[tuple[str, str]]:
    """Match visible and infrared images of two folders, or of one.

    Args:
        vis, ir: Folders.
        by: How: by default by stem; `ORDER`: the first with the first, numbers counting as numbers;
            or two patterns such as `('NAMEv', 'NAMEi')`: stems that have the same NAME, others do
            not count.

    Returns:
        list of (visible path, infrared path).

    Raises:
        InputError: A pattern has no NAME, a folder is missing or holds no image, or an image has no
            counterpart (all are listed).
    """
    if by is None:
        return [(visible, infrared) for _, visible, infrared in match_stems(vis, ir)]
    found = [index_images(folder) for folder in (vis, ir)]
    if [*by] == ORDER:
        files = [[images[stem] for stem in sorted(images, key=_numbers)] for images in found]
        if len(files[0]) != len(files[1]) or not files[0]:
            raise InputError(
                f'{vis}, {ir}: hold {len(files[0])} and {len(files[1])} images; to be paired by '
                f'order they must be equally many.'
            )
        return list(zip(*files, strict=True))
    if len(by) != 2 or not all('NAME' in pattern for pattern in by):
        raise InputError(
            f"{' '.join(by)}: pairs are found by 'order' or by two patterns such as NAMEv NAMEi."
        )
    named = [_by_name(images, pattern) for images, pattern in zip(found, by, strict=True)]
    if not named[0]:
        raise InputError(f'{vis}: no image is named as in {by[0]}.')
    names = sorted(set().union(*named))
    require_stems(dict(zip((f'{vis} ({by[0]})', f'{ir} ({by[1]})'), named, strict=True)), names)
    return [(named[0][name], named[1][name]) for name in names]


def _numbers(stem: str) -> list[tuple[int, str]]:
    """A key that sorts 2 before 10."""
    return [(int(digits or 0), text) for digits, text in re.findall(r'(\d*)(\D*)', stem)]


def _by_name(images: Mapping[str, str], pattern: str) -> dict[str, str]:
    before, after = map(re.escape, pattern.split('NAME', 1))
    matches = ((re.fullmatch(f'{before}(.+){after}', stem), path) for stem, path in images.items())
    return {match[1]: path for match, path in matches if match}

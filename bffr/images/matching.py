"""Which visible image belongs to which infrared image: by default the one with the same stem."""

import os
import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from bffr.errors import InputError
from bffr.images.capture_time import capture_time
from bffr.images.said_once import say_once

JPEG_SUFFIXES = '.jpg', '.jpeg', '.jpe', '.jfif'
IMAGE_SUFFIXES = ('.png', *JPEG_SUFFIXES, '.bmp', '.tif', '.tiff', '.webp', '.pgm', '.ppm', '.pnm')

_SUFFIXES = ('NAME_W', 'NAME_T'), ('NAME_V', 'NAME_T')
"""How cameras name the visible and the thermal image of a pair."""

_APART = timedelta(seconds=5)  # at most, of a pair by time


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


def composed(name: str) -> str:
    """A name in Unicode's composed form: macOS and others write the same letters in two ways."""
    return unicodedata.normalize('NFC', name)


def by_stem(paths: Iterable[str]) -> dict[str, str]:
    """Map stem -> path for the images among paths, or URLs, of one folder, sorted by stem.

    Raises:
        InputError: Two share a stem.
    """
    images = {}
    for path in sorted(paths, key=lambda path: Path(path).stem):
        stem, suffix = os.path.splitext(composed(os.path.basename(path)))
        if suffix.lower() not in IMAGE_SUFFIXES or stem.startswith('.'):
            continue
        if stem in images:
            raise InputError(f'{path}: has the same stem as {images[stem]}; keep only one of them.')
        images[stem] = path
    return images


BESIDE = ('_labels', '_boxes', '_sheet')
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
    stems = list(map(composed, stems))
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
    stems = list(map(composed, stems))
    require_stems(dict(zip(folders, images, strict=True)), stems)
    return [(stem, *(found[stem] for found in images)) for stem in stems]


ORDER, TIME = ['order'], ['time']


def match_pairs(
    vis: str | os.PathLike, ir: str | os.PathLike, by: Sequence[str] | None = None
) -> list[tuple[str, str]]:
    """Match visible and infrared images of two folders, or of one.

    Args:
        vis, ir: Folders.
        by: How: by default by stem, or by `NAME_W` or `NAME_V` and `NAME_T`, if that is the one way
            to pair all; `ORDER`: the first with the first, numbers counting as numbers; `TIME`:
            those taken at nearly the same time, see `capture_time`; or two patterns such as
            `('NAMEv', 'NAMEi')`: stems that have the same NAME, others do not count.

    Returns:
        list of (visible path, infrared path).

    Raises:
        InputError: A pattern has no NAME, a folder is missing or holds no image, or an image has no
            counterpart (all are listed); or both are one folder, and names do not tell its images
            apart.
    """
    found = [index_images(folder) for folder in (vis, ir)]
    one_folder = Path(vis).resolve() == Path(ir).resolve()
    if by is None or ([*by] == TIME and one_folder):
        named = _by_suffixes(*found, one_folder, by is None)
        if named and by is None:
            say_once(
                f'{vis}',
                f'{vis}, {ir}: images are paired by {" and ".join(named)}; others are left out',
            )
            by = named
        elif named:
            found = [_by_name(images, end) for images, end in zip(found, named, strict=True)]
        elif one_folder:
            _refuse_one_folder(vis)
    if by is None:
        try:
            return [(visible, infrared) for _, visible, infrared in match_stems(vis, ir)]
        except InputError as error:
            if 'has no image for' not in str(error):
                raise
            raise InputError(f'{error}; for other names, use --pair-by.') from None
    if [*by] == TIME:
        return _by_time(vis, ir, *(images.values() for images in found))
    if [*by] == ORDER:
        if one_folder:
            _refuse_one_folder(vis)
        files = [[images[stem] for stem in sorted(images, key=_numbers)] for images in found]
        if len(files[0]) != len(files[1]) or not files[0]:
            raise InputError(
                f'{vis}, {ir}: hold {len(files[0])} and {len(files[1])} images; --pair-by order '
                f'needs the same number in both.'
            )
        return list(zip(*files, strict=True))
    if len(by) != 2 or not all('NAME' in pattern for pattern in by):
        raise InputError(
            f"{' '.join(by)}: pairs are found by 'order', by 'time' or by two patterns such as "
            f'NAMEv NAMEi.'
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


def _refuse_one_folder(folder: str | os.PathLike) -> NoReturn:
    raise InputError(
        f'{folder}: is given as visible and as infrared; give two folders, or two patterns that '
        f'tell its images apart, such as --pair-by NAME_V NAME_T.'
    )


def _by_suffixes(
    visible: Mapping[str, str], infrared: Mapping[str, str], one_folder: bool, whole: bool
) -> tuple[str, str] | None:
    """The one of `_SUFFIXES` that tells two kinds of images apart and, if `whole`, pairs all."""
    fitting = []
    for ends in _SUFFIXES:
        named = [
            _by_name(images, end) for images, end in zip((visible, infrared), ends, strict=True)
        ]
        paired = named[0].keys() == named[1].keys() if whole else all(named)
        alone = one_folder or [*map(len, named)] == [len(visible), len(infrared)]
        if named[0] and paired and alone:
            fitting.append(ends)
    return fitting[0] if len(fitting) == 1 else None


def _by_time(
    vis: str | os.PathLike, ir: str | os.PathLike, visible: Iterable[str], infrared: Iterable[str]
) -> list[tuple[str, str]]:
    """Pair each image with the nearest in time; each must be the nearest of its nearest."""
    times = {path: capture_time(path) for path in (*visible, *infrared)}
    untold = [path for path, time in times.items() if time is None]
    if untold:
        raise InputError(
            f'{", ".join(untold)}: have no time in EXIF data or in their names; choose another '
            f'--pair-by.'
        )

    def nearest_of(others: Iterable[str]) -> Callable[[str], str | None]:
        in_order = sorted((times[other], other) for other in others)

        def nearest(path: str) -> str | None:
            at = bisect(in_order, (times[path], ''))
            near = in_order[max(at - 2, 0) : at + 2]
            ways = sorted((abs(time - times[path]), other) for time, other in near)
            if not ways or ways[0][0] > _APART or (len(ways) > 1 and ways[0][0] == ways[1][0]):
                return None
            return ways[0][1]

        return nearest

    pairs = dict(zip(visible, map(nearest_of(infrared), visible), strict=True))
    back = dict(zip(infrared, map(nearest_of(visible), infrared), strict=True))
    alone = [path for path, other in pairs.items() if other is None or back[other] != path]
    alone += [path for path, other in back.items() if other is None or pairs[other] != path]
    if alone or not pairs:
        raise InputError(
            f'{", ".join(alone) or f"{vis}, {ir}"}: has no partner within '
            f'{_APART.seconds} seconds, or several; remove it, or choose another --pair-by.'
        )
    return sorted(pairs.items(), key=lambda pair: times[pair[0]])

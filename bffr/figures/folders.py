"""A sheet of what several folders hold for the same pairs."""

import os
from collections.abc import Mapping, Sequence
from itertools import chain

import cv2
import numpy as np

from bffr.errors import InputError, UsageError
from bffr.figures.inset import Region
from bffr.figures.sheet import Box, save_sheet
from bffr.files import refuse_to_replace
from bffr.images.image_io import read_image, read_infrared, read_labels, read_visible
from bffr.images.matching import composed, index_fused, require_stems
from bffr.images.results import MFNET, colour_labels

_MOST_ROWS = 100
_SMALLEST = 1 / 2000  # of the image's pixels that an object has to be marked
_MARGIN = 0.01  # of the image's height, on each side of a marked object

Folder = str | os.PathLike


def draw_folders(
    path: str | os.PathLike,
    images: Mapping[str, Folder],
    labels: Mapping[str, Folder] | None = None,
    stems: Sequence[str] | None = None,
    differences: Mapping[str, tuple[Folder, Folder]] | None = None,
    marked: Sequence[str] = (),
    marked_in: Folder | None = None,
    regions: Sequence[Region] = (),
    metainfo: dict | None = None,
    in_column: bool = False,
) -> None:
    """Draw a row a pair, a column a folder.

    Args:
        path: Image file to write.
        images, labels: Column title -> folder of images, of label maps to paint.
        stems: Names of the pairs; by default all in the first folder, without the labels and sheets
            that `bffr fuse` wrote beside them.
        differences: Column title -> two folders of images; the luma of the first minus that of
            the second.
        marked, marked_in: Classes whose objects are boxed in every column, and the folder of label
            maps in which they are found.
        regions: What to enlarge, in pixels of the first column: one for all pairs or one for each.
        metainfo: `classes` and `palette` of the labels; MFNet's by default.
        in_column: Whether it is to be as wide as a column of a paper, see `save_sheet`.

    Raises:
        InputError: A folder or file cannot be read or lacks one of the pairs, there is no such
            class, the images of a difference have two sizes, the regions do not fit, or there are
            more than 100 pairs.
    """
    labels, differences = labels or {}, differences or {}
    metainfo = metainfo or MFNET
    folders = [*images.values(), *labels.values(), *chain(*differences.values())]
    folders += [marked_in] if marked else []
    stems = [*map(composed, stems or ())]
    files = {folder: index_fused(folder, stems) for folder in folders}
    stems = stems or list(files[folders[0]])
    require_stems(files, stems)
    refuse_to_replace(path, chain(*(paths.values() for paths in files.values())))
    if not stems:
        raise InputError(f'{folders[0]}: holds no image.')
    if len(stems) > _MOST_ROWS:
        raise InputError(
            f'{path}: {len(stems)} rows are more than one sheet shows; name at most {_MOST_ROWS} '
            f'pairs.'
        )
    if len(regions) not in (0, 1, len(stems)):
        raise UsageError(
            f'{len(regions)} regions for {len(stems)} images; give one for all or one for each.'
        )
    regions = [*regions] * len(stems) if len(regions) == 1 else regions
    palette, rows, boxes = metainfo['palette'], [], []
    for number, stem in enumerate(stems):
        file = {folder: paths[stem] for folder, paths in files.items()}
        row = [_read(file[folder]) for folder in images.values()]
        row += [colour_labels(read_labels(file[folder]), palette) for folder in labels.values()]
        row += [luma_difference(file[a], file[b]) for a, b in differences.values()]
        size = row[0].shape[1::-1]
        if regions:
            x, y, w, h = regions[number]
            if min(x, y, w - 1, h - 1) < 0 or x + w > size[0] or y + h > size[1]:
                raise InputError(
                    f'region {x},{y},{w},{h} is not inside {stem} ({size[0]}x{size[1]}).'
                )
        if marked:
            found = cv2.resize(read_labels(file[marked_in]), size, interpolation=cv2.INTER_NEAREST)
            boxes.append(class_boxes(found, marked, metainfo))
        rows.append(row)
    legend = dict(zip(metainfo['classes'], palette, strict=True)) if labels else {}
    save_sheet(path, [*images, *labels, *differences], rows, legend, boxes, regions, in_column)


def class_boxes(labels: np.ndarray, names: Sequence[str], metainfo: dict) -> list[Box]:
    """Box the connected regions of some classes, with a small margin.

    Regions below 1/2000 of the image are left out.

    Args:
        labels: Integers (H, W), indices of classes.
        names: Of the classes, `unlabeled` excepted.
        metainfo: `classes` and their `palette`, which is taken at full brightness.

    Raises:
        InputError: There is no such class.
    """
    known = [name for name in metainfo['classes'] if name != 'unlabeled']
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f'{", ".join(unknown)}: is not a class to mark; choose from {", ".join(known)}.'
        )
    margin = np.ceil(_MARGIN * len(labels))
    boxes = []
    for name in names:
        number = metainfo['classes'].index(name)
        colour = np.array(metainfo['palette'][number])
        colour = tuple(map(float, colour / max(colour.max(), 1)))
        *_, regions, _ = cv2.connectedComponentsWithStats(np.uint8(labels == number))
        for x, y, width, height, area in regions[1:]:
            if area >= _SMALLEST * labels.size:
                corners = [(x - margin, y - margin), (x + width + margin, y + height + margin)]
                start, end = np.clip(corners, 0, labels.shape[::-1])
                boxes.append(Box(name, colour, (*start, *(end - start))))
    return boxes


def luma_difference(path: str | os.PathLike, minus: str | os.PathLike) -> np.ndarray:
    """BT.601 luma of one image minus that of another: float32 (H, W) in -255..255.

    Raises:
        InputError: A file cannot be read or the sizes differ.
    """
    first, second = (
        cv2.cvtColor(read_visible(file).astype(np.float32), cv2.COLOR_BGR2GRAY)
        for file in (path, minus)
    )
    if first.shape != second.shape:
        raise InputError(
            f'{minus}: is {second.shape[1]}x{second.shape[0]}, but {path} is '
            f'{first.shape[1]}x{first.shape[0]}; a difference needs images of one size.'
        )
    return first - second


def _read(path: str) -> np.ndarray:
    """An image in colour, or of one channel, which if it is not 8 bit is shown by its own range."""
    return (read_visible if read_image(path).ndim == 3 else read_infrared)(path)

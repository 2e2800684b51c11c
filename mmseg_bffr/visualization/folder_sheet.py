"""A sheet of what several folders hold for the same pairs."""

import os
from collections.abc import Mapping, Sequence

from mmseg_bffr.datasets.image_io import read_labels, read_visible
from mmseg_bffr.datasets.mfnet import MFNetDataset
from mmseg_bffr.datasets.pairs import index_images, require_stems
from mmseg_bffr.visualization.class_boxes import class_boxes
from mmseg_bffr.visualization.luma_difference import luma_difference
from mmseg_bffr.visualization.results import colour_labels
from mmseg_bffr.visualization.sheet import save_sheet

Folder = str | os.PathLike


def draw_folders(
    path: str | os.PathLike,
    images: Mapping[str, Folder],
    labels: Mapping[str, Folder] | None = None,
    stems: Sequence[str] | None = None,
    differences: Mapping[str, tuple[Folder, Folder]] | None = None,
    marked: Sequence[str] = (),
    marked_in: Folder | None = None,
) -> None:
    """Draw a row a pair, a column a folder.

    Args:
        path: Image file to write.
        images: Column title -> folder of images.
        labels: Column title -> folder of label maps, painted in MFNet's colours, which are then
            named below the sheet.
        stems: Names of the pairs; all in the first folder by default.
        differences: Column title -> two folders; the luma of the first's images minus that of
            the second's, all columns in one scale of colours.
        marked: Classes whose objects are boxed in every column.
        marked_in: Folder of label maps in which these objects are found.

    Raises:
        InputError: A folder or file cannot be read or lacks one of the pairs, the images of a
            difference have two sizes, or there is no such class.
    """
    labels, differences = labels or {}, differences or {}
    folders = [*images.values(), *labels.values()]
    folders += [folder for pair in differences.values() for folder in pair]
    folders += [marked_in] if marked else []
    files = {folder: index_images(folder) for folder in folders}
    stems = stems or list(files[folders[0]])
    require_stems(files, stems)
    palette = MFNetDataset.METAINFO['palette']
    rows = [
        [read_visible(files[folder][stem]) for folder in images.values()]
        + [colour_labels(read_labels(files[folder][stem]), palette) for folder in labels.values()]
        + [
            luma_difference(files[first][stem], files[second][stem])
            for first, second in differences.values()
        ]
        for stem in stems
    ]
    boxes = marked and [class_boxes(read_labels(files[marked_in][stem]), marked) for stem in stems]
    classes = dict(zip(MFNetDataset.METAINFO['classes'], palette, strict=True))
    save_sheet(path, [*images, *labels, *differences], rows, classes if labels else None, boxes)

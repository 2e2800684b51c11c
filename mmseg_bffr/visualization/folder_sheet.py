"""A sheet of what several folders hold for the same pairs."""

import os
from collections.abc import Mapping, Sequence

from mmseg_bffr.datasets.image_io import read_labels, read_visible
from mmseg_bffr.datasets.mfnet import MFNetDataset
from mmseg_bffr.datasets.pairs import index_images, require_stems
from mmseg_bffr.visualization.results import colour_labels
from mmseg_bffr.visualization.sheet import save_sheet


def draw_folders(
    path: str | os.PathLike,
    images: Mapping[str, str | os.PathLike],
    labels: Mapping[str, str | os.PathLike] | None = None,
    stems: Sequence[str] | None = None,
) -> None:
    """Draw a row a pair, a column a folder.

    Args:
        path: Image file to write.
        images: Column title -> folder of images.
        labels: Column title -> folder of label maps, painted in MFNet's colours, which are then
            named below the sheet.
        stems: Names of the pairs; all in the first folder by default.

    Raises:
        InputError: A folder or file cannot be read, or lacks one of the pairs.
    """
    labels = labels or {}
    folders = {**images, **labels}
    files = {title: index_images(folder) for title, folder in folders.items()}
    stems = stems or list(next(iter(files.values())))
    require_stems({folder: files[title] for title, folder in folders.items()}, stems)
    palette = MFNetDataset.METAINFO['palette']
    rows = [
        [read_visible(files[title][stem]) for title in images]
        + [colour_labels(read_labels(files[title][stem]), palette) for title in labels]
        for stem in stems
    ]
    classes = dict(zip(MFNetDataset.METAINFO['classes'], palette, strict=True))
    save_sheet(path, list(folders), rows, classes if labels else None)

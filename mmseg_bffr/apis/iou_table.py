"""A table of IoUs: methods and parts of a test set, mean and deviation over seeds."""

import math
import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import torch
from mmseg.evaluation import IoUMetric

from bffr import __version__
from bffr.errors import InputError
from bffr.evaluation.tables import format_csv, format_table, markdown_text
from bffr.files import write_whole
from bffr.images.splits import day_and_night, read_split

Pixels = Mapping[str, Sequence[Sequence[int]]]
"""Image -> pixels of each class: intersection, union, predicted, labelled."""

SUFFIXES = ('.csv', '.md')


def image_parts(
    names: Sequence[str], lists: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Name the parts of a test set that are reported: all of it, and then others.

    Args:
        names: Of all images.
        lists: Part -> split file. By default `day` and `night`, where all names end in D or N.

    Raises:
        InputError: A list cannot be read or names other images.
    """
    parts = {'all': list(names)}
    if lists:
        for part, path in lists.items():
            parts[part] = read_split(path)
            strange = [name for name in parts[part] if name not in names]
            if strange:
                raise InputError(
                    f'{path}: names {len(strange)} image(s) that the test set has not: '
                    f'{", ".join(strange[:5])}{", ..." if len(strange) > 5 else ""}'
                )
        return parts
    return {**parts, **day_and_night(names)}


def class_ious(pixels: Pixels, images: Sequence[str], classes: Sequence[str]) -> dict[str, float]:
    """mIoU and the IoU of each class over some images, in percent, as mmsegmentation has them.

    A class in neither labels nor predictions is NaN and does not count in the mean.
    """
    totals = torch.tensor([pixels[image] for image in images]).sum(0).double()
    ious = 100 * IoUMetric.total_area_to_metrics(*totals, ['mIoU'])['IoU']
    return {'mIoU': np.nanmean(ious).item(), **dict(zip(classes, ious.tolist(), strict=True))}


def write_table(
    path: str | os.PathLike,
    methods: Mapping[str, Sequence[Pixels]],
    parts: Mapping[str, Sequence[str]],
    classes: Sequence[str],
    recipe: str,
) -> None:
    """Write a table, a row for each part and method, and print it.

    Args:
        path: `.csv`, mean and deviation in columns of their own, or `.md`.
        methods: Name -> what was counted with each seed.
        parts: Name -> images.
        classes: Names.
        recipe: Version of the recipe, which the table names.

    Raises:
        InputError: The file cannot be written.
    """
    heads = ['mIoU', *classes]
    rows = []
    for part, images in parts.items():
        for method, runs in methods.items():
            seeds = [class_ious(pixels, images, classes) for pixels in runs]
            values = [_mean_and_deviation([ious[head] for ious in seeds]) for head in heads]
            rows.append(([part, len(images), method, len(seeds)], values))
    table = [['part', 'images', 'method', 'seeds', *heads]]
    table += [[*row, *(_cell(*value) for value in values)] for row, values in rows]
    if Path(path).suffix.lower() == '.md':
        text = 'IoU in percent, mean ± standard deviation over seeds; '
        cells = [[markdown_text(str(cell)) for cell in row] for row in table]
        text += f'recipe {recipe}, bffr {__version__}\n\n{format_table(cells, "pipe")}\n'
    else:
        columns = [column for head in heads for column in (head, f'{head}_std')]
        text = format_csv(
            ['recipe', 'version', 'part', 'images', 'method', 'seeds', *columns],
            [[recipe, __version__, *row, *chain(*values)] for row, values in rows],
        )
    write_whole(path, text.encode())
    print(format_table(table))


def _mean_and_deviation(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Of the values that are defined; None for that of too few."""
    defined = [value for value in values if not math.isnan(value)]
    return (mean(defined) if defined else None, stdev(defined) if len(defined) > 1 else None)


def _cell(average: float | None, deviation: float | None) -> str:
    if average is None:
        return '-'
    return f'{average:.2f}' + ('' if deviation is None else f' ± {deviation:.2f}')

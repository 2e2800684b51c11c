"""A table of methods and parts of a test set: mean and deviation over seeds."""

import math
import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from statistics import mean, stdev

from bffr import __version__
from bffr.errors import InputError
from bffr.evaluation.tables import format_csv, format_table, markdown_text
from bffr.files import write_whole
from bffr.images.splits import day_and_night, read_split

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
                    f'{path}: names {len(strange)} image(s) that are not in the test set: '
                    f'{", ".join(strange[:5])}{", ..." if len(strange) > 5 else ""}'
                )
        return parts
    return {**parts, **day_and_night(names)}


def write_table(
    path: str | os.PathLike,
    scores: Mapping[tuple[str, int, str], Sequence[Mapping[str, float]]],
    caption: str,
    recipe: str,
) -> None:
    """Write a table, a row for each part and method, and print it.

    Args:
        path: `.csv`, mean and deviation in columns of their own, or `.md`.
        scores: Part, how many images it has, and method -> of each seed, value by column.
        caption: What the values are.
        recipe: Version of the recipe, which the table names.

    Raises:
        InputError: The file cannot be written.
    """
    heads, rows = [], []
    for (part, images, method), seeds in scores.items():
        heads = [*seeds[0]]
        values = [_mean_and_deviation([values[head] for values in seeds]) for head in heads]
        rows.append(([part, images, method, len(seeds)], values))
    table = [['part', 'images', 'method', 'seeds', *heads]]
    table += [[*row, *(_cell(*value) for value in values)] for row, values in rows]
    if Path(path).suffix.lower() == '.md':
        text = f'{caption}, mean ± standard deviation over seeds; '
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

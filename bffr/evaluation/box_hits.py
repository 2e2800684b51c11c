"""How a label map agrees with boxes that people have drawn: numpy alone."""

import csv
import math
import os
from collections import defaultdict

import numpy as np

from bffr.errors import InputError

COLUMNS = ('name', 'class', 'x1', 'y1', 'x2', 'y2')
MARGIN = 4
"""How far outside its box a pixel is still inside, as boxes are drawn by hand."""

_SHARE = 0.25  # of the middle that a hit takes


def read_boxes(path: str | os.PathLike) -> dict[str, dict[str, np.ndarray]]:
    """Boxes (N, 4) of x1, y1, x2, y2 by the name of the pair and of the class.

    Args:
        path: CSV file with the columns `name,class,x1,y1,x2,y2`, a box a line; pixels, (0, 0) at
            the centre of the top left one, both corners inside.

    Raises:
        InputError: The file is missing, has other columns, or a box is none.
    """
    boxes = defaultdict(lambda: defaultdict(list))
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            for row in csv.DictReader(file):
                x1, y1, x2, y2 = box = [float(row[column]) for column in COLUMNS[2:]]
                if not (0 <= x1 <= x2 < math.inf and 0 <= y1 <= y2 < math.inf):
                    raise ValueError(f'{box} is no box')
                boxes[row['name']][row['class']].append(box)
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}); give a file of drawn boxes, or evaluate '
            f'without them.'
        ) from None
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f'{path}: must have the columns {",".join(COLUMNS)} and a box a line ({error}).'
        ) from None
    return {
        name: {key: np.array(drawn) for key, drawn in of_class.items()}
        for name, of_class in boxes.items()
    }


def count_hits(mask: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Compare one class's pixels with the boxes of that class, in one image.

    A box is hit if at least a quarter of its middle, half as wide and half as high, has the class.
    A pixel is inside if it is in a box that is enlarged by `MARGIN` pixels on all sides.

    Args:
        mask: Whether a pixel has the class, bool (H, W).
        boxes: (N, 4), N may be 0, as `read_boxes` gives them.

    Returns:
        np.ndarray: Four counts: boxes hit, boxes, pixels inside, pixels of the class.
    """
    hits, near = 0, np.zeros_like(mask)
    for x1, y1, x2, y2 in boxes:
        quarter = (x2 - x1) / 4, (y2 - y1) / 4
        middle = _between(y1, y2, -quarter[1]), _between(x1, x2, -quarter[0])
        hits += bool(mask[middle].size) and mask[middle].mean() >= _SHARE
        near[_between(y1, y2, MARGIN), _between(x1, x2, MARGIN)] = True
    return np.array([hits, len(boxes), (mask & near).sum(), mask.sum()])


def _between(low: float, high: float, margin: float) -> slice:
    """Pixels whose centres are from low - margin to high + margin, or the one at the middle."""
    first, last = math.ceil(low - margin), math.floor(high + margin)
    if first > last:
        first = last = round((low + high) / 2)
    return slice(max(first, 0), last + 1)

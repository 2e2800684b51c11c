"""Fusing a large image in tiles: the same pixels, with memory for one tile alone."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from bffr.models.engine import Engine

LARGE = 3 * 2**19
"""Pixels of an image above which it is fused in tiles."""

SIDE = 640
"""Of a square tile, in pixels, what is around it included; none has more pixels."""


class Tiles(NamedTuple):
    """How a model's images may be cut.

    Attributes:
        step: Tiles begin at multiples of it, in pixels.
        reach: How far away from a pixel others change it, but by sums over the whole image.
    """

    step: int
    reach: int


class Part(NamedTuple):
    """A tile along one axis, in pixels of the image.

    Attributes:
        start, stop: What the tile gives.
        seen_from, seen_to: What it is made of.
    """

    start: int
    stop: int
    seen_from: int
    seen_to: int


def fuse_in_tiles(
    engine: Engine, visible: np.ndarray, infrared: np.ndarray, tiles: Tiles, side: int
) -> np.ndarray:
    """What `engine.run` makes of a pair, but for rounding.

    What the network sums over the whole image is summed over the tiles first.

    Args:
        engine: What fuses.
        visible: uint8 (H, W, 3), BGR.
        infrared: uint8 (H, W).
        tiles: Where they may be cut.
        side: Of a square tile; tiles are larger where what is around them leaves no room.

    Returns:
        np.ndarray: float32 (H, W, 3), BGR, nominally in 0..1.
    """
    height, width = infrared.shape
    rows = list(parts(height, tiles, side))
    tallest = max(part.seen_to - part.seen_from for part in rows)
    grid = list(product(rows, parts(width, tiles, side**2 // tallest)))

    def seen(rows: Part, columns: Part) -> tuple[np.ndarray, np.ndarray]:
        place = slice(rows.seen_from, rows.seen_to), slice(columns.seen_from, columns.seen_to)
        return visible[place][None], infrared[place][None]

    sums = 0.0
    for rows, columns in grid:
        inside = [edge - part.seen_from for part in (rows, columns) for edge in part[:2]]
        sums = sums + engine.sums(*seen(rows, columns), np.array(inside)).astype(np.float64)
    fused = np.empty((*infrared.shape, 3), np.float32)
    for rows, columns in grid:
        tile, _ = engine.run(*seen(rows, columns), False, sums.astype(np.float32))
        (top, bottom), (left, right) = (
            (part.start - part.seen_from, part.stop - part.seen_from) for part in (rows, columns)
        )
        place = slice(rows.start, rows.stop), slice(columns.start, columns.stop)
        fused[place] = tile[0, top:bottom, left:right]
    return fused


def parts(length: int, tiles: Tiles, side: int) -> Iterator[Part]:
    """Cut a length into parts of one size, but for the last."""
    around = -(-tiles.reach // tiles.step) * tiles.step
    count = -(-length // max(side - 2 * around, tiles.step))
    own = -(-length // (count * tiles.step)) * tiles.step
    for start in range(0, length, own):
        stop = min(start + own, length)
        yield Part(start, stop, max(start - around, 0), min(stop + around, length))

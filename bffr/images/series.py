"""What the images of a folder share."""

import contextlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from bffr.errors import InputError
from bffr.images.image_io import is_8_bit, read_raw_infrared
from bffr.images.thermal import InfraredScale

_SAMPLES = 32

Item = TypeVar('Item')


def shared_scale(
    files: Sequence[str | os.PathLike],
    scale: InfraredScale = InfraredScale(),  # noqa: B008, a value
    page: int | None = None,
) -> InfraredScale:
    """The scale whose range all raw images of a series of infrared files share.

    Args:
        files: Those of a folder.
        scale: What else is known; with percentiles, 8-bit images are scaled, too.
        page: See `read_image`.
    """
    raw = [file for file in files if scale.percentiles or not surely_8_bit(file, page)]
    return scale.fitted(samples(raw, lambda file: read_raw_infrared(file, scale, page)))


def samples(items: Sequence[Item], make: Callable[[Item], np.ndarray]) -> Iterator[np.ndarray]:
    """What `make` makes of evenly spread items, at most 32; those that fail are told of later."""
    for item in items[:: max(math.ceil(len(items) / _SAMPLES), 1)]:
        with contextlib.suppress(InputError):
            yield make(item)


def surely_8_bit(file: str | os.PathLike, page: int | None = None) -> bool:
    """Whether an image is of 8 bits, False where it cannot be read, as is told when it is used."""
    with contextlib.suppress(InputError):
        return is_8_bit(file, page)
    return False

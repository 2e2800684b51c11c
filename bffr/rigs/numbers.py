"""Numbers in files that anybody may have written."""

import math
from collections.abc import Iterable


def numbers(values: Iterable, count: int) -> tuple[float, ...]:
    """That many finite numbers; another count, or what is none, is a ValueError or TypeError."""
    found = tuple(map(float, values))
    if len(found) != count or not all(map(math.isfinite, found)):
        raise ValueError
    return found

"""Files that are decoded once."""

from collections.abc import Callable

import numpy as np


class KeptFiles:
    """A reader that keeps what it has read, in memory, and hands out copies.

    Args:
        read: Makes an array of one or more paths.
        keep: Whether to keep it; otherwise every call reads.
    """

    def __init__(self, read: Callable[..., np.ndarray], keep: bool):
        self._read, self._keep, self._kept = read, keep, {}

    def __call__(self, *paths: str) -> np.ndarray:
        """Read, or copy what was read; the caller may write to the array."""
        if not self._keep:
            return self._read(*paths)
        if paths not in self._kept:
            self._kept[paths] = self._read(*paths)
        return self._kept[paths].copy()

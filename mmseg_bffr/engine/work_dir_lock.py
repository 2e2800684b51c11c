"""One training a work dir."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bffr.errors import InputError

try:
    from fcntl import LOCK_EX, LOCK_NB, lockf
except ImportError:  # Windows
    from msvcrt import LK_NBLCK, locking

    def _lock(descriptor: int) -> None:
        locking(descriptor, LK_NBLCK, 1)
else:

    def _lock(descriptor: int) -> None:
        lockf(descriptor, LOCK_EX | LOCK_NB)


@contextmanager
def locked(work_dir: str | os.PathLike) -> Iterator[None]:
    """Hold a work dir for this process until the end of the context.

    The lock is the system's, on WORK_DIR/.lock, of the process itself: it ends with the process,
    however that ends, and its children, such as the workers of a data loader, do not have it.

    Raises:
        InputError: Another process holds it.
    """
    descriptor = os.open(Path(work_dir, '.lock'), os.O_RDWR | os.O_CREAT)
    try:
        try:
            _lock(descriptor)
        except (BlockingIOError, PermissionError):
            raise InputError(
                f'{work_dir}: another training runs there; wait for it, or choose another '
                f'--work-dir.'
            ) from None
        yield
    finally:
        os.close(descriptor)

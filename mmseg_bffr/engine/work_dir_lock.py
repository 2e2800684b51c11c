"""One training a work dir."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bffr.errors import InputError


@contextmanager
def locked(work_dir: str | os.PathLike) -> Iterator[None]:
    """Hold a work dir, by WORK_DIR/.lock, until the end of the context or of this process.

    Children of the process, such as the workers of a data loader, do not hold it.

    Raises:
        InputError: Another training holds it.
    """
    try:
        held = FileLock(Path(work_dir, '.lock')).acquire(blocking=False)
    except Timeout:
        raise InputError(
            f'{work_dir}: another training runs there; wait for it, or choose another --work-dir.'
        ) from None
    with held:
        yield

"""Files that are never half there."""

import contextlib
import os
from pathlib import Path

from bffr_runtime.errors import InputError


def write_whole(path: str | os.PathLike, content: bytes) -> None:
    """Write beside a file's place and rename, so that it appears whole or not at all.

    Missing folders are made.

    Raises:
        InputError: The folder cannot be written to.
    """
    path = Path(path)
    partial = path.with_name(f'.{path.name}.{os.getpid()}.partial')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise InputError(f'{path}: cannot be written ({error.strerror}).') from None

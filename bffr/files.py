"""Files that are never half there."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from bffr.errors import InputError


def write_whole(path: str | os.PathLike, content: bytes, flushed: bool = False) -> None:
    """Write beside a file's place and rename, so that it appears whole or not at all.

    Missing folders are made.

    Args:
        path: The file.
        content: What it will hold.
        flushed: Be sure that it is on the disk in the end, whatever befalls the machine. One
            process at a time may write a file so: what a killed one left, the next overwrites.

    Raises:
        InputError: The folder cannot be written to, or the disk is full. The file is then as it was
            before.
    """
    path = Path(path)
    writer = '' if flushed else f'.{os.getpid()}'
    partial = path.with_name(f'.{path.name}{writer}.partial')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, 'wb') as file:
            file.write(content)
            if flushed:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
        if flushed:
            _flush_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise InputError(f'{path}: cannot be written ({error.strerror}).') from None


def require_existing(*paths: str | os.PathLike) -> None:
    """Refuse what is not there.

    Raises:
        InputError: Names the first.
    """
    for path in paths:
        if not os.path.exists(path):
            raise InputError(
                f'{path}: cannot be read (No such file or directory); give a file or folder.'
            )


def require_writable(path: str | os.PathLike) -> None:
    """Refuse a place for results before they are computed.

    Raises:
        InputError: `path` is a folder, or is in one that cannot be made or written to.
    """
    path = Path(path)
    there = next(parent for parent in path.absolute().parents if parent.exists())
    if path.is_dir() or not there.is_dir() or not os.access(there, os.W_OK):
        raise InputError(f'{path}: cannot be written; choose another place for results.')


def refuse_to_replace(path: str | os.PathLike, inputs: Iterable[str | os.PathLike]) -> None:
    """Refuse to write over what is read.

    Raises:
        InputError: `path` is one of `inputs`.
    """
    if Path(path).resolve() in (Path(file).resolve() for file in inputs):
        raise InputError(f'{path}: holds input; choose another place for results.')


def _flush_folder(folder: Path) -> None:
    if os.name == 'nt':  # where a folder cannot be opened, nor need it be flushed
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

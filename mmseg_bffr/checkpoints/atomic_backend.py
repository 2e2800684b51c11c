"""mmengine's storage on local disks, but files appear whole or not at all."""

import contextlib
import os
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmseg_bffr.errors import InputError


class AtomicBackend(LocalBackend):
    """Write beside, flush to the disk, rename; the name in `backend_args` is `atomic`.

    One process writes a file at a time, so what a killed one left is overwritten by the next.
    """

    def put(self, obj: bytes, filepath: str | os.PathLike) -> None:
        """Write a file; folders are made.

        Raises:
            InputError: The disk is full or not writable. The file is then as it was before.
        """
        path = Path(filepath)
        partial = path.with_name(f'.{path.name}.partial')
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(partial, 'wb') as file:
                file.write(obj)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
            _flush_folder(path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise InputError(
                f'{path}: cannot be written ({error.strerror}); earlier checkpoints are intact: '
                f'make room and go on with --auto-resume.'
            ) from None


def _flush_folder(folder: Path) -> None:
    if os.name == 'nt':  # where a folder cannot be opened, nor need it be flushed
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


register_backend('atomic', AtomicBackend, force=True)

"""mmengine's storage on local disks, but files appear whole or not at all."""

import os

from mmengine.fileio import LocalBackend, register_backend

from bffr.errors import InputError
from bffr.files import write_whole


class AtomicBackend(LocalBackend):
    """Write with `write_whole`, flushed to the disk; the name in `backend_args` is `atomic`."""

    def put(self, obj: bytes, filepath: str | os.PathLike) -> None:
        """Write a file, or raise `InputError` and leave what was there; folders are made."""
        try:
            write_whole(filepath, obj, flushed=True)
        except InputError as error:
            raise InputError(
                f'{str(error)[:-1]}; earlier checkpoints are intact: make room and go on with '
                f'--auto-resume.'
            ) from None


register_backend('atomic', AtomicBackend, force=True)

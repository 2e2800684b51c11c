"""Writing checkpoints, as files that appear whole or not at all."""

import io
import os
from collections.abc import Mapping

import torch
from mmengine.fileio import LocalBackend, register_backend
from torch import Tensor

from bffr.errors import InputError
from bffr.files import write_whole


def save_weights(
    filename: str | os.PathLike, weights: Mapping[str, Tensor], meta: Mapping | None = None
) -> None:
    """Write a checkpoint that holds a `state_dict` and `meta`, and nothing else.

    Args:
        filename: The file.
        weights: Tensors by name.
        meta: Plain values, such as mmengine's `dataset_meta`.

    Raises:
        InputError: The file cannot be written.
    """
    content = io.BytesIO()
    torch.save({'meta': dict(meta or {}), 'state_dict': dict(weights)}, content)
    write_whole(filename, content.getvalue())


class AtomicBackend(LocalBackend):
    """mmengine's storage on local disks, but files are written whole and flushed: `atomic`."""

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

"""Writing weights alone, as small files that appear whole or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from mmseg_bffr.errors import InputError


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
    path = Path(filename)
    partial = path.with_name(f'.{path.name}.{os.getpid()}.partial')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({'meta': dict(meta or {}), 'state_dict': dict(weights)}, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        raise InputError(f'{path}: cannot be written ({error}).') from None

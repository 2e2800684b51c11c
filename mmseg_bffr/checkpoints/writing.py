"""Writing weights, as a file that appears whole or not at all."""

import io
import os
from collections.abc import Mapping

import torch
from torch import Tensor

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

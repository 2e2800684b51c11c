"""The one place where checkpoints are read: tensors and plain values only, current names."""

import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError

import torch
from mmengine.runner.checkpoint import get_torch_safe_globals

from bffr.errors import InputError
from mmseg_bffr.checkpoints.other_names import current_names


def load_from_file(filename: str | os.PathLike, map_location=None) -> dict:
    """Read a checkpoint without running code from it, and bring its keys to this project's names.

    Understands what this project writes, the authors' mmcv-1.x files and `mit_b0.pth` in the
    SegFormer authors' or mmsegmentation's key format; they are told apart by their keys. Of a file
    of several networks' weights, keys begin with the network's name.

    Args:
        filename: A local file.
        map_location: As in `torch.load`.

    Returns:
        dict: With at least `state_dict`, whose root metadata holds the file's name as `source`.

    Raises:
        InputError: The file is missing or damaged, needs unpickling of more than tensors, plain
            values and mmengine's own log buffers, or holds no weights.
    """
    filename = Path(filename).expanduser()
    _require_undamaged(filename)
    try:
        with torch.serialization.safe_globals(get_torch_safe_globals()):
            checkpoint = torch.load(filename, map_location=map_location, weights_only=True)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise InputError(f'{filename}: cannot be read ({error.strerror}).') from None
    except UnpicklingError as error:
        # Torch's message also says how to switch the guard off, which is no advice for a user.
        asked = re.search(r'GLOBAL (\S+)', str(error))
        raise InputError(
            f'{filename}: refused, because it is damaged or needs code to be run to be read'
            f'{f" ({asked[1]})" if asked else ""}; give a checkpoint of plain tensors.'
        ) from None
    except Exception as error:  # of any type: torch raises what the damaged bytes lead to
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        told = f' ({reason})' if 'weights_only' not in reason else ''
        raise InputError(f'{filename}: is damaged or not a checkpoint{told}.') from None

    weights = checkpoint.get('state_dict', checkpoint) if isinstance(checkpoint, dict) else None
    if isinstance(weights, dict) and len(weights) > 1 and all(map(_are_weights, weights.values())):
        checkpoint = weights = {
            f'{network}.{key}': value
            for network, tensors in weights.items()
            for key, value in tensors.items()
        }
    if not _are_weights(weights):
        raise InputError(f'{filename}: holds no weights (a `state_dict` of tensors).')
    if weights is checkpoint:
        checkpoint = {}
    metadata = getattr(weights, '_metadata', {})
    weights = current_names(weights)
    weights._metadata = {**metadata, '': {**metadata.get('', {}), 'source': str(filename)}}
    return {**checkpoint, 'state_dict': weights}


def trained_classes(checkpoint: Mapping) -> dict | None:
    """What a checkpoint says of its classes; None if it does not.

    Args:
        checkpoint: As `load_from_file` returns it, of mmengine or, by mmcv 1.x, of the authors.

    Returns:
        dict: `classes`, a sequence of names, and `palette`, R, G, B of each.
    """
    meta = checkpoint.get('meta', {})
    current = meta.get('dataset_meta') or {}
    classes, palette = (current.get(key) or meta.get(key.upper()) for key in ('classes', 'palette'))
    return {'classes': classes, 'palette': palette} if classes and palette else None


def _require_undamaged(filename: Path) -> None:
    """Compare the checksums in the file, which torch writes but does not read."""
    if not zipfile.is_zipfile(filename):
        return  # torch's format until 1.5, damaged or missing: for torch.load to find out
    try:
        with zipfile.ZipFile(filename) as archive:
            damaged = archive.testzip()
    except Exception as error:  # of any type, as below
        raise InputError(f'{filename}: is damaged ({error}).') from None
    if damaged is not None:
        raise InputError(f'{filename}: is damaged (the checksum of {damaged} is wrong).')


def _are_weights(weights) -> bool:
    return (
        isinstance(weights, dict)
        and bool(weights)
        and all(isinstance(key, str) for key in weights)
        and all(isinstance(value, torch.Tensor) for value in weights.values())
    )

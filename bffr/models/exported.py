"""Exported models: a folder with `model.onnx` and, of it, `model.json`."""

import hashlib
import json
import os
from importlib import import_module
from pathlib import Path

from bffr.errors import InputError, require_installed
from bffr.images.thermal import InfraredScale
from bffr.models.engines import ENGINES
from bffr.models.model import Model

FILE, METADATA = 'model.onnx', 'model.json'

FIELDS = {
    'classes': list,
    'palette': list,
    'tiles': list,
    'min_size': int,
    'infrared': dict,
    'precision': str,
    'channel_order': str,
    'license': str,
    'opset': int,
    'version': str,
    'checkpoint_sha256': str,
    'model_sha256': str,
}
"""Of the metadata, with their types: what `Model` asks for; what the file computes in; the order of
channels; the licence of the weights; ONNX's opset; the version of this package; SHA-256 of the
weights that it was made of and of `model.onnx`."""

ADDED = {'license': '', 'tiles': []}
"""Fields that 1.0.0rc1 did not write, with what they are then."""


def load_exported(
    folder: str | os.PathLike,
    engine: str | None = None,
    device: str | None = None,
    threads: int | None = None,
) -> Model:
    """Load what `bffr export` wrote.

    Args:
        folder: With `model.onnx` and `model.json`.
        engine: One of `ENGINES`.
        device, threads: See the engine's `open_model`.

    Raises:
        InputError: A file is missing, damaged or was not made by `bffr export`, or the engine or
            the device is not there.
    """
    engine = engine or ENGINES[0]
    if engine not in ENGINES:
        raise InputError(f'engine {engine}: exported models run with {", ".join(ENGINES)}.')
    require_installed(engine, extra=engine)
    file = Path(folder, FILE)
    metadata = _read_metadata(Path(folder, METADATA))
    if not file.is_file() or sha256(file) != metadata['model_sha256']:
        raise InputError(f'{file}: is missing, damaged or of another model; export it again.')
    module = import_module(f'bffr.models.engines.{engine}')
    try:
        opened = module.open_model(file, metadata['precision'], device, threads)
    except InputError:
        raise
    except Exception as error:  # of any type: engines have many of their own
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(
            f'{file}: {engine} cannot read it ({reason}); export the model again.'
        ) from None
    return Model(opened, metadata)


def sha256(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _read_metadata(path: Path) -> dict:
    advice = 'give a folder that `bffr export` wrote'
    try:
        metadata = {**ADDED, **json.loads(path.read_bytes())}
        wrong = [
            name
            for name, kind in FIELDS.items()
            if not isinstance(metadata.get(name), kind) or isinstance(metadata[name], bool)
        ]
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror}); {advice}.') from None
    except (ValueError, TypeError, RecursionError):
        raise InputError(f'{path}: is damaged; {advice}.') from None
    if wrong:
        raise InputError(f'{path}: {", ".join(wrong)} missing or of another type; {advice}.')
    if len(metadata['classes']) != len(metadata['palette']):
        raise InputError(f'{path}: needs a colour for each class; {advice}.')
    try:
        InfraredScale(**metadata['infrared'])
    except (TypeError, ValueError) as error:
        raise InputError(f'{path}: infrared is not understood ({error}); {advice}.') from None
    return metadata

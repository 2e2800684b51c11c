"""Keeping mmengine from running code that is in a checkpoint.

mmengine reads with `weights_only=True` but, where that fails, unpickles whatever the file holds.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path

from mmengine.runner import checkpoint as theirs
from mmengine.runner.checkpoint import CheckpointLoader

from bffr.errors import InputError, require_installed
from mmseg_bffr.checkpoints.downloading import load_from_url
from mmseg_bffr.checkpoints.reading import load_from_file

_depth = ContextVar('depth of safe_loading in this thread', default=0)
_lock = threading.Lock()
_contexts = 0
_their_load_checkpoint = None


@contextmanager
def safe_loading() -> Iterator[None]:
    """Within, whatever loads by mmengine's means reads as `load_from_file` does.

    That is its Runner, its `Pretrained` initialisation, its `load_checkpoint` and mmsegmentation's
    backbones. Files, http(s) addresses and the names of model zoos that stand for such are read
    (`torchvision://`, `open-mmlab://`, `mmcls://`), and the one file of weights in an installed
    package (`package://NAME`); other schemes are refused with an `InputError`. Other threads
    meanwhile read as mmengine does. Also a decorator; may be entered again within.
    """
    global _contexts, _their_load_checkpoint
    with _lock:
        if not _contexts:
            _their_load_checkpoint = vars(CheckpointLoader)['load_checkpoint']
            CheckpointLoader.load_checkpoint = classmethod(_load_checkpoint)
        _contexts += 1
    _depth.set(_depth.get() + 1)
    try:
        yield
    finally:
        _depth.set(_depth.get() - 1)
        with _lock:
            _contexts -= 1
            if not _contexts:
                CheckpointLoader.load_checkpoint = _their_load_checkpoint


def _load_checkpoint(
    loader: type[CheckpointLoader], filename: str, map_location=None, logger='current'
) -> dict:
    """Stand in for `CheckpointLoader.load_checkpoint`."""
    if not _depth.get():
        return _their_load_checkpoint.__get__(None, loader)(filename, map_location, logger)
    address = _resolve(filename)
    load = load_from_url if address.startswith(('http://', 'https://')) else load_from_file
    checkpoint = load(address, map_location)
    if filename.startswith('mmcls://'):
        checkpoint = theirs._process_mmcls_checkpoint(checkpoint)
    return checkpoint


_ZOOS = {
    'torchvision': theirs.get_torchvision_models,
    'modelzoo': theirs.get_torchvision_models,
    'open-mmlab': theirs.get_external_models,
    'openmmlab': theirs.get_external_models,
    'mmcls': theirs.get_mmcls_models,
}


def _resolve(name: str) -> str:
    """The file or http(s) address that a checkpoint's name stands for."""
    scheme, separator, model = name.partition('://')
    if not separator or scheme in ('http', 'https'):
        return name
    if scheme == 'package' and model.isidentifier():
        return str(_weights_in(model))
    if scheme not in _ZOOS:
        raise InputError(
            f'{name}: checkpoints are read from files, http(s) addresses, package:// and '
            f'{", ".join(f"{zoo}://" for zoo in _ZOOS)}; download it and give the file.'
        )
    models = _ZOOS[scheme]()
    if scheme in ('open-mmlab', 'openmmlab'):
        model = theirs.get_deprecated_model_names().get(model, model)
    if model not in models:
        raise InputError(f'{name}: mmengine knows no such model; give its file or address.')
    address = models[model]
    return address if '://' in address else str(Path(theirs._get_mmengine_home(), address))


def _weights_in(package: str) -> Path:
    """The one file of weights in an installed package, which is not imported."""
    require_installed(package, extra='pretrained')
    folders = find_spec(package).submodule_search_locations or ()
    files = [file for folder in folders for file in Path(folder).rglob('*.pth')]
    if len(files) != 1:
        raise InputError(
            f'package://{package}: holds {len(files)} .pth files, not one; give a file by its path.'
        )
    return files[0]

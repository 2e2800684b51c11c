"""Infrared-visible image fusion on arrays: numpy, OpenCV and an inference engine, without torch.

Names are imported when they are used, so that `--help` needs nothing but the standard library.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

from .version import __version__

if TYPE_CHECKING:
    from .errors import InputError
    from .images.thermal import InfraredScale
    from .models.loading import load
    from .models.model import Model
    from .rigs.rig import Rig

__all__ = ['InfraredScale', 'InputError', 'Model', 'Rig', '__version__', 'load']

_MODULES = {
    'InfraredScale': 'images.thermal',
    'InputError': 'errors',
    'Model': 'models.model',
    'Rig': 'rigs.rig',
    'evaluation': 'evaluation',
    'load': 'models.loading',
}

# Libraries read these once, when they are loaded. OpenMP, which torch computes with: threads that
# wait sleep, and leave the cores to others. ONNX Runtime: tell nobody what is run here.
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    module = import_module(f'{__name__}.{_MODULES[name]}')
    return getattr(module, name, module)

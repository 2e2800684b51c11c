"""What fusing pairs needs besides a network: arrays in, arrays out, files and videos; no torch.

Names are imported when they are used, so that `--help` needs nothing but the standard library.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .version import __version__

if TYPE_CHECKING:
    from .errors import InputError
    from .exported_model import ExportedModel, load
    from .rig import Rig

__all__ = ['ExportedModel', 'InputError', 'Rig', '__version__', 'load']

_MODULES = {
    'ExportedModel': 'exported_model',
    'InputError': 'errors',
    'Rig': 'rig',
    'load': 'exported_model',
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_MODULES[name]}'), name)

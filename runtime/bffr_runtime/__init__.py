"""What fusing pairs needs besides a network: arrays in, arrays out, files and videos; no torch."""

from .errors import InputError
from .exported_model import ExportedModel, load
from .rig import Rig
from .version import __version__

__all__ = ['ExportedModel', 'InputError', 'Rig', '__version__', 'load']

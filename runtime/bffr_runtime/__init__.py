"""What fusing pairs needs besides a network: arrays in, arrays out, files and videos; no torch."""

from .errors import InputError
from .exported_model import ExportedModel, load
from .version import __version__

__all__ = ['ExportedModel', 'InputError', '__version__', 'load']

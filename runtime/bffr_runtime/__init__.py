"""What fusing pairs needs besides a network: arrays in, arrays out, files and videos; no torch."""

from .errors import InputError
from .exported_model import ExportedModel, load

__all__ = ['ExportedModel', 'InputError', 'load']
__version__ = '0.1.0'

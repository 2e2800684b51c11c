"""What fusing pairs needs besides a network: arrays in, arrays out, files and videos; no torch."""

from .errors import InputError

__all__ = ['InputError']
__version__ = '0.1.0'

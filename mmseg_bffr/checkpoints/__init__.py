from .fit import require_fit, take_fuser
from .reading import load_from_file

__all__ = ['load_from_file', 'require_fit', 'take_fuser']

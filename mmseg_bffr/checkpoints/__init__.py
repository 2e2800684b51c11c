from .atomic_backend import AtomicBackend
from .classes import trained_classes
from .fit import refuse_partial_loads, require_fit, take_fuser
from .latest import find_latest, require_resumable
from .reading import load_from_file
from .writing import save_weights

__all__ = [
    'AtomicBackend',
    'find_latest',
    'load_from_file',
    'refuse_partial_loads',
    'require_fit',
    'require_resumable',
    'save_weights',
    'take_fuser',
    'trained_classes',
]

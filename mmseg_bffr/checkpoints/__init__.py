from .fit import refuse_partial_loads, require_fit, take_fuser
from .reading import load_from_file
from .writing import save_weights

__all__ = ['load_from_file', 'refuse_partial_loads', 'require_fit', 'save_weights', 'take_fuser']

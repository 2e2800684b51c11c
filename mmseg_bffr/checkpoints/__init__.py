from .fit import refuse_partial_loads, rename_weights, require_backbone_fit, require_fit, take_fuser
from .latest import find_latest, require_resumable
from .reading import load_from_file, trained_classes
from .safe_loading import safe_loading
from .writing import save_weights

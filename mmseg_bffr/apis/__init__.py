import warnings

from .align import align
from .check_data import check_data
from .downstream import downstream
from .export import export
from .fuse_dataset import fuse_dataset
from .fuse_files import fuse_files
from .inference import fuse, init_model, segment
from .segment_dataset import segment_dataset
from .train import train

__all__ = [
    'align',
    'check_data',
    'downstream',
    'export',
    'fuse',
    'fuse_dataset',
    'init_model',
    'segment',
    'segment_dataset',
    'train',
]

# mmsegmentation on its own default, which is the one that the method was trained with.
warnings.filterwarnings('ignore', 'Default ``avg_non_ignore`` is False', UserWarning)

from .check_data import check_data
from .detect_dataset import detect_dataset
from .downstream import downstream
from .export import export
from .fuse_dataset import fuse_dataset
from .inference import fuse, init_model, segment
from .run_config import RunOptions, TrainingOptions
from .segment_dataset import segment_dataset
from .train import train

__all__ = [
    'RunOptions',
    'TrainingOptions',
    'check_data',
    'detect_dataset',
    'downstream',
    'export',
    'fuse',
    'fuse_dataset',
    'init_model',
    'segment',
    'segment_dataset',
    'train',
]

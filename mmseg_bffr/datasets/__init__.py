from .fusion_dataset import FusionDataset
from .mfnet import MFNetDataset
from .transforms import LoadLabels, LoadPair, PairPhotoMetricDistortion

__all__ = [
    'FusionDataset',
    'LoadLabels',
    'LoadPair',
    'MFNetDataset',
    'PairPhotoMetricDistortion',
]

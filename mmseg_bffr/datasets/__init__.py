from .mfnet import MFNetDataset
from .pair_dataset import PairDataset
from .transforms import LoadLabels, LoadPair, PairPhotoMetricDistortion

FusionDataset = PairDataset  # its name in configs for data without labels

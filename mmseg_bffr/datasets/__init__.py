from .mfnet import MFNetDataset
from .pair_dataset import PairDataset
from .pair_detection_dataset import PairDetectionDataset
from .transforms import LoadBoxes, LoadLabels, LoadPair, PairPhotoMetricDistortion

FusionDataset = PairDataset  # its name in configs for data without labels

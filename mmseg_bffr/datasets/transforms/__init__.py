from .augmentation import PairPhotoMetricDistortion, RandomMisalignment
from .fused import LoadFused
from .loading import IGNORE_INDEX, LoadLabels, LoadPair

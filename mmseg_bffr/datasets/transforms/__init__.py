from .augmentation import PairPhotoMetricDistortion, RandomMisalignment
from .loading import IGNORE_INDEX, LoadLabels, LoadPair

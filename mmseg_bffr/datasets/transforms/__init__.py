from .augmentation import PairPhotoMetricDistortion, RandomMisalignment
from .boxes import LoadBoxes, PackBoxes, RandomBoxCrop
from .fused import LoadFused
from .loading import IGNORE_INDEX, LoadLabels, LoadPair

from .load_labels import LoadLabels
from .load_pair import LoadPair
from .photometric_distortion import PairPhotoMetricDistortion
from .random_misalignment import RandomMisalignment

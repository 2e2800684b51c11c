from .load_labels import LoadLabels
from .load_pair import LoadPair
from .photometric_distortion import PairPhotoMetricDistortion

__all__ = ['LoadLabels', 'LoadPair', 'PairPhotoMetricDistortion']

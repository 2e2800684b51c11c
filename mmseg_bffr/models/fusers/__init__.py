from .base_fuser import BaseFuser
from .published_fusers import IFCNN, DenseFuse, SeAFusion
from .transfuser import TransFuser

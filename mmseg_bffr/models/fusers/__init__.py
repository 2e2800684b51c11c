from .base_fuser import BaseFuser
from .densefuse import DenseFuse
from .ifcnn import IFCNN
from .seafusion import SeAFusion
from .transfuser import TransFuser

from .base_fuser import BaseFuser
from .block_fuser import BlockFuser
from .published_fusers import IFCNN, DenseFuse, SeAFusion
from .transfuser import TransFuser

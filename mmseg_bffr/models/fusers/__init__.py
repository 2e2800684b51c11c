from .base_fuser import BaseFuser
from .block_fuser import BlockFuser
from .cddfuse import CDDFuse
from .datfuse import DATFuse
from .lutfuse import LUTFuse
from .published_fusers import IFCNN, DenseFuse, SeAFusion
from .transfuser import TransFuser

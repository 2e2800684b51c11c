from .base_fuser import BaseFuser
from .transfuser import TransFuser

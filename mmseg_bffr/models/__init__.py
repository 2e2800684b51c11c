from .base_fuser import BaseFuser
from .fuser_segmenter import FuserSegmenter
from .losses import AverageFusionLoss, CorrelationLoss
from .transfuser import TransFuser

__all__ = ['AverageFusionLoss', 'BaseFuser', 'CorrelationLoss', 'FuserSegmenter', 'TransFuser']

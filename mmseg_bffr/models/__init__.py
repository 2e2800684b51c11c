from .fuser_segmenter import FuserSegmenter
from .fusers import IFCNN, BaseFuser, DenseFuse, SeAFusion, TransFuser
from .losses import AverageFusionLoss, CorrelationLoss, DistillationLoss, IntensityGradientLoss

__all__ = ['BaseFuser', 'FuserSegmenter', 'TransFuser']

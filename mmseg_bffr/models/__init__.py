from .fuser_segmenter import FuserSegmenter
from .fusers import BaseFuser, TransFuser
from .losses import AverageFusionLoss, CorrelationLoss, IntensityGradientLoss

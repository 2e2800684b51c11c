from .fuser_segmenter import FuserSegmenter
from .fusers import (
    IFCNN,
    BaseFuser,
    BlockFuser,
    CDDFuse,
    DATFuse,
    DenseFuse,
    LUTFuse,
    SeAFusion,
    TransFuser,
)
from .imagenet_backbone import ImageNetBackbone
from .losses import (
    AverageFusionLoss,
    CorrelationLoss,
    DistillationLoss,
    FusionLoss,
    IntensityGradientLoss,
)

__all__ = ['BaseFuser', 'FuserSegmenter', 'FusionLoss', 'TransFuser']

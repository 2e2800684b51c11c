from .detector import Detector
from .fuser_detector import FuserDetector
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
from .fuses_first import FusesFirst
from .imagenet_backbone import ImageNetBackbone
from .losses import (
    AverageFusionLoss,
    CorrelationLoss,
    DistillationLoss,
    FusionLoss,
    IntensityGradientLoss,
)
from .segmentation_losses import LogitAdjustedCrossEntropyLoss

__all__ = ['BaseFuser', 'Detector', 'FuserDetector', 'FuserSegmenter', 'FusionLoss', 'TransFuser']

from .average_fusion_loss import AverageFusionLoss
from .correlation_loss import CorrelationLoss, correlation
from .distillation_loss import DistillationLoss
from .fusion_loss import FusionLoss, build_fusion_loss
from .intensity_gradient_loss import IntensityGradientLoss

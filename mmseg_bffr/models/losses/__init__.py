from .average_fusion_loss import AverageFusionLoss
from .correlation_loss import CorrelationLoss, correlation
from .intensity_gradient_loss import IntensityGradientLoss

__all__ = ['AverageFusionLoss', 'CorrelationLoss', 'IntensityGradientLoss', 'correlation']

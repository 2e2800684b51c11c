from .average_fusion_loss import AverageFusionLoss
from .correlation_loss import CorrelationLoss, correlation

__all__ = ['AverageFusionLoss', 'CorrelationLoss', 'correlation']

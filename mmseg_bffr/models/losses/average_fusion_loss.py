"""The warm start's loss: imitate the average image."""

import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module(name=['AverageFusionLoss', 'avg_loss'])
class AverageFusionLoss(nn.Module):
    """Mean absolute error between the fused luma and the mean of visible luma and infrared.

    Source: arXiv 2211.12286, warm start.

    Args:
        loss_weight: Factor on the loss.
        loss_name: Its name in the log.
    """

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_avg'):
        super().__init__()
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar loss of three (N, 1, H, W) lumas in [0, 1]."""
        return self.loss_weight * F.l1_loss(fused, (visible + infrared) / 2)

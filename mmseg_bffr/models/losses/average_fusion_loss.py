"""The warm start's loss: imitate the average image."""

import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor

from mmseg_bffr.models.losses.fusion_loss import FusionLoss


@MODELS.register_module(name=['AverageFusionLoss', 'avg_loss'])
class AverageFusionLoss(FusionLoss):
    """Mean absolute error between the fused luma and the mean of visible luma and infrared.

    Source: arXiv 2211.12286, warm start.

    Args:
        loss_weight: Factor on the loss.
        loss_name: Its name in the log.
    """

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_avg'):
        super().__init__(loss_weight, loss_name)

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar of three (N, 1, H, W) lumas in [0, 1]."""
        return F.l1_loss(fused, (visible + infrared) / 2)

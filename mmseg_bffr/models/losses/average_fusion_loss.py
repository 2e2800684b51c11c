"""The warm start's loss: imitate the average image."""

import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor

from mmseg_bffr.models.losses.fusion_loss import FusionLoss


@MODELS.register_module(name=['AverageFusionLoss', 'avg_loss'])
class AverageFusionLoss(FusionLoss):
    """Mean absolute error between the fused luma and the mean of visible luma and infrared.

    Source: arXiv 2211.12286, warm start. Arguments: those of `FusionLoss`.
    """

    loss_name = 'loss_avg'

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar of three (N, 1, H, W) lumas in [0, 1]."""
        return F.l1_loss(fused, (visible + infrared) / 2)

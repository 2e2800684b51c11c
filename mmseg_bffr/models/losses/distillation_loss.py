"""Learning from a larger fuser what the fused image should be."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor

from mmseg_bffr.models.losses.fusion_loss import FusionLoss
from mmseg_bffr.models.losses.intensity_gradient_loss import sobel_gradients


@MODELS.register_module()
class DistillationLoss(FusionLoss):
    """L1 to the luma that a teacher makes of the same pair plus weighted L1 between gradients.

    Not the paper's method. Source: Hinton et al., "Distilling the Knowledge in a Neural Network",
    arXiv 1503.02531.

    Args:
        teacher: Config of a fuser of luma; `init_cfg` names its weights. It is built by the first
            call, so that tests do without, and is no part of the checkpoint.
        gradient_weight: Weight of the second term.
        **kwargs: Those of `FusionLoss`.
    """

    loss_name = 'loss_distillation'

    def __init__(self, teacher: dict, gradient_weight: float = 20.0, **kwargs):
        super().__init__(**kwargs)
        self.config = teacher
        self.gradient_weight = gradient_weight
        self._teacher = None

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar of three (N, 1, H, W) lumas in [0, 1]."""
        if self._teacher is None:
            teacher = MODELS.build(self.config)
            teacher.init_weights()
            self._teacher = (teacher.to(fused.device).eval(),)  # a tuple hides it from nn.Module
        with torch.no_grad():
            target = self._teacher[0].fuse_luma(visible, infrared)
        gradient = F.l1_loss(sobel_gradients(fused), sobel_gradients(target))
        return F.l1_loss(fused, target) + self.gradient_weight * gradient

"""Losses of label maps that mmsegmentation does not have."""

from collections.abc import Sequence

import torch
from mmseg.models.losses import CrossEntropyLoss
from mmseg.registry import MODELS
from torch import Tensor


@MODELS.register_module()
class LogitAdjustedCrossEntropyLoss(CrossEntropyLoss):
    """mmsegmentation's cross-entropy with the logits shifted by a part of the log class weights.

    Rare classes are learned with their whole weights. Without the shift, as in a test, they are
    predicted as after a training with weights `class_weight ** (1 - part)`, so that fewer pixels
    are taken for them. Menon et al., Long-tail learning via logit adjustment, ICLR 2021.

    Args:
        class_weight: Of each class, 0 or more; a class of weight 0 is not learned.
        part: Of their logarithms, 0 (none) to 1.
        **kwargs: Those of mmsegmentation's `CrossEntropyLoss`.
    """

    def __init__(self, class_weight: Sequence[float], part: float = 0.5, **kwargs):
        super().__init__(class_weight=class_weight, **kwargs)
        weight = torch.tensor(self.class_weight, dtype=torch.float32)
        shift = part * torch.where(weight > 0, weight, 1.0).log()
        self.register_buffer('shift', shift.view(-1, 1, 1), persistent=False)

    def forward(self, cls_score: Tensor, *args, **kwargs) -> Tensor:
        """Loss of logits (N, K, H, W); the rest as in mmsegmentation."""
        return super().forward(cls_score + self.shift.to(cls_score), *args, **kwargs)

"""What fusion losses have in common, and what is asked of others'."""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from bffr.errors import InputError


class FusionLoss(nn.Module):
    """A weighted loss of the fused image against its sources, computed in float32 at least.

    A new one derives from this class, is registered, has a `loss_name` and defines `compare`. Mixed
    precision ends here: small differences of images and gradients do not survive in 16 bit.

    Args:
        loss_weight: Factor on the loss.
        loss_name: Its name in the log, with "loss" in it: mmengine trains by that. By default that
            of the class.
    """

    def __init__(self, loss_weight: float = 1.0, loss_name: str | None = None):
        super().__init__()
        self.loss_weight = loss_weight
        if loss_name is not None:
            self.loss_name = loss_name

    def forward(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar loss of three (N, 1, H, W) lumas, nominally in [0, 1]."""
        wide = torch.promote_types(fused.dtype, torch.float32)
        lumas = (luma.to(wide) for luma in (fused, visible, infrared))
        with torch.autocast(fused.device.type, enabled=False):
            return self.loss_weight * self.compare(*lumas)

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar, before the factor, of three (N, 1, H, W) lumas of one type."""
        raise NotImplementedError


def build_fusion_loss(config: dict | None) -> nn.Module | None:
    """Build a loss that is called with the (fused, visible, infrared) lumas; None without one.

    It is any registered module with a `loss_name`, such as a `FusionLoss`.

    Raises:
        InputError: Its `loss_name` is missing or lacks "loss": it would be logged, not trained.
    """
    if not config:
        return None
    loss = MODELS.build(config)
    name = getattr(loss, 'loss_name', None)
    if not isinstance(name, str) or 'loss' not in name:
        raise InputError(
            f'{type(loss).__name__}: its loss_name is {name!r}, but only what has "loss" in its '
            f'name is trained; name it so, as mmseg_bffr.models.FusionLoss does.'
        )
    return loss

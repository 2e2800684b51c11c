"""The joint training's regularisation: stay correlated with both sources."""

import logging

import torch
from mmengine.logging import print_log
from mmseg.registry import MODELS
from torch import Tensor

from mmseg_bffr.models.losses.fusion_loss import FusionLoss


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson correlation over all elements of two tensors of one shape; scalar in [-1, 1].

    NaN where one of them is constant. Computed in float32 at least.
    """
    wide = torch.promote_types(a.dtype, torch.float32)
    a, b = a.to(wide), b.to(wide)
    a, b = a - a.mean(), b - b.mean()
    return (a * b).sum() / (a.square().sum() * b.square().sum()).sqrt()


def is_constant(x: Tensor) -> bool:
    """Whether all elements are equal, so that a correlation with them is undefined."""
    low, high = x.detach().aminmax()
    return bool(low == high)


@MODELS.register_module(name=['CorrelationLoss', 'reg_loss'])
class CorrelationLoss(FusionLoss):
    """1 / (corr(infrared, fused) + corr(visible, fused)), correlated over the whole batch.

    A correlation is undefined where an image is constant, such as a dark infrared crop: it is left
    out of the sum, which is logged once; without any the loss is 0. The loss is meaningful while
    the sum is positive; where it is not, a warning is logged and the value is left as it is.

    Source: arXiv 2211.12286, regularisation term.

    Args:
        loss_weight: lambda of the paper.
        **kwargs: Those of `FusionLoss`.
    """

    loss_name = 'loss_reg'

    def __init__(self, loss_weight: float = 0.001, **kwargs):
        super().__init__(loss_weight, **kwargs)
        self._told_constant = False

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar of three (N, 1, H, W) lumas."""
        images = {'fused': fused, 'visible': visible, 'infrared': infrared}
        constant = [name for name, image in images.items() if is_constant(image)]
        if constant and not self._told_constant:
            self._told_constant = True
            _warn(
                f'{" and ".join(constant)} batch is constant: its correlations are undefined and '
                f'left out, here and in later iterations.'
            )
        sources = [images[name] for name in ('infrared', 'visible') if name not in constant]
        if 'fused' in constant or not sources:
            return 0 * fused.sum()
        total = sum(correlation(source, fused) for source in sources)
        if not 0 < total.item() < float('inf'):
            _warn(
                f'the correlations of the fused image with its sources add up to '
                f'{total.item():.4g}; the term 1 / sum has no meaning here (a fused image that '
                f'contradicts both sources).'
            )
        return 1 / total


def _warn(sentence: str) -> None:
    print_log(f'CorrelationLoss: {sentence}', logger='current', level=logging.WARNING)

"""The joint training's regularisation: stay correlated with both sources."""

import logging

from mmengine.logging import print_log
from mmseg.registry import MODELS
from torch import Tensor, nn


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson correlation over all elements of two tensors of one shape; scalar in [-1, 1].

    NaN where one of them is constant.
    """
    a, b = a - a.mean(), b - b.mean()
    return (a * b).sum() / (a.square().sum() * b.square().sum()).sqrt()


@MODELS.register_module(name=['CorrelationLoss', 'reg_loss'])
class CorrelationLoss(nn.Module):
    """1 / (corr(infrared, fused) + corr(visible, fused)), correlated over the whole batch.

    Meaningful while the sum of the correlations is positive; where it is not, or is not finite,
    a warning is logged and the value is left as it is.

    Source: arXiv 2211.12286, regularisation term.

    Args:
        loss_weight: lambda of the paper.
        loss_name: Its name in the log.
    """

    def __init__(self, loss_weight: float = 0.001, loss_name: str = 'loss_reg'):
        super().__init__()
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar loss of three (N, 1, H, W) lumas."""
        total = correlation(infrared, fused) + correlation(visible, fused)
        if not 0 < total.item() < float('inf'):
            print_log(
                f'CorrelationLoss: the correlations of the fused image with its sources add up to '
                f'{total.item():.4g}; the term 1 / sum has no meaning here (a constant image, or '
                f'a fused image that contradicts both sources).',
                logger='current',
                level=logging.WARNING,
            )
        return self.loss_weight / total

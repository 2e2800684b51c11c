"""The field's common content loss: the brighter source's luma, the sharper source's edges."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor

from mmseg_bffr.models.losses.fusion_loss import FusionLoss


def sobel_gradients(image: Tensor) -> Tensor:
    """Horizontal and vertical derivative of (N, 1, H, W): Sobel / 4, at the border of copies."""
    smooth, slope = image.new_tensor([1, 2, 1]) / 4, image.new_tensor([-1, 0, 1])
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])
    return F.conv2d(F.pad(image, (1, 1, 1, 1), mode='replicate'), kernels.unsqueeze(1))


def _local_mean(image: Tensor, size: int) -> Tensor:
    """Of (N, 1, H, W), over a window around each pixel; beyond the border there is nothing."""
    inner = dict(stride=1, count_include_pad=False)
    columns = F.avg_pool2d(image, (size, 1), padding=(size // 2, 0), **inner)
    return F.avg_pool2d(columns, (1, size), padding=(0, size // 2), **inner)


@MODELS.register_module()
class IntensityGradientLoss(FusionLoss):
    """L1 to the brighter of both lumas plus weighted L1 to the stronger of both gradients.

    At each pixel the fused luma is compared with the maximum of the visible luma and the infrared
    image, and each component of its gradient with that of larger magnitude of both sources.

    This is a hand-made fusion rule, which the paper's method is free of; it makes pictures that
    people like to look at, alone or beside a segmentation loss. Source: the content loss of
    SeAFusion (Tang et al., Information Fusion 2022) and SwinFusion (Ma et al., IEEE/CAA JAS 2022),
    here on signed gradients. Where edges overshoot, the stretch costs all else its contrast; what
    leaves the range that both lumas have within four pixels can be a third term. So that warm
    things stand out from what is bright in the visible image, what infrared has, over 9 pixels,
    above its surroundings of 65 can be added to both sources before all else.

    Args:
        gradient_weight: Weight of the second term.
        salience: How many times what is warmer than its surroundings is added to both.
        range_weight: Weight of the mean excess over that range.
        **kwargs: Those of `FusionLoss`.
    """

    loss_name = 'loss_content'

    def __init__(
        self,
        gradient_weight: float = 20.0,
        salience: float = 0.0,
        range_weight: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.gradient_weight = gradient_weight
        self.salience = salience
        self.range_weight = range_weight

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar of three (N, 1, H, W) lumas in [0, 1]."""
        if self.salience:
            warmer = (_local_mean(infrared, 9) - _local_mean(infrared, 65)).clamp(min=0)
            sources = (visible, infrared)
            visible, infrared = ((x + self.salience * warmer).clamp(max=1) for x in sources)
        of_visible, of_infrared = sobel_gradients(visible), sobel_gradients(infrared)
        stronger = of_visible.abs() >= of_infrared.abs()
        target = torch.where(stronger, of_visible, of_infrared)
        loss = F.l1_loss(fused, torch.maximum(visible, infrared))
        loss = loss + self.gradient_weight * F.l1_loss(sobel_gradients(fused), target)
        if self.range_weight:
            brightest = F.max_pool2d(torch.maximum(visible, infrared), 9, 1, 4)
            darkest = -F.max_pool2d(-torch.minimum(visible, infrared), 9, 1, 4)
            loss = loss + self.range_weight * F.l1_loss(fused, fused.clamp(darkest, brightest))
        return loss

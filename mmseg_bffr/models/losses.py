"""Losses of the fused image against its sources."""

import logging

import torch
import torch.nn.functional as F
from mmengine.logging import print_log
from mmseg.registry import MODELS
from torch import Tensor, nn

from bffr.errors import InputError
from mmseg_bffr.checkpoints import safe_loading


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


@MODELS.register_module(name=['AverageFusionLoss', 'avg_loss'])
class AverageFusionLoss(FusionLoss):
    """Mean absolute error between the fused luma and the mean of visible luma and infrared.

    Source: arXiv 2211.12286, warm start. Arguments: those of `FusionLoss`.
    """

    loss_name = 'loss_avg'

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar of three (N, 1, H, W) lumas in [0, 1]."""
        return F.l1_loss(fused, (visible + infrared) / 2)


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

    Source: arXiv 2211.12286, regularisation term of the joint training: stay correlated with both
    sources.

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


def sobel_gradients(image: Tensor) -> Tensor:
    """Horizontal and vertical derivative of (N, 1, H, W): Sobel / 4, at the border of copies."""
    slope = torch.arange(-1, 2, dtype=image.dtype, device=image.device)
    smooth = (2 - slope.abs()) / 4
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

    The field's common content loss. At each pixel the fused luma is compared with the maximum of
    the visible luma and the infrared image, and its gradient with the longer one of both sources.

    This is a hand-made fusion rule, which the paper's method is free of; it makes pictures that
    people like to look at, alone or beside a segmentation loss. Source: the content loss of
    SeAFusion (Tang et al., Information Fusion 2022) and SwinFusion (Ma et al., IEEE/CAA JAS 2022),
    here on signed gradients. Where edges overshoot, the stretch costs all else its contrast; what
    leaves the range that both lumas have within four pixels can be a third term. So that warm
    things stand out from what is bright in the visible image, what infrared has, over 9 pixels,
    above its surroundings of 65 can be added to both sources before all else.

    Args:
        gradient_weight: Weight of the second term.
        gain: Factor on the sources' gradient: what L1 leaves blurred asks for a little more than 1.
        salience: How many times what is warmer than its surroundings is added to both.
        range_weight: Weight of the mean excess over that range.
        **kwargs: Those of `FusionLoss`.
    """

    loss_name = 'loss_content'

    def __init__(
        self,
        gradient_weight: float = 20.0,
        gain: float = 1.0,
        salience: float = 0.0,
        range_weight: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.gradient_weight = gradient_weight
        self.gain = gain
        self.salience = salience
        self.range_weight = range_weight

    def compare(self, fused: Tensor, visible: Tensor, infrared: Tensor) -> Tensor:
        """Scalar of three (N, 1, H, W) lumas in [0, 1]."""
        if self.salience:
            warmer = (_local_mean(infrared, 9) - _local_mean(infrared, 65)).clamp(min=0)
            sources = (visible, infrared)
            visible, infrared = ((x + self.salience * warmer).clamp(max=1) for x in sources)
        of_visible, of_infrared = sobel_gradients(visible), sobel_gradients(infrared)
        longer = of_visible.square().sum(1, True) >= of_infrared.square().sum(1, True)
        target = self.gain * torch.where(longer, of_visible, of_infrared)
        loss = F.l1_loss(fused, torch.maximum(visible, infrared))
        loss = loss + self.gradient_weight * F.l1_loss(sobel_gradients(fused), target)
        if self.range_weight:
            brightest = F.max_pool2d(torch.maximum(visible, infrared), 9, 1, 4)
            darkest = -F.max_pool2d(-torch.minimum(visible, infrared), 9, 1, 4)
            loss = loss + self.range_weight * F.l1_loss(fused, fused.clamp(darkest, brightest))
        return loss


@MODELS.register_module()
class DistillationLoss(FusionLoss):
    """L1 to the luma that a teacher makes of the same pair plus weighted L1 between gradients.

    Not the paper's method. Source: Hinton et al., "Distilling the Knowledge in a Neural Network",
    arXiv 1503.02531.

    Args:
        teacher: Config of a larger fuser, of luma; `init_cfg` names its weights. It is built by the
            first call, so that tests do without, and is no part of the checkpoint.
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
            with safe_loading():
                teacher.init_weights()
            self._teacher = (teacher.to(fused.device).eval(),)  # a tuple hides it from nn.Module
        with torch.no_grad():
            target = self._teacher[0].fuse_luma(visible, infrared)
        gradient = F.l1_loss(sobel_gradients(fused), sobel_gradients(target))
        return F.l1_loss(fused, target) + self.gradient_weight * gradient

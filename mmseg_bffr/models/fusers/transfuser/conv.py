"""Convolutions that pad by reflection."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ReflectConv(nn.Conv2d):
    """3x3 convolution on a border reflected by one pixel: (N, C, H, W) -> (N, C', H, W), H, W >= 2.

    Args:
        in_channels: C.
        out_channels: C'.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(in_channels, out_channels, 3, padding=1, padding_mode='reflect')


class ConvNormReLU(nn.Sequential):
    """`ReflectConv`, BatchNorm, ReLU: (N, C, H, W) -> (N, C, H, W).

    Args:
        channels: C.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.conv = ReflectConv(channels, channels)
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)


class MergeConv(ReflectConv):
    """`ReflectConv` over the channels of several maps and one from the scale below, enlarged.

    Enlarged is by nearest x2 and, where the others have an odd size, one more row or column
    reflected at the bottom or right. Neither is done: a convolution is the sum of the convolutions
    of its maps with their share of the weights, and that of the enlarged map is one of the small
    map, with 2x2 weights for each pixel of an enlarged 2x2 block: 4/9 of the multiplications.

    Args:
        in_channels: Sum of the channels of all maps.
        out_channels: C'.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(in_channels, out_channels)
        odd, even = [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
        self.register_buffer('taps', torch.tensor([odd, even]), persistent=False)

    def forward(self, same_scale: Sequence[Tensor], below: Tensor) -> Tensor:
        """Merge [(N, Ci, H, W), ...] and (N, C, H // 2, W // 2) into (N, C', H, W)."""
        weights = self.weight.split([x.shape[1] for x in (*same_scale, below)], dim=1)
        total = reflect_conv(same_scale[0], weights[0], self.bias)
        total += enlarged_conv(below, phase_weights(weights[-1], self.taps), total.shape[2:])
        for x, weight in zip(same_scale[1:], weights[1:-1], strict=True):
            total += reflect_conv(x, weight)
        return total


def reflect_conv(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`ReflectConv` with some of its weights: (N, C, H, W) -> (N, C', H, W)."""
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode='reflect'), weight, bias)


def enlarged_conv(x: Tensor, phases: Tensor, size: Sequence[int]) -> Tensor:
    """`reflect_conv` of a map enlarged to `size`, without enlarging it.

    Reflecting the enlarged map by a pixel is repeating the border of the small one.

    Args:
        x: (N, C, h, w).
        phases: `phase_weights` of its weights.
        size: (H, W), 2h <= H <= 2h + 1, same for W.

    Returns:
        Tensor: (N, C', H, W).
    """
    x = F.pad(x, (1, 1, 1, 1), mode='replicate')
    x = F.pixel_shuffle(F.conv2d(x, phases), 2)
    return x[:, :, 1 : size[0] + 1, 1 : size[1] + 1]


def phase_weights(weight: Tensor, taps: Tensor) -> Tensor:
    """2x2 weights (4 C', C, 2, 2) that do at low resolution what a kernel does at twice it.

    In a map enlarged by nearest x2, two of a kernel's three rows fall on one row of the small map:
    the first two at odd rows, the last two at even ones; the same holds for columns.

    Args:
        weight: (C', C, 3, 3).
        taps: (2, 2, 3), at odd and at even rows: which of the three fall on each of the two.

    Returns:
        Tensor: In the order that `pixel_shuffle` wants: (C', row odd or even, column odd or even).
    """
    return torch.einsum('oikl,pak,qbl->opqiab', weight, taps, taps).flatten(0, 2)

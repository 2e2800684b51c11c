"""Decoder nodes that convolve the map from the scale below before it is enlarged."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmseg_bffr.models.transfuser import DecoderNode, NestedDecoder


def phase_weights(weight: Tensor) -> Tensor:
    """2x2 weights (4 C', C, 2, 2) that do at low resolution what a kernel does at twice it.

    In a map enlarged by nearest x2, two of a kernel's three rows fall on one row of the small map:
    the first two at odd rows, the last two at even ones; the same holds for columns.

    Args:
        weight: (C', C, 3, 3).

    Returns:
        Tensor: In the order that `pixel_shuffle` wants: (C', row odd or even, column odd or even).
    """
    odd, even = [[1, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1]]
    taps = weight.new_tensor([odd, even])  # (2, 2, 3)
    return torch.einsum('oikl,pak,qbl->opqiab', weight, taps, taps).flatten(0, 2)


def reflect_conv(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`ReflectConv` with some of its weights: (N, C, H, W) -> (N, C', H, W)."""
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode='reflect'), weight, bias)


def enlarged_conv(x: Tensor, weight: Tensor, size: Sequence[int]) -> Tensor:
    """`reflect_conv` of `upsample_to(x, size)`, at 4/9 of its multiplications.

    Reflecting the enlarged map by a pixel is repeating the border of the small one.

    Args:
        x: (N, C, h, w).
        weight: (C', C, 3, 3).
        size: (H, W), 2h <= H <= 2h + 1, same for W.

    Returns:
        Tensor: (N, C', H, W).
    """
    x = F.pad(x, (1, 1, 1, 1), mode='replicate')
    x = F.pixel_shuffle(F.conv2d(x, phase_weights(weight)), 2)
    return x[:, :, 1 : size[0] + 1, 1 : size[1] + 1]


def decoder_node(node: DecoderNode, same_scale: Sequence[Tensor], below: Tensor) -> Tensor:
    """`DecoderNode` of [(N, Ci, H, W), ...] and (N, C, H // 2, W // 2), without joining them."""
    size = same_scale[0].shape[2:]
    weights = node.conv.weight.split([x.shape[1] for x in (*same_scale, below)], dim=1)
    total = reflect_conv(same_scale[0], weights[0], node.conv.bias)
    total += enlarged_conv(below, weights[-1], size)
    for x, weight in zip(same_scale[1:], weights[1:-1], strict=True):
        total += reflect_conv(x, weight)
    return F.leaky_relu_(total, 0.01)


def decode(decoder: NestedDecoder, fused: Sequence[Tensor]) -> Tensor:
    """`NestedDecoder`, see there."""
    f1, f2, f3, f4 = fused
    x11 = decoder_node(decoder.x11, [f1], f2)
    x21 = decoder_node(decoder.x21, [f2], f3)
    x12 = decoder_node(decoder.x12, [f1, x11], x21)
    x31 = decoder_node(decoder.x31, [f3], f4)
    x22 = decoder_node(decoder.x22, [f2, x21], x31)
    return decoder_node(decoder.x13, [f1, x11, x12], x22)

"""Twice the channels, the same pictures."""

from collections.abc import Mapping

import torch
from torch import Tensor


def widen(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy every channel of a TransFuser, and share out its weights among the copies.

    Of a weight on a channel, one copy gets a half and a random part more, the other that part less:
    the sum is the same, but the copies learn apart. Source: Chen et al., "Net2Net", ICLR 2016,
    arXiv 1511.05641.

    Args:
        weights: The `state_dict` of a `TransFuser`.

    Returns:
        dict: That of one with twice the channels and as many attention heads.
    """
    generator = torch.Generator().manual_seed(0)
    wide = {}
    for name, tensor in weights.items():
        if tensor.dim() and len(tensor) > 1:  # neither a counter nor the fused luma
            tensor = tensor.repeat_interleave(2, dim=0)
        if tensor.dim() > 1 and tensor.shape[1] > 1:  # neither a vector nor a stem
            part = 0.3 * torch.randn(tensor.shape[:2], generator=generator)
            part = part.reshape(*part.shape, *[1] * (tensor.dim() - 2))
            tensor = torch.stack([tensor * (0.5 + part), tensor * (0.5 - part)], 2).flatten(1, 2)
        if name.endswith('attention.query.weight'):
            tensor = tensor * 2**0.5  # attention divides by the root of a head's channels
        wide[name] = tensor
    return wide

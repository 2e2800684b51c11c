"""LUT-Fuse: a look-up table that fuses, and the small network that gives one of its indices."""

import math
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from bffr.errors import InputError
from mmseg_bffr.models.fusers.published_fusers import PublishedFuser

LEVELS = 16  # of each index: 0, 16, ... 240 of 255; above the last the table is constant
TABLE = 'fine_tuned_lut.npy'  # the authors' table, beside the file of their network


class ContextNetwork(nn.Module):
    """What is around a pixel: R, G, B, infrared in 0..255, (N, 4, H, W) -> (N, 1, H, W) in 0..1."""

    def __init__(self):
        super().__init__()
        conv, *convs = (nn.Conv2d(*channels, 3, padding=1) for channels in pairwise((4, *[16] * 4)))
        relu, norm = nn.LeakyReLU(0.2), lambda: nn.InstanceNorm2d(16, affine=True)
        self.stem = nn.Sequential(conv, relu, norm())
        self.body = nn.Sequential(*(part for conv in convs for part in (conv, relu, norm())))
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Conv2d(16, 1, 3, padding=1), nn.Sigmoid())

    def forward(self, images: Tensor) -> Tensor:  # noqa: D102
        x = self.stem(images)
        return self.out(x + self.body(x))


@MODELS.register_module()
class LUTFuse(PublishedFuser):
    """Fused luma from a table of 16 levels of visible luma, its gradient, a context and infrared.

    0.073 M parameters. As its authors do, images are fused at a size that 16 divides and brought
    back. The gradient is relative to the image's own. Arguments: those of `BaseFuser`.

    Source: Yi et al., "LUT-Fuse: Towards extremely fast infrared and visible image fusion via
    distillation to learnable look-up tables", ICCV 2025.
    """

    min_size = 16
    _names = {'input_layer': 'stem', 'mid_layer': 'body', 'output_layer': 'out'}
    authors_names = {theirs: f'context.{ours}' for theirs, ours in _names.items()}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.context = ContextNetwork()
        half = torch.arange(LEVELS) / (2 * LEVELS)
        self.table = nn.Parameter((half + half.view(-1, 1, 1, 1)).repeat(1, LEVELS, LEVELS, 1))

    def fuse(self, inputs: Tensor) -> Tensor:
        """Fuse (N, 4, H, W) in [0, 1], B, G, R and infrared, into (N, 3, H, W), B, G, R."""
        size, divisible = inputs.shape[2:], [side // 16 * 16 for side in inputs.shape[2:]]
        inputs = F.interpolate(inputs, divisible, mode='bilinear', antialias=True)
        b, g, r, infrared = inputs.split(1, dim=1)
        luma = 0.299 * r + 0.587 * g + 0.114 * b
        cb = -0.168736 * r - 0.331264 * g + 0.5 * b
        cr = 0.5 * r - 0.418688 * g - 0.081312 * b
        context = self.context(255 * torch.cat([r, g, b, infrared], dim=1))
        y = self.look_up(torch.cat([luma, relative_gradient(luma), context, infrared], dim=1))
        image = [y + 1.772 * cb, y - 0.344136 * cb - 0.714136 * cr, y + 1.402 * cr]
        return F.interpolate(torch.cat(image, dim=1).clamp(0, 1), size, mode='bilinear')

    def look_up(self, indices: Tensor) -> Tensor:
        """(N, 4, H, W) in [0, 1] -> (N, 1, H, W), linear between the levels of all four."""
        indices = indices * 255 / LEVELS
        low, fused = indices.floor(), 0
        ends = (
            zip(
                (low + up).clamp(max=LEVELS - 1).long().unbind(1),
                (1 - (indices - low - up).abs()).unbind(1),
                strict=True,
            )
            for up in (0, 1)
        )
        for corner in product(*zip(*ends, strict=True)):
            levels, (weight, *others) = zip(*corner, strict=True)
            fused = fused + math.prod(others, start=weight) * self.table[levels]
        return fused.unsqueeze(1)

    def _load_from_state_dict(self, weights: dict, prefix: str, metadata: dict, *args) -> None:
        if f'{prefix}input_layer.0.weight' in weights and 'source' in metadata:
            path = Path(metadata['source']).with_name(TABLE)
            try:
                table = np.load(path, allow_pickle=False).squeeze(-1)
            except (OSError, ValueError, AttributeError, EOFError) as error:
                raise InputError(
                    f'{path}: cannot be read ({getattr(error, "strerror", None) or error}); '
                    f'LUT-Fuse needs its table beside the file of its network.'
                ) from None
            weights[f'{prefix}table'] = torch.from_numpy(table)
        super()._load_from_state_dict(weights, prefix, metadata, *args)


def relative_gradient(luma: Tensor) -> Tensor:
    """Sobel's strength, zeros outside, from 0 to 1 of each image's own range, (N, 1, H, W)."""
    slope = torch.arange(1, -2, -1, dtype=luma.dtype, device=luma.device)
    sobel = torch.outer(2 - slope.abs(), slope)
    sides = F.conv2d(luma, torch.stack([sobel, sobel.T]).unsqueeze(1), padding=1)
    strength = (sides**2).sum(1, keepdim=True).sqrt()
    low, high = strength.amin((2, 3), keepdim=True), strength.amax((2, 3), keepdim=True)
    return (strength - low) / (high - low + 1e-8)

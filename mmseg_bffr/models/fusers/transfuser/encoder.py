"""The encoder of one modality: a stem and four dense blocks with pooling between them."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DenseBlock(nn.Module):
    """Two 3x3 convolutions that see all that came before them, then a 1x1 convolution.

    (N, C, H, W) -> (N, C', H, W).

    Args:
        in_channels: C.
        out_channels: C'.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        self.conv2 = nn.Conv2d(2 * in_channels, in_channels, 3, padding=1)
        self.transition = nn.Conv2d(3 * in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        return F.leaky_relu(self.dense(x), 0.1, inplace=True)

    def dense(self, x: Tensor) -> Tensor:
        """All but the last activation."""
        a = F.leaky_relu(self.conv1(x), 0.2, inplace=True)
        b = F.leaky_relu(self.conv2(torch.cat([x, a], dim=1)), 0.2, inplace=True)
        return self.transition(torch.cat([x, a, b], dim=1))


class Encoder(nn.Module):
    """One modality's features at four scales.

    Args:
        channels: Channels of the stem and of the levels, (C0, C1, ..., CL).
    """

    def __init__(self, channels: Sequence[int]):
        super().__init__()
        self.stem = nn.Conv2d(1, channels[0], 1)
        self.levels = nn.ModuleList(
            DenseBlock(before, after)
            for before, after in zip(channels[:-1], channels[1:], strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Encode a (N, 1, H, W) image into [(N, Ci, H // 2**(i-1), W // 2**(i-1)), i = 1..L]."""
        x = self.stem(x).contiguous(memory_format=torch.channels_last)
        features = []
        for index, level in enumerate(self.levels):
            x = level(F.max_pool2d(x, 2) if index else x)
            features.append(x)
        return features

"""The nested decoder: every scale is rebuilt from all that is known at it and the scale below."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from mmseg_bffr.models.fusers.transfuser.conv import MergeConv


class DecoderNode(nn.Module):
    """`MergeConv` of several maps and one from the scale below, and leaky ReLU.

    Args:
        in_channels: Sum of the channels of all maps.
        out_channels: C'.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv = MergeConv(in_channels, out_channels)

    def forward(self, same_scale: Sequence[Tensor], below: Tensor) -> Tensor:
        """Merge [(N, Ci, H, W), ...] and (N, C, H // 2, W // 2) into (N, C', H, W)."""
        return F.leaky_relu(self.conv(same_scale, below), 0.01, inplace=True)


class NestedDecoder(nn.Module):
    """U-Net++-like decoder over four levels; node `xij` is the j-th at level i.

    Args:
        channels: Channels of the fused levels (C1, C2, C3, C4); nodes at level i have Ci.
    """

    def __init__(self, channels: Sequence[int]):
        super().__init__()
        c1, c2, c3, c4 = channels
        self.x11 = DecoderNode(c1 + c2, c1)
        self.x21 = DecoderNode(c2 + c3, c2)
        self.x31 = DecoderNode(c3 + c4, c3)
        self.x12 = DecoderNode(2 * c1 + c2, c1)
        self.x22 = DecoderNode(2 * c2 + c3, c2)
        self.x13 = DecoderNode(3 * c1 + c2, c1)

    def forward(self, fused: Sequence[Tensor]) -> Tensor:
        """Decode [(N, Ci, H // 2**(i-1), W // 2**(i-1)), i = 1..4] into (N, C1, H, W)."""
        f1, f2, f3, f4 = fused
        x11 = self.x11([f1], f2)
        x21 = self.x21([f2], f3)
        x12 = self.x12([f1, x11], x21)
        x31 = self.x31([f3], f4)
        x22 = self.x22([f2, x21], x31)
        return self.x13([f1, x11, x12], x22)

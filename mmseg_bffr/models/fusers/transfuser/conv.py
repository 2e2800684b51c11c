"""Convolutions that pad by reflection."""

from torch import nn


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

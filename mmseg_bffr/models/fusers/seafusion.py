"""SeAFusion: two encoders of gradient residual dense blocks, a plain decoder.

Source: Tang et al., "Image fusion in the loop of high-level vision tasks: A semantic-aware
real-time infrared and visible image fusion network", Information Fusion 2022, figure 3.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from mmseg_bffr.models.fusers.published_fuser import PublishedFuser
from mmseg_bffr.models.fusers.transfuser import DenseBlock


class GradientBlock(DenseBlock):
    """Dense block beside a branch of Sobel filters: (N, C, H, W) -> (N, C', H, W).

    The filters are learnt, too.

    Args:
        in_channels: C.
        out_channels: C'.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(in_channels, out_channels)
        grouped = dict(padding=1, groups=in_channels, bias=False)
        self.sobel_x = nn.Conv2d(in_channels, in_channels, 3, **grouped)
        self.sobel_y = nn.Conv2d(in_channels, in_channels, 3, **grouped)
        self.gradient = nn.Conv2d(in_channels, out_channels, 1)
        sobel = torch.outer(torch.tensor([1.0, 2.0, 1.0]), torch.tensor([1.0, 0.0, -1.0]))
        self.sobel_x.weight.data.copy_(sobel)
        self.sobel_y.weight.data.copy_(sobel.T)

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        strength = self.sobel_x(x).abs() + self.sobel_y(x).abs()
        return F.leaky_relu(self.dense(x) + self.gradient(strength), 0.1)


class GradientEncoder(nn.Sequential):
    """One modality's features: (N, 1, H, W) -> (N, 48, H, W)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, padding=1)
        self.relu = nn.LeakyReLU(0.2)
        self.block1 = GradientBlock(16, 32)
        self.block2 = GradientBlock(32, 48)


@MODELS.register_module()
class SeAFusion(PublishedFuser):
    """Fuse luma, 0.167 M parameters; arguments: those of `BaseFuser`."""

    authors_names = {
        **{'vis_conv': 'visible_encoder.stem', 'inf_conv': 'infrared_encoder.stem'},
        **{f'vis_rgbd{i}': f'visible_encoder.block{i}' for i in (1, 2)},
        **{f'inf_rgbd{i}': f'infrared_encoder.block{i}' for i in (1, 2)},
        **{'convdown': 'transition', 'convx': 'sobel_x', 'convy': 'sobel_y', 'convup': 'gradient'},
        **{f'decode{4 - i}': f'decoder.{i}' for i in range(4)},
        **{'conv': '', 'dense': '', 'sobelconv': '', 'bn': None},  # BatchNorms are never used
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.visible_encoder = GradientEncoder()
        self.infrared_encoder = GradientEncoder()
        self.decoder = nn.ModuleList(
            nn.Conv2d(*channels, 3, padding=1) for channels in pairwise((96, 64, 32, 16, 1))
        )

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1] into one in (0, 1)."""
        x = torch.cat([self.visible_encoder(visible_luma), self.infrared_encoder(infrared)], dim=1)
        for conv in self.decoder[:-1]:
            x = F.leaky_relu(conv(x), 0.2)
        return torch.tanh(self.decoder[-1](x)) / 2 + 0.5

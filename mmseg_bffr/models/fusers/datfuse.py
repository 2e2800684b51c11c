"""DATFuse: convolutions with attention to channels and places, and Transformer blocks between."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from mmseg_bffr.models.fusers.published_fusers import PublishedFuser

CHANNELS = 16


class ReplicateConvNorm(nn.Module):
    """Convolution on a border of copies, BatchNorm: (N, C, H, W) -> (N, 16, H, W).

    Args:
        in_channels: C.
        size: Of the kernel, odd.
    """

    def __init__(self, in_channels: int, size: int):
        super().__init__()
        padding = dict(padding=size // 2, padding_mode='replicate')
        self.conv = nn.Conv2d(in_channels, CHANNELS, size, **padding)
        self.norm = nn.BatchNorm2d(CHANNELS)

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        return self.norm(self.conv(x))


class Tokens(nn.Module):
    """Transformer block of windows of one token, in which attention gives back the values.

    (N, H W, 16) -> (N, H W, 16). Queries and keys are in the authors' file and do nothing.
    """

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(CHANNELS), nn.LayerNorm(CHANNELS)
        self.qkv, self.proj = nn.Linear(CHANNELS, 3 * CHANNELS), nn.Linear(CHANNELS, CHANNELS)
        wide = 4 * CHANNELS
        self.mlp = nn.Sequential(nn.Linear(CHANNELS, wide), nn.GELU(), nn.Linear(wide, CHANNELS))

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        x = x + self.proj(self.qkv(self.norm1(x))[..., -CHANNELS:])
        return x + self.mlp(self.norm2(x))


@MODELS.register_module()
class DATFuse(PublishedFuser):
    """One network for both images, infrared first, whose attention parts are used twice.

    Fuses luma, 0.011 M parameters. Between these parts the features are read as tokens of 16
    numbers that lie side by side in memory, mostly a stretch of a row in one channel, as in the
    authors' code. Arguments: those of `BaseFuser`.

    Source: Tang et al., "DATFuse: Infrared and visible image fusion via dual attention
    transformer", IEEE TCSVT 2023.
    """

    authors_names = {
        **{'convolutional': 'stem', 'fem': 'features', 'cam': 'channels', 'sam': 'places'},
        **{'convolutional_out': 'out', 'basicLayer': '', 'fc': '', 'body': '', 'bn': 'norm'},
        **{'attn': '', 'fc1': '0', 'fc2': '2', 'patch_embed': None},
        **{'relative_position_bias_table': None, 'relative_position_index': None},
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        few = CHANNELS // 4
        self.stem = ReplicateConvNorm(2, 5)
        self.features = ReplicateConvNorm(CHANNELS, 3)
        self.channels = nn.Sequential(
            nn.Conv2d(CHANNELS, few, 1), nn.ReLU(), nn.Conv2d(few, CHANNELS, 1)
        )
        self.places = nn.Sequential(
            *(nn.Conv2d(CHANNELS, few, 3, padding=1), nn.BatchNorm2d(few), nn.ReLU()),
            *(nn.Conv2d(few, 1, 3, padding=1), nn.BatchNorm2d(1)),
        )
        self.blocks = nn.Sequential(Tokens(), Tokens())
        self.out = nn.Sequential(OrderedDict(conv=nn.Conv2d(CHANNELS, 1, 1)))

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1] into one in (-1, 1)."""
        x = F.relu(self.stem(torch.cat([infrared, visible_luma], dim=1)))
        features, attended = self.attend(x)
        x = F.relu(attended + x)
        x = self.blocks(x.reshape(x.shape[0], -1, CHANNELS)).reshape(x.shape)
        features, attended = self.attend(x)
        return torch.tanh(self.out(attended + features))

    def attend(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Features, and what attention keeps of them, both (N, 16, H, W)."""
        features = self.features(F.relu(self.features(x)))
        channels = self.channels(features.mean((2, 3), keepdim=True)).sigmoid()
        return features, features * channels + features * self.places(features).sigmoid()

"""Published fusers that are here for comparison; their authors' weight files load as they are."""

from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from bffr.models.tiles import Tiles
from mmseg_bffr.models.fusers.base_fuser import BaseFuser
from mmseg_bffr.models.fusers.transfuser import DenseBlock, ReflectConv


class PublishedFuser(BaseFuser):
    """A fuser whose authors' weight file loads as it is.

    One that fuses luma takes it from R, G, B in that order, as its authors did, and not as
    `mmseg_bffr.models.color` says.
    """

    authors_names: ClassVar[Mapping[str, str | None]]
    """Part between dots of a parameter's name in the authors' file -> ours.

    Where ours is empty, the part is left out; where it is None, the whole tensor. No part that
    results may be one of theirs, so that current names stay.
    """

    def fuse(self, inputs: Tensor) -> Tensor:
        """Fuse (N, 4, H, W) in [0, 1], B, G, R and infrared, into (N, 3, H, W), B, G, R."""
        visible, infrared = inputs.split([3, 1], dim=1)
        return super().fuse(torch.cat([visible.flip(1), infrared], dim=1)).flip(1)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        for name in [name for name in state_dict if name.startswith(prefix)]:
            tensor = state_dict.pop(name)
            names = self.authors_names
            parts = [names.get(part, part) for part in name.removeprefix(prefix).split('.')]
            if None not in parts:
                state_dict[prefix + '.'.join(filter(None, parts))] = tensor
        super()._load_from_state_dict(state_dict, prefix, *args)


@MODELS.register_module()
class DenseFuse(PublishedFuser):
    """One densely connected encoder for both images, the mean of features, a decoder.

    Fuses luma, 0.074 M parameters; works on grey levels 0..255. Arguments: those of `BaseFuser`.

    Source: Li and Wu, "DenseFuse: A fusion approach to infrared and visible images", IEEE TIP 2019,
    figure 5, with the addition strategy.
    """

    tiles = Tiles(step=1, reach=8)
    authors_names = {
        'conv1': 'stem',
        'denseblock': 'layers',
        **{f'conv{i + 2}': f'decoder.{i}' for i in range(4)},
        **{'DB1': '', 'dense_conv': '', 'conv2d': ''},
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.stem = ReflectConv(1, 16)
        self.layers = nn.ModuleList(ReflectConv(channels, 16) for channels in (16, 32, 48))
        self.decoder = nn.ModuleList(
            ReflectConv(*channels) for channels in pairwise((64, 64, 32, 16, 1))
        )
        nn.init.constant_(self.decoder[-1].bias, 127.5)  # all 0 after the ReLU, it never learns

    def encode(self, image: Tensor) -> Tensor:
        """Features (N, 64, H, W) of (N, 1, H, W) grey levels, H, W >= 2."""
        features = F.relu(self.stem(image))
        for layer in self.layers:
            features = torch.cat([features, F.relu(layer(features))], dim=1)
        return features

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1], H, W >= 2, into one, at least 0."""
        x = (self.encode(255 * visible_luma) + self.encode(255 * infrared)) / 2
        for layer in self.decoder:
            x = F.relu(layer(x))
        return x / 255


class ReplicateConv(nn.Conv2d):
    """Convolution without bias on a border of copies: (N, C, H, W) -> (N, 64, H, W).

    Args:
        in_channels: C.
        size: Of the kernel, odd.
    """

    def __init__(self, in_channels: int, size: int):
        padding = dict(padding=size // 2, padding_mode='replicate')
        super().__init__(in_channels, 64, size, bias=False, **padding)


class ReplicateBlock(nn.Sequential):
    """`ReplicateConv` 3x3, BatchNorm, ReLU: (N, 64, H, W) -> (N, 64, H, W)."""

    def __init__(self):
        super().__init__()
        self.conv = ReplicateConv(64, 3)
        self.norm = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)


@MODELS.register_module()
class IFCNN(PublishedFuser):
    """IFCNN-MAX: features of both images, the maximum of the two, an image of it.

    Fuses colours, 0.084 M parameters; the infrared image counts as a grey one. Arguments: those of
    `BaseFuser`.

    Source: Zhang et al., "IFCNN: A general image fusion framework based on convolutional neural
    network", Information Fusion 2020, figure 1, with elementwise maximum.
    """

    tiles = Tiles(step=1, reach=5)
    authors_names = {
        'conv1': 'stem',
        'conv2': 'features',
        'conv3': 'merge',
        'conv4': 'out',
        'bn': 'norm',
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.stem = ReplicateConv(3, 7)
        self.features = ReplicateBlock()
        self.merge = ReplicateBlock()
        self.out = nn.Conv2d(64, 3, 1)

    def fuse(self, inputs: Tensor) -> Tensor:
        """Fuse (N, 4, H, W) in [0, 1], B, G, R and infrared, into (N, 3, H, W), B, G, R."""
        visible, infrared = (
            self.features(self.stem(image))
            for image in (inputs[:, :3], inputs[:, 3:].expand(-1, 3, -1, -1))
        )
        return self.out(self.merge(torch.maximum(visible, infrared)))


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
    """Two encoders of gradient residual dense blocks, a plain decoder.

    Fuses luma, 0.167 M parameters. Arguments: those of `BaseFuser`.

    Source: Tang et al., "Image fusion in the loop of high-level vision tasks: A semantic-aware
    real-time infrared and visible image fusion network", Information Fusion 2022, figure 3.
    """

    tiles = Tiles(step=1, reach=9)
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

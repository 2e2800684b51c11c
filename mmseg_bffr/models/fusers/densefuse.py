"""DenseFuse: one densely connected encoder for both images, the mean of features, a decoder.

Source: Li and Wu, "DenseFuse: A fusion approach to infrared and visible images", IEEE TIP 2019,
figure 5, with the addition strategy.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from mmseg_bffr.models.fusers.published_fuser import PublishedFuser
from mmseg_bffr.models.fusers.transfuser import ReflectConv


@MODELS.register_module()
class DenseFuse(PublishedFuser):
    """Fuse luma, 0.074 M parameters; works on grey levels 0..255.

    Arguments: those of `BaseFuser`.
    """

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

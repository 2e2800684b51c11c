"""A fuser for real time, which computes on blocks of pixels."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from .base_fuser import BaseFuser


@MODELS.register_module()
class BlockFuser(BaseFuser):
    """Mixes both images pixel by pixel and adds a little, as a few convolutions say.

    These see each block of pixels as one, whose values are its channels, so that nothing but the
    mixing passes over the whole image. They give every pixel the visible image's share and an
    offset. Not of the paper. Source of the blocks: Shi et al., "Real-Time Single Image and Video
    Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", CVPR 2016.

    Args:
        channels: Of each convolution but the last.
        layers: How many convolutions there are between the first and the last.
        block: Height and width of a block, in pixels.
        **kwargs: Those of `BaseFuser`.
    """

    def __init__(self, channels: int = 32, layers: int = 5, block: int = 4, **kwargs):
        super().__init__(**kwargs)
        self.block = block
        values = 2 * block**2
        widths = [values, *[channels] * (layers + 1)]
        hidden = [nn.Conv2d(*pair, 3, padding=1) for pair in zip(widths, widths[1:], strict=False)]
        self.hidden = nn.ModuleList(hidden)
        self.last = nn.Conv2d(channels, values, 3, padding=1)

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1] into one."""
        height, width = infrared.shape[2:]
        missing = 0, -width % self.block, 0, -height % self.block
        pair = F.pad(torch.cat([visible_luma, infrared], 1), missing, mode='replicate')
        features = F.pixel_unshuffle(pair, self.block)
        for layer in self.hidden:
            features = F.relu(layer(features))
        rule = F.pixel_shuffle(self.last(features), self.block)[..., :height, :width]
        share = rule[:, :1].sigmoid()
        return share * visible_luma + (1 - share) * infrared + rule[:, 1:]

"""A fuser for real time, which computes on blocks of pixels."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from bffr.models.tiles import Tiles

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

    @property
    def tiles(self) -> Tiles:  # noqa: D102
        return Tiles(step=self.block, reach=self.block * (len(self.hidden) + 1))

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1] into one."""
        height, width = infrared.shape[2:]
        most = self.block - 1  # that can be missing; what is too much goes: so exporters follow it
        rows, columns = ((side + most) // self.block * self.block for side in (height, width))
        pair = torch.cat([visible_luma, infrared], 1)
        pair = F.pad(pair, (0, most, 0, most), mode='replicate')[..., :rows, :columns]
        blocks = features = F.pixel_unshuffle(pair, self.block)
        for layer in self.hidden:
            features = F.relu(layer(features))
        share, offset = self.last(features).chunk(2, 1)
        visible_blocks, infrared_blocks = blocks.chunk(2, 1)
        mixed = infrared_blocks + share.sigmoid() * (visible_blocks - infrared_blocks)
        return F.pixel_shuffle(mixed + offset, self.block)[..., :height, :width]

"""TransFuser, the fusion network of the paper (section III, figure 2)."""

from collections.abc import Sequence

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from bffr.errors import InputError
from bffr.models.tiles import Tiles
from mmseg_bffr.models.color import luma
from mmseg_bffr.models.fusers.base_fuser import BaseFuser
from mmseg_bffr.models.fusers.transfuser.activation_checkpointing import checkpoint_activations
from mmseg_bffr.models.fusers.transfuser.decoder import DecoderNode, NestedDecoder
from mmseg_bffr.models.fusers.transfuser.encoder import DenseBlock, Encoder
from mmseg_bffr.models.fusers.transfuser.fusion_block import AttentionBlock, FusionBlock


@MODELS.register_module(name=['TransFuser', 'TransFuser6'])
class TransFuser(BaseFuser):
    """Two dense encoders, a fusion block with channel attention for each level, a nested decoder.

    Source: arXiv 2211.12286. 3.9 M parameters, 288 GFLOPs for one 480x640 pair as
    the paper draws it, 250 as computed here.

    Args:
        channels: Channels of the stem and of the four levels.
        heads: Attention heads of the four levels.
        with_cp: Whether training saves memory by computing the inside of blocks twice.
        **kwargs: `loss`, `data_preprocessor` and `init_cfg` of `BaseFuser`.

    Raises:
        InputError: `channels` or `heads` are of another length.
    """

    min_size = 16  # so that the deepest level has two pixels to reflect
    tiles = Tiles(step=8, reach=71)

    def __init__(
        self,
        channels: Sequence[int] = (16, 32, 64, 96, 128),
        heads: Sequence[int] = (4, 8, 8, 16),
        with_cp: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        levels = channels[1:]
        if (len(levels), len(heads)) != (4, 4):
            raise InputError(
                f'TransFuser: channels={tuple(channels)} and heads={tuple(heads)} do not fit; give '
                f'five channels, of the stem and four levels, and the heads of the four levels.'
            )
        self.visible_encoder = Encoder(channels)
        self.infrared_encoder = Encoder(channels)
        self.fusion = nn.ModuleList(map(FusionBlock, levels, heads))
        self.decoder = NestedDecoder(levels)
        self.out = nn.Conv2d(levels[0], 1, 1)
        self.levels = tuple(levels)
        if with_cp:
            for block in self.modules():
                if isinstance(block, (DenseBlock, AttentionBlock, DecoderNode)):
                    checkpoint_activations(block)

    def fuse_luma(
        self, visible_luma: Tensor, infrared: Tensor, sums: Tensor | None = None
    ) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1], H and W >= 16, into one in (0, 1)."""
        features = self.visible_encoder(visible_luma), self.infrared_encoder(infrared)
        levels = zip(self.fusion, *features, self._grams(sums), strict=True)
        fused = [fuse(*pair, grams) for fuse, *pair, grams in levels]
        return torch.tanh(self.out(self.decoder(fused)).to(visible_luma.dtype)) / 2 + 0.5

    def sums(self, inputs: Tensor, inside: Tensor) -> Tensor:
        """X^T X of all attention blocks, one after another; see `ChannelAttention`."""
        top, bottom, left, right = inside
        features = self.visible_encoder(luma(inputs[:, :3])), self.infrared_encoder(inputs[:, 3:])
        grams = []
        for number, (fuse, visible, infrared) in enumerate(
            zip(self.fusion, *features, strict=True)
        ):
            rows, columns = (torch.arange(n, device=inputs.device) for n in visible.shape[2:])
            rows, columns = (
                (places >= start // 2**number) & (places < stop // 2**number)
                for places, start, stop in ((rows, top, bottom), (columns, left, right))
            )
            own = (rows[:, None] & columns).float()
            grams += [fuse.visible.gram(visible, own), fuse.infrared.gram(infrared, own)]
        return torch.cat([gram.flatten(1) for gram in grams], dim=1)

    def _grams(self, sums: Tensor | None) -> Sequence[Sequence[Tensor | None]]:
        """Of each level, those of both modalities."""
        if sums is None:
            return [(None, None)] * len(self.levels)
        sides = [channels for channels in self.levels for _ in range(2)]
        parts = sums.split([side**2 for side in sides], dim=1)
        grams = [part.unflatten(1, (side, side)) for part, side in zip(parts, sides, strict=True)]
        return list(zip(grams[::2], grams[1::2], strict=True))

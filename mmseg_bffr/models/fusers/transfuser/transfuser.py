"""TransFuser, the fusion network of the paper (section III, figure 2)."""

from collections.abc import Sequence

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from bffr.errors import InputError
from mmseg_bffr.models.fusers.base_fuser import BaseFuser
from mmseg_bffr.models.fusers.transfuser.activation_checkpointing import checkpoint_activations
from mmseg_bffr.models.fusers.transfuser.decoder import DecoderNode, NestedDecoder
from mmseg_bffr.models.fusers.transfuser.encoder import DenseBlock, Encoder
from mmseg_bffr.models.fusers.transfuser.fusion_block import AttentionBlock, FusionBlock


@MODELS.register_module(name=['TransFuser', 'TransFuser6'])
class TransFuser(BaseFuser):
    """Two dense encoders, a fusion block with channel attention a level, a nested decoder.

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
        if with_cp:
            for block in self.modules():
                if isinstance(block, (DenseBlock, AttentionBlock, DecoderNode)):
                    checkpoint_activations(block)

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1], H and W >= 16, into one in (0, 1)."""
        fused = [
            fuse(visible, infrared)
            for fuse, visible, infrared in zip(
                self.fusion,
                self.visible_encoder(visible_luma),
                self.infrared_encoder(infrared),
                strict=True,
            )
        ]
        return torch.tanh(self.out(self.decoder(fused)).to(visible_luma.dtype)) / 2 + 0.5

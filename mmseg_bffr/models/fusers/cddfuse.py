"""CDDFuse: what both images share and what each has alone, taken apart, fused, put together."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from mmseg_bffr.models.fusers.published_fusers import PublishedFuser

CHANNELS, HEADS = 64, 8


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation of the channels at each pixel of (N, 64, H, W)."""

    def __init__(self):
        super().__init__(CHANNELS)

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class ChannelAttention(nn.Module):
    """Attention between channels, whose queries, keys and values see 3x3 pixels."""

    def __init__(self, groups: int):
        super().__init__()
        wide = 3 * CHANNELS
        self.scale = nn.Parameter(torch.ones(HEADS, 1, 1))
        self.qkv = nn.Conv2d(CHANNELS, wide, 1, bias=False)
        self.around = nn.Conv2d(wide, wide, 3, padding=1, groups=groups, bias=False)
        self.proj = nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        parts = self.around(self.qkv(x)).chunk(3, dim=1)
        q, k, v = (part.flatten(2).unflatten(1, (HEADS, -1)) for part in parts)
        weights = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1) * self.scale
        return self.proj((weights.softmax(-1) @ v).reshape(x.shape))


class GatedFeedForward(nn.Module):
    """Two convolutions side by side, one of which gates the other."""

    def __init__(self, hidden: int, groups: int):
        super().__init__()
        self.expand = nn.Conv2d(CHANNELS, 2 * hidden, 1, bias=False)
        self.around = nn.Conv2d(2 * hidden, 2 * hidden, 3, padding=1, groups=groups, bias=False)
        self.proj = nn.Conv2d(hidden, CHANNELS, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        gate, x = self.around(self.expand(x)).chunk(2, dim=1)
        return self.proj(F.gelu(gate) * x)


class Block(nn.Module):
    """Attention and feed-forward part, of `base` features or of all: (N, 64, H, W)."""

    def __init__(self, base: bool = False):
        super().__init__()
        self.norm1, self.norm2 = ChannelNorm(), ChannelNorm()
        self.attn = ChannelAttention(1 if base else 3 * CHANNELS)
        self.ffn = GatedFeedForward(*(CHANNELS, CHANNELS) if base else (128, 256))

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        x = x + self.attn(self.norm1(x))
        return x + self.ffn(self.norm2(x))


class Coupling(nn.Module):
    """An invertible step, each half of the channels changed by the other: (N, 64, H, W)."""

    def __init__(self):
        super().__init__()
        self.shift, self.gain, self.offset = (self._half() for _ in range(3))
        self.mix = nn.Conv2d(CHANNELS, CHANNELS, 1)

    @staticmethod
    def _half() -> nn.Sequential:
        wide = dict(groups=CHANNELS, bias=False)
        return nn.Sequential(
            *(nn.Conv2d(CHANNELS // 2, CHANNELS, 1, bias=False), nn.ReLU6()),
            *(nn.ReflectionPad2d(1), nn.Conv2d(CHANNELS, CHANNELS, 3, **wide), nn.ReLU6()),
            nn.Conv2d(CHANNELS, CHANNELS // 2, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        first, second = self.mix(x).chunk(2, dim=1)
        second = second + self.shift(first)
        first = first * self.gain(second).exp() + self.offset(second)
        return torch.cat([first, second], dim=1)


@MODELS.register_module()
class CDDFuse(PublishedFuser):
    """One Transformer encoder for both images, features in two kinds, summed and fused by kind.

    Fuses luma, 1.19 M parameters. Written after the paper and the authors' code; **not compared
    with their images, as their file could not be had**. Arguments: those of `BaseFuser`.

    Source: Zhao et al., "CDDFuse: Correlation-driven dual-branch feature decomposition for
    multi-modality image fusion", CVPR 2023, figure 1.
    """

    authors_names = {
        **{'DIDF_Encoder': 'encoder', 'DIDF_Decoder': 'decoder', 'module': ''},
        **{'BaseFuseLayer': 'base_fusion', 'DetailFuseLayer': 'detail_fusion'},
        **{'patch_embed': 'embed', 'encoder_level1': 'blocks', 'encoder_level2': 'blocks'},
        **{'baseFeature': 'base', 'detailFeature': 'detail', 'reduce_channel': 'reduce'},
        **{'theta_phi': 'shift', 'theta_rho': 'gain', 'theta_eta': 'offset', 'shffleconv': 'mix'},
        **{'temperature': 'scale', 'qkv1': 'qkv', 'qkv2': 'around', 'qkv_dwconv': 'around'},
        **{'mlp': 'ffn', 'project_in': 'expand', 'dwconv': 'around', 'project_out': 'proj'},
        **{'output': 'out', 'body': '', 'net': '', 'bottleneckBlock': ''},
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)

        def conv(in_channels, out_channels, size):
            return nn.Conv2d(in_channels, out_channels, size, padding=size // 2, bias=False)

        self.encoder = nn.ModuleDict(
            dict(
                embed=nn.Sequential(OrderedDict(proj=conv(1, CHANNELS, 3))),
                blocks=nn.Sequential(*(Block() for _ in range(4))),
                base=Block(base=True),
                detail=nn.Sequential(*(Coupling() for _ in range(3))),
            )
        )
        self.base_fusion, self.detail_fusion = Block(base=True), nn.Sequential(Coupling())
        half = CHANNELS // 2
        self.decoder = nn.ModuleDict(
            dict(
                reduce=conv(2 * CHANNELS, CHANNELS, 1),
                blocks=nn.Sequential(*(Block() for _ in range(4))),
                out=nn.Sequential(conv(CHANNELS, half, 3), nn.LeakyReLU(), conv(half, 1, 3)),
            )
        )

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Base and detail features, both (N, 64, H, W), of (N, 1, H, W)."""
        x = self.encoder['blocks'](self.encoder['embed'](image))
        return self.encoder['base'](x), self.encoder['detail'](x)

    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, 1, H, W) images in [0, 1] into one in (0, 1)."""
        base, detail = (
            sum(features)
            for features in zip(self.encode(visible_luma), self.encode(infrared), strict=True)
        )
        x = torch.cat([self.base_fusion(base), self.detail_fusion(detail)], dim=1)
        x = self.decoder['blocks'](self.decoder['reduce'](x))
        return torch.sigmoid(self.decoder['out'](x) + visible_luma)

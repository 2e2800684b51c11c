"""Fusion at one level: each modality gated by attention over its channels, then their mean."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from mmseg_bffr.models.fusers.transfuser.conv import ConvNormReLU


class ChannelAttention(nn.Module):
    """Multi-head attention in which channels, not positions, attend to one another.

    Of tokens X (L, C), a head takes Q = X Wq, K = X Wk, V = X Wv, each (L, d) with d = C / heads,
    and gives V S with S = softmax(Q^T K / sqrt(d)), normalised over the first dimension of the
    (d, d) matrix. The heads side by side, times Wo, plus a bias, are the result.

    L is the number of pixels, so what costs is products with X. Two of them suffice:
    Q^T K = Wq^T (X^T X) Wk and V S Wo = X (Wv S Wo). The layers are called on unit vectors, which
    gives their matrices; any linear layer can take their place, in that of `out` with a bias.

    Q^T K sums over all pixels, more than float16 holds: it and S are computed in float32 at least.

    Args:
        channels: C.
        heads: Number of heads; divides C.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels, bias=False)
        self.key = nn.Linear(channels, channels, bias=False)
        self.value = nn.Linear(channels, channels, bias=False)
        self.out = nn.Linear(channels, channels)

    def forward(self, tokens: Tensor, known: Tensor | None = None) -> Tensor:
        """Mix the channels of (N, L, C) tokens into (N, L, C) tokens.

        `known`, (N, C, C), stands for X^T X, but where it is NaN: the tokens may be a tile's.
        """
        unit = torch.eye(tokens.shape[-1], dtype=tokens.dtype, device=tokens.device)
        query, key, value = (
            layer(unit).unflatten(-1, (self.heads, -1)).transpose(0, 1)  # (heads, C, d)
            for layer in (self.query, self.key, self.value)
        )
        with _without_autocast(tokens.device):
            wide = torch.promote_types(tokens.dtype, torch.float32)
            x, query, key = (t.to(wide) for t in (tokens, query, key))
            gram = x.mT @ x
            if known is not None:
                gram = torch.where(known.isnan(), gram, known)
            gram = gram.unsqueeze(1)  # (N, 1, C, C)
            context = (query.mT @ gram @ key * query.shape[-1] ** -0.5).softmax(dim=-2)
        mixed = (value @ context.to(value.dtype)).transpose(1, 2).flatten(2)  # (N, C, C)
        bias = self.out(mixed.new_zeros(1, mixed.shape[-1]))
        return torch.baddbmm(bias, tokens, self.out(mixed) - bias)


class AttentionBlock(nn.Module):
    """Scale a modality's features by a gate that saw all of the image: x + x * gate(x).

    (N, C, H, W) -> (N, C, H, W).

    Args:
        channels: C.
        heads: Heads of the channel attention.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.embed = nn.Sequential(ConvNormReLU(channels), ConvNormReLU(channels))
        self.attention = ChannelAttention(channels, heads)
        self.norm = nn.LayerNorm(channels)
        self.gate = nn.Sequential(ConvNormReLU(channels), ConvNormReLU(channels))

    def forward(self, x: Tensor, known: Tensor | None = None) -> Tensor:
        """Gate (N, C, H, W); for `known` see `ChannelAttention`."""
        tokens = self.norm(self.attention(self.embed(x).flatten(2).mT, known))
        gate = self.gate(tokens.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2))
        return self.apply_gate(x, gate)

    def gram(self, x: Tensor, inside: Tensor) -> Tensor:
        """X^T X of the tokens at the places (H, W) where `inside` is 1, not 0: (N, C, C)."""
        tokens = self.embed(x).flatten(2).to(torch.promote_types(x.dtype, torch.float32))
        return tokens * inside.flatten() @ tokens.mT

    @staticmethod
    def apply_gate(x: Tensor, gate: Tensor) -> Tensor:
        """Features + features * gate, all (N, C, H, W)."""
        return torch.addcmul(x, x, gate)


class FusionBlock(nn.Module):
    """Mean of the two modalities' features, each gated by an attention block of its own.

    Args:
        channels: C.
        heads: Heads of the channel attention.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.visible = AttentionBlock(channels, heads)
        self.infrared = AttentionBlock(channels, heads)

    def forward(
        self, visible: Tensor, infrared: Tensor, known: Sequence[Tensor | None] = (None, None)
    ) -> Tensor:
        """Fuse two (N, C, H, W) feature maps into one; for `known` see `ChannelAttention`."""
        of_visible, of_infrared = known
        gated = self.infrared(infrared, of_infrared) + self.visible(visible, of_visible)
        return gated.mul_(0.5)


def _without_autocast(device: torch.device) -> AbstractContextManager:
    if not torch.amp.is_autocast_available(device.type):  # as on the meta device
        return nullcontext()
    return torch.autocast(device.type, enabled=False)

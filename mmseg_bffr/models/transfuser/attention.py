"""Attention over channels, and the gate that a fusion block puts on each modality with it."""

from torch import Tensor, nn

from mmseg_bffr.models.transfuser.conv import ConvNormReLU


class ChannelAttention(nn.Module):
    """Multi-head attention in which channels, not positions, attend to one another.

    The context of a head is the d x d matrix softmax(q^T k / sqrt(d)), d = C / heads, normalised
    over its first dimension; its cost grows linearly with the number of positions L.

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

    def forward(self, tokens: Tensor) -> Tensor:
        """Mix the channels of (N, L, C) tokens into (N, L, C) tokens."""
        q, k, v = (
            project(tokens).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (N, heads, L, d)
            for project in (self.query, self.key, self.value)
        )
        context = (q.transpose(-1, -2) @ k * q.shape[-1] ** -0.5).softmax(dim=-2)
        return self.out((v @ context).transpose(1, 2).flatten(2))


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

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        tokens = self.norm(self.attention(tokens))
        return x + x * self.gate(tokens.transpose(1, 2).reshape(x.shape))

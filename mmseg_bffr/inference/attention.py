"""Channel attention by way of the tokens' Gram matrix.

With tokens X (L, C), q^T k = (X Wq)^T (X Wk) = Wq^T (X^T X) Wk, and what becomes of the values,
(X Wv) ctx Wo, is X (Wv ctx Wo): two products with the long X instead of six.
"""

import torch
from torch import Tensor

from mmseg_bffr.models.transfuser import AttentionBlock, ChannelAttention


def channel_attention(attention: ChannelAttention, tokens: Tensor) -> Tensor:
    """`ChannelAttention` of (N, L, C) tokens."""
    query, key, value = (
        layer.weight.unflatten(0, (attention.heads, -1))  # (heads, d, C)
        for layer in (attention.query, attention.key, attention.value)
    )
    gram = (tokens.mT @ tokens).unsqueeze(1)  # (N, 1, C, C)
    context = (query @ gram @ key.mT * query.shape[1] ** -0.5).softmax(dim=-2)
    mixed = (value.mT @ context).transpose(1, 2).flatten(2)  # (N, C, C): Wv ctx of all heads
    return torch.baddbmm(attention.out.bias, tokens, mixed @ attention.out.weight.T)


def attention_block(block: AttentionBlock, x: Tensor) -> Tensor:
    """`AttentionBlock` of (N, C, H, W), channels last in memory, so that tokens are but a view."""
    tokens = block.embed(x).permute(0, 2, 3, 1).flatten(1, 2)
    tokens = block.norm(channel_attention(block.attention, tokens))
    gate = block.gate(tokens.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2))
    return torch.addcmul(x, x, gate)

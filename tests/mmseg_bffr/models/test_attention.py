"""Channel attention and the gate made of it."""

import numpy as np
import pytest
import torch

from mmseg_bffr.models.fusers.transfuser import AttentionBlock, ChannelAttention, FusionBlock


def slow_channel_attention(attention, tokens):
    """The formula of the paper, one matrix element at a time."""
    query, key, value = (
        tokens @ layer.weight.detach().numpy().T
        for layer in (attention.query, attention.key, attention.value)
    )
    n, length, channels = tokens.shape
    d = channels // attention.heads
    mixed = np.zeros_like(tokens)
    for image in range(n):
        for head in range(attention.heads):
            columns = range(head * d, (head + 1) * d)
            similarity = np.zeros((d, d))
            for i, a in enumerate(columns):
                for j, b in enumerate(columns):
                    similarity[i, j] = sum(query[image, :, a] * key[image, :, b]) / d**0.5
            context = np.exp(similarity) / np.exp(similarity).sum(axis=0)  # over the queries
            for position in range(length):
                for j, b in enumerate(columns):
                    mixed[image, position, b] = sum(
                        value[image, position, a] * context[i, j] for i, a in enumerate(columns)
                    )
    return mixed @ attention.out.weight.detach().numpy().T + attention.out.bias.detach().numpy()


@pytest.mark.parametrize('heads', [1, 2, 6])
def test_channel_attention_is_the_formula(heads):
    attention = ChannelAttention(6, heads).double()
    tokens = torch.randn(2, 5, 6, dtype=torch.float64)
    np.testing.assert_allclose(
        attention(tokens).detach().numpy(),
        slow_channel_attention(attention, tokens.numpy()),
        atol=1e-12,
    )


def test_channel_attention_treats_positions_alike():
    attention, tokens = ChannelAttention(8, 2), torch.randn(1, 10, 8)
    order = torch.randperm(10)
    torch.testing.assert_close(attention(tokens[:, order]), attention(tokens)[:, order])


def close_gate(block):
    torch.nn.init.zeros_(block.gate[1].norm.weight)
    torch.nn.init.zeros_(block.gate[1].norm.bias)


def test_attention_block_keeps_the_shape_and_is_the_identity_with_a_closed_gate():
    block, x = AttentionBlock(8, 2), torch.randn(2, 8, 5, 7)
    assert block(x).shape == x.shape
    assert not torch.equal(block(x), x)
    close_gate(block)
    assert torch.equal(block(x), x)


def test_fusion_block_averages_its_two_gated_inputs():
    block = FusionBlock(4, 2).eval()
    visible, infrared = torch.randn(2, 1, 4, 6, 6)
    torch.testing.assert_close(
        block(visible, infrared), (block.visible(visible) + block.infrared(infrared)) / 2
    )
    close_gate(block.visible)
    close_gate(block.infrared)
    torch.testing.assert_close(block(visible, infrared), (visible + infrared) / 2)

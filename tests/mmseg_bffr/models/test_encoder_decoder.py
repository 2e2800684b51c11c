"""Convolutions, encoder and decoder against plain formulas."""

import numpy as np
import pytest
import torch

from mmseg_bffr.models.fusers.transfuser import (
    ConvNormReLU,
    DecoderNode,
    DenseBlock,
    Encoder,
    NestedDecoder,
    ReflectConv,
)

from .textbook import upsample_to


def convolve(x, layer, padding):
    """Correlate (C, H, W) with a 3x3 or 1x1 layer, a pixel at a time."""
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    size = weight.shape[-1]
    if size == 3:
        x = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode=padding)
    height, width = x.shape[1] - size + 1, x.shape[2] - size + 1
    out = np.empty((len(weight), height, width))
    for i in range(height):
        for j in range(width):
            out[:, i, j] = (weight * x[:, i : i + size, j : j + size]).sum(axis=(1, 2, 3)) + bias
    return out


def leaky(x, slope):
    return np.where(x > 0, x, slope * x)


@torch.no_grad()
def test_reflect_conv_and_norm():
    block = ConvNormReLU(3).double().eval()
    block.norm.running_mean.normal_()
    block.norm.running_var.uniform_(0.5, 2)
    x = torch.randn(1, 3, 4, 5, dtype=torch.float64)
    expected = convolve(x[0].numpy(), block.conv, 'reflect')
    mean, var = (
        v.numpy()[:, None, None] for v in (block.norm.running_mean, block.norm.running_var)
    )
    expected = np.maximum((expected - mean) / np.sqrt(var + block.norm.eps), 0)
    np.testing.assert_allclose(block(x)[0].numpy(), expected, atol=1e-12)


def test_reflect_conv_needs_two_pixels_only():
    assert ReflectConv(2, 3)(torch.randn(1, 2, 2, 2)).shape == (1, 3, 2, 2)


@torch.no_grad()
def test_dense_block():
    block = DenseBlock(2, 5).double()
    x = torch.randn(1, 2, 4, 5, dtype=torch.float64)
    plain = x[0].numpy()
    a = leaky(convolve(plain, block.conv1, 'constant'), 0.2)
    b = leaky(convolve(np.concatenate([plain, a]), block.conv2, 'constant'), 0.2)
    expected = leaky(convolve(np.concatenate([plain, a, b]), block.transition, None), 0.1)
    np.testing.assert_allclose(block(x)[0].numpy(), expected, atol=1e-12)


@torch.no_grad()
def test_encoder_shapes_and_stem_without_activation():
    encoder = Encoder((3, 4, 5, 6, 7))
    features = encoder(torch.rand(2, 1, 37, 16))
    assert [tuple(f.shape) for f in features] == [
        (2, 4, 37, 16), (2, 5, 18, 8), (2, 6, 9, 4), (2, 7, 4, 2),
    ]  # fmt: skip
    stem = encoder.stem(torch.ones(1, 1, 1, 1)).flatten()
    torch.testing.assert_close(stem, encoder.stem.weight.flatten() + encoder.stem.bias)


@torch.no_grad()
def test_encoder_pools_the_maximum_between_levels():
    encoder, x = Encoder((2, 3, 4)), torch.rand(1, 1, 4, 4)
    first, second = encoder(x)
    pooled = first.unfold(2, 2, 2).unfold(3, 2, 2).amax(dim=(-1, -2))
    torch.testing.assert_close(second, encoder.levels[1](pooled))


@pytest.mark.parametrize('size', [(4, 6), (5, 6), (4, 7), (5, 7)])
def test_upsample_to(size):
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    expected = x[0, 0].numpy().repeat(2, axis=0).repeat(2, axis=1)
    below, right = size[0] - 4, size[1] - 6
    expected = np.pad(expected, ((0, below), (0, right)), mode='reflect')
    np.testing.assert_array_equal(upsample_to(x, size)[0, 0].numpy(), expected)


@torch.no_grad()
@pytest.mark.parametrize('size', [(4, 6), (5, 7)])
def test_decoder_node(size):
    node = DecoderNode(2 + 2 + 3, 4).double()
    one, two = torch.randn(2, 1, 2, *size, dtype=torch.float64)
    below = torch.randn(1, 3, 2, 3, dtype=torch.float64)
    maps = [one[0], two[0], upsample_to(below, size)[0]]
    expected = leaky(convolve(np.concatenate(maps), node.conv, 'reflect'), 0.01)
    np.testing.assert_allclose(node([one, two], below)[0].numpy(), expected, atol=1e-12)


@torch.no_grad()
def test_nested_decoder_wiring():
    decoder = NestedDecoder((2, 3, 4, 5))
    fused = [torch.randn(1, c, 16 // 2**i, 24 // 2**i) for i, c in enumerate((2, 3, 4, 5))]
    f1, f2, f3, f4 = fused
    x11, x21, x31 = decoder.x11([f1], f2), decoder.x21([f2], f3), decoder.x31([f3], f4)
    x12, x22 = decoder.x12([f1, x11], x21), decoder.x22([f2, x21], x31)
    assert [x.shape[1] for x in (x11, x12, x21, x22, x31)] == [2, 2, 3, 3, 4]
    torch.testing.assert_close(decoder(fused), decoder.x13([f1, x11, x12], x22))
    assert decoder(fused).shape == (1, 2, 16, 24)

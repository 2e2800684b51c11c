"""The fuser on blocks of pixels: its mixture, against a slow one, at sizes of any kind."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate

from mmseg_bffr.models import BlockFuser


@pytest.fixture
def fuser():
    fuser = BlockFuser(channels=6, layers=1, block=4).eval()
    for parameter in fuser.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return fuser


def convolved(image, convolution):
    """(C, H, W), surrounded by zeros."""
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    kernels, biases = (p.detach().double().numpy() for p in convolution.parameters())
    maps = [correlate(padded, kernel, 'valid')[0] for kernel in kernels]
    return np.stack(maps) + biases[:, None, None]


def blocks(image):
    """(C, H, W) to (C * 16, H / 4, W / 4), channels as rows and columns of a block."""
    parts = [c[row::4, column::4] for c in image for row in range(4) for column in range(4)]
    return np.stack(parts)


@pytest.mark.parametrize('size', [(16, 24), (17, 22), (2, 3)])
def test_shares_and_offsets_of_blocks(fuser, size):
    visible, infrared = torch.rand(2, 1, 1, *size)
    pair = np.stack([visible[0, 0].double().numpy(), infrared[0, 0].double().numpy()])
    missing = [(0, 0), (0, -size[0] % 4), (0, -size[1] % 4)]
    features = blocks(np.pad(pair, missing, mode='edge'))
    for layer in fuser.hidden:
        features = convolved(features, layer).clip(0)
    of_blocks, rule = convolved(features, fuser.last), np.zeros((2, 100, 100))
    for channel, row, column in np.ndindex(2, *size):
        index = 16 * channel + 4 * (row % 4) + column % 4
        rule[channel, row, column] = of_blocks[index, row // 4, column // 4]
    logits, offset = rule[:, : size[0], : size[1]]
    share = 1 / (1 + np.exp(-logits))
    expected = share * pair[0] + (1 - share) * pair[1] + offset
    fused = fuser.fuse_luma(visible, infrared)[0, 0].detach()
    np.testing.assert_allclose(fused, expected, atol=1e-5)

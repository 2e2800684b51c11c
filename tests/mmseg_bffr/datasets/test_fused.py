"""Pairs that are loaded as the images of a fuser."""

import numpy as np
import pytest
import torch
from mmseg.registry import MODELS, TRANSFORMS

from bffr.images.pair import read_pair, stack
from mmseg_bffr.datasets import MFNetDataset


@pytest.fixture
def fuser(tmp_path):
    """Config of a tiny fuser with weights in a file."""
    config = dict(type='mmseg.TransFuser', channels=(4,) * 5, heads=(2,) * 4)
    torch.save(MODELS.build(config).state_dict(), tmp_path / 'weights.pth')
    return dict(config, init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'weights.pth')))


def test_is_what_the_fuser_saves(synthetic, fuser):
    sample = MFNetDataset(str(synthetic), 'train.txt', pipeline=[]).get_data_info(0)
    loaded = TRANSFORMS.build(dict(type='LoadFused', fuser=fuser))(dict(sample))
    network = MODELS.build(fuser)
    network.init_weights()
    visible, infrared, *_ = read_pair(sample['img_path'], sample['ir_path'])
    inputs = torch.from_numpy(stack(visible, infrared)).permute(2, 0, 1)[None] / 255
    fused = network.eval()(inputs)[0].permute(1, 2, 0).detach().clamp(0, 1)
    expected = (fused * 255).numpy().astype(np.uint8)
    np.testing.assert_array_equal(loaded['img'], expected)
    assert loaded['ori_shape'] == loaded['img_shape'] == expected.shape[:2]


def test_fuses_once(synthetic, fuser, monkeypatch):
    sample = MFNetDataset(str(synthetic), 'train.txt', pipeline=[]).get_data_info(0)
    load = TRANSFORMS.build(dict(type='LoadFused', fuser=fuser, keep=True))
    first = load(dict(sample))['img']
    expected = first.copy()
    first[:] = 0
    monkeypatch.delattr(type(load), '_fuse')
    np.testing.assert_array_equal(load(dict(sample))['img'], expected)

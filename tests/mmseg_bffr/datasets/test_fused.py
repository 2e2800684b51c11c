"""Pairs that are loaded as the images of a fuser."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from mmseg.registry import MODELS, TRANSFORMS

from bffr.errors import InputError
from bffr.images.pair import read_pair, stack
from mmseg_bffr.checkpoints import safe_loading
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


class Foreign:
    """Harmless, but reading it back the ordinary way makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_code_in_its_weights_is_refused_in_every_thread(synthetic, fuser, tmp_path):
    sample = MFNetDataset(str(synthetic), 'train.txt', pipeline=[]).get_data_info(0)
    file = Path(fuser['init_cfg']['checkpoint'])
    torch.save({'meta': Foreign(tmp_path / 'ran'), 'state_dict': torch.load(file)}, file)
    load = TRANSFORMS.build(dict(type='LoadFused', fuser=fuser))
    with safe_loading(), ThreadPoolExecutor(1) as other:
        for call in (load, lambda sample: other.submit(load, sample).result()):
            with pytest.raises(InputError, match=r'weights\.pth: refused'):
                call(dict(sample))
    with pytest.raises(InputError, match=r'weights\.pth: refused'):
        load(dict(sample))
    assert not (tmp_path / 'ran').exists()

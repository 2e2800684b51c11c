"""Images that are decoded once and kept."""

import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from mmengine.dataset import Compose
from PIL import Image

from bffr.errors import InputError
from bffr.images import said_once
from bffr.images.image_io import read_image
from bffr.images.thermal import InfraredScale
from mmseg_bffr.datasets import LoadLabels, LoadPair, MFNetDataset


@pytest.fixture
def copied(synthetic, tmp_path):
    return shutil.copytree(synthetic, tmp_path / 'data')


@pytest.fixture
def info(copied):
    return MFNetDataset(str(copied), 'train.txt', pipeline=[]).get_data_info


def loaded(transforms, info):
    results = info(0)
    for transform in transforms:
        results = transform(results)
    return results['img'], results['gt_seg_map']


def test_threads_share_one(copied, info, monkeypatch):
    """One thread's 8-bit image comes while another has scaled its 16-bit one."""
    path = copied / 'ir' / f'{Path(info(0)["ir_path"]).stem}.png'
    Image.fromarray(read_image(path).astype(np.uint16) * 100).save(path)
    scale, turn = InfraredScale.__call__, Barrier(2)

    def in_turns(self, raw):
        waits = 1 if raw.dtype == np.uint8 else 0
        for _ in range(waits):
            turn.wait(20)
        scaled = scale(self, raw)
        for _ in range(2 - waits):
            turn.wait(20)
        return scaled

    monkeypatch.setattr(InfraredScale, '__call__', in_turns)
    monkeypatch.setattr(said_once, '_said', set())
    load = LoadPair()
    with ThreadPoolExecutor(2) as threads:
        images = [*threads.map(lambda index: load(info(index))['img'], (0, 1))]
    assert images[0][..., 3].max() == 255


@pytest.fixture
def expected(info):
    return loaded([LoadPair(), LoadLabels()], info)


def test_what_is_handed_out_may_be_written_to(info, expected):
    transforms = [LoadPair(keep=True), LoadLabels(keep=True)]
    for _ in range(3):
        for array, right in zip(loaded(transforms, info), expected, strict=True):
            np.testing.assert_array_equal(array, right)
            array[...] = 0


def test_holes_do_not_add_up(info, expected):
    """mmsegmentation's `RandomCutOut` writes in place."""
    cut_out = dict(type='RandomCutOut', prob=1.0, n_holes=1, cutout_shape=(8, 8))
    cut_out.update(fill_in=(0,) * 4, seg_fill_in=255)
    transforms = [LoadPair(keep=True), LoadLabels(keep=True), *Compose([cut_out]).transforms]
    for _ in range(20):
        image, labels = loaded(transforms, info)
        assert 0 < (image != expected[0]).any(axis=2).sum() <= 64
        assert 0 < (labels != expected[1]).sum() <= 64


def test_is_sent_to_spawned_workers(info, expected, copied):
    transforms = [LoadPair(keep=True), LoadLabels(keep=True)]
    loaded(transforms, info)
    sent = pickle.loads(pickle.dumps(transforms))
    for array, right in zip(loaded(sent, info), expected, strict=True):
        np.testing.assert_array_equal(array, right)


@pytest.mark.parametrize('keep', [True, False])
def test_files_are_read_once_or_every_time(copied, info, expected, keep):
    transforms = [LoadPair(keep), LoadLabels(keep)]
    loaded(transforms, info)
    for folder in ('vis', 'ir', 'labels'):
        shutil.rmtree(copied / folder)
    if not keep:
        with pytest.raises(InputError, match='cannot be read'):
            loaded(transforms, info)
        return
    for array, right in zip(loaded(transforms, info), expected, strict=True):
        np.testing.assert_array_equal(array, right)

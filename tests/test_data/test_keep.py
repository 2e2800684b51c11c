"""Images that are decoded once and kept."""

import shutil

import numpy as np
import pytest

from mmseg_bffr.datasets import LoadLabels, LoadPair, MFNetDataset
from mmseg_bffr.errors import InputError

PIPELINE = [
    {'type': 'RandomResize', 'scale': (64, 48), 'ratio_range': (0.5, 2.0), 'keep_ratio': True},
    {'type': 'RandomCrop', 'crop_size': (32, 32), 'cat_max_ratio': 0.75},
    {'type': 'RandomFlip', 'prob': 0.5},
    {'type': 'PairPhotoMetricDistortion'},
    {'type': 'PackSegInputs'},
]


def dataset(root, keep):
    loading = [LoadPair(keep), LoadLabels(keep)]
    return MFNetDataset(data_root=str(root), ann_file='train.txt', pipeline=[*loading, *PIPELINE])


@pytest.fixture
def copied(synthetic, tmp_path):
    return shutil.copytree(synthetic, tmp_path / 'data')


def loaded(data):
    results = data.get_data_info(0)
    for transform in data.pipeline.transforms[:2]:
        results = transform(results)
    return results['img'].copy(), results['gt_seg_map'].copy()


def test_transforms_leave_what_is_kept_alone(copied):
    data = dataset(copied, keep=True)
    before = loaded(data)
    for _ in range(40):
        data[0]
    for kept, expected in zip(loaded(data), before, strict=True):
        np.testing.assert_array_equal(kept, expected)


@pytest.mark.parametrize('keep', [True, False])
def test_files_are_read_once_or_every_time(copied, keep):
    data = dataset(copied, keep)
    before = loaded(data)
    for folder in ('vis', 'ir', 'labels'):
        shutil.rmtree(copied / folder)
    if not keep:
        with pytest.raises(InputError, match='cannot be read'):
            loaded(data)
        return
    for kept, expected in zip(loaded(data), before, strict=True):
        np.testing.assert_array_equal(kept, expected)

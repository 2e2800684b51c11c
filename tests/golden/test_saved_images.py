"""Files in, files out: saved images, label maps and mIoU of the original implementation."""

import json

import numpy as np
import pytest

from bffr.images.image_io import read_image
from mmseg_bffr.apis import RunOptions, fuse, init_model, segment, segment_dataset

FUSER = 'configs/fuser/transfuser6_avg.py'
JOINT = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_joint_1xb4-1k_msrs-weak-96x128.py'


def pair(shared, name):
    if name.startswith('FLIR'):
        return [shared / f'data/roadscene/{folder}/{name}.jpg' for folder in ('vis', 'ir')]
    return [shared / f'data/msrs_weak/{folder}/{name}.png' for folder in ('vis', 'ir')]


@pytest.fixture(scope='module')
def joint(root, golden):
    return init_model(root / JOINT, golden / 'legacy_bffr.pth')


@pytest.fixture(scope='module')
def fusers(root, golden, joint):
    return {'avg': init_model(root / FUSER, golden / 'legacy_avg_fuser.pth'), 'bffr': joint}


@pytest.mark.parametrize('weights', ['avg', 'bffr'])
@pytest.mark.parametrize('name', ['00036N', '00606D', 'FLIR_00578'])
def test_saved_fused_images(fusers, shared, golden, weights, name):
    fused = fuse(fusers[weights], *pair(shared, name)).astype(int)
    expected = read_image(golden / f'fused_{weights}/{name}.png')
    assert fused.shape == expected.shape
    assert np.abs(fused - expected).max() <= 1


@pytest.mark.parametrize('mode', ['whole', 'slide'])
def test_label_maps(joint, shared, golden, mode):
    joint.test_cfg.update(mode=mode, crop_size=(120, 160), stride=(60, 80))
    labels = segment(joint, *pair(shared, '00036N'))
    expected = read_image(golden / f'seg_bffr_{mode}/00036N.png')
    assert len(np.unique(expected)) > 1
    assert (labels == expected).mean() >= 0.999


@pytest.mark.slow
def test_miou_of_the_val_split(root, shared, golden, tmp_path):
    results = segment_dataset(
        root / JOINT,
        str(golden / 'legacy_bffr.pth'),
        RunOptions(
            work_dir=str(tmp_path),
            device='cpu',
            cfg_options=[
                f'test_dataloader.dataset.data_root={shared / "data/msrs_weak"}',
                'test_dataloader.num_workers=0',
                'test_dataloader.persistent_workers=False',
                'model.test_cfg.mode=whole',
                'model.test_cfg.with_fused=False',
            ],
        ),
        metrics=['mIoU'],
    )
    expected = json.loads((root / 'tests/data/miou.json').read_text())['val']
    assert results['mIoU'] == pytest.approx(expected['mIoU'], abs=0.05)
    assert results['aAcc'] == pytest.approx(expected['aAcc'], abs=0.05)
    for name, iou in expected['IoU'].items():
        value = results[f'IoU.{name}']
        assert np.isnan(value) if iou is None else value == pytest.approx(iou, abs=0.05)

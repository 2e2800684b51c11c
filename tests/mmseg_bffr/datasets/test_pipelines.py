"""The configs' own pipelines: nothing moves the two modalities and the labels apart."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmseg.registry import MODELS

from bffr.images.image_io import write_png
from mmseg_bffr.datasets import MFNetDataset, PairPhotoMetricDistortion

HEIGHT, WIDTH = 60, 80
COLUMNS = 8
"""The label is the column of the image, in eighths, so that a resize blurs few of its borders."""


def coded_pair():
    """Images and labels that all tell the position of a pixel."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    horizontal = np.round(x * 255 / (WIDTH - 1)).astype(np.uint8)
    vertical = np.round(y * 255 / (HEIGHT - 1)).astype(np.uint8)
    visible = np.dstack([horizontal, vertical, 255 - horizontal])
    infrared = ((horizontal.astype(int) + vertical) // 2).astype(np.uint8)
    return visible, infrared, (x * COLUMNS // WIDTH).astype(np.uint8)


@pytest.fixture
def coded(tmp_path):
    for folder, image in zip(('vis', 'ir', 'labels'), coded_pair(), strict=True):
        write_png(tmp_path / f'{folder}/a.png', image)
    (tmp_path / 'train.txt').write_text('a\n')
    return tmp_path


def pipelines(root):
    """Train pipelines of the full and the small data, their sizes brought to a 60x80 image."""
    for name, scale, crop in (
        ('mfnet', (WIDTH, HEIGHT), (30, 40)),
        ('msrs-weak', (WIDTH, HEIGHT), (36, 48)),
    ):
        cfg = Config.fromfile(root / f'configs/_base_/datasets/{name}.py')
        steps = [dict(step) for step in cfg.train_pipeline]
        for step in steps:
            if step['type'] == 'RandomResize':
                step['scale'] = scale
            if step['type'] == 'RandomCrop':
                step['crop_size'] = crop
        yield steps, crop


def assert_aligned(image, labels):
    """Every channel and the label tell the same position, up to the blur of a resize."""
    image = image.astype(float)
    x, y = image[..., 0], image[..., 1]
    assert np.abs(image[..., 2] - (255 - x)).max() <= 2
    assert np.abs(image[..., 3] - (x + y) / 2).max() <= 2
    column = x * (WIDTH - 1) / 255
    told = np.floor(column * COLUMNS / WIDTH)
    inside = np.abs(column - np.round(column / 10) * 10 + 0.5) > 1.6  # away from label borders
    assert inside.mean() > 0.5
    assert (labels == told)[inside].all()


@pytest.mark.parametrize('which', [0, 1])
def test_train_pipeline_keeps_image_and_labels_aligned(root, coded, which):
    steps, crop = list(pipelines(root))[which]
    assert [step['type'] for step in steps] == [
        'LoadPair', 'LoadLabels', 'RandomResize', 'RandomCrop', 'RandomFlip',
        'PairPhotoMetricDistortion', 'PackSegInputs',
    ]  # fmt: skip
    transforms = [step for step in steps if 'PhotoMetric' not in step['type']][:-1]
    dataset = MFNetDataset(data_root=str(coded), ann_file='train.txt', pipeline=[])
    np.random.seed(0)
    seen = {'mirrored': 0, 'sizes': set()}
    for _ in range(60):
        results = dataset.get_data_info(0)
        for transform in Compose(transforms).transforms:
            results = transform(results)
            if 'gt_seg_map' in results:
                assert results['img'].shape[:2] == results['gt_seg_map'].shape
                assert_aligned(results['img'], results['gt_seg_map'])
        seen['mirrored'] += bool(results.get('flip'))
        seen['sizes'].add(results['img'].shape[:2])
    assert 15 < seen['mirrored'] < 45
    assert max(seen['sizes']) == crop  # smaller ones are padded later


def test_the_check_notices_what_moved():
    visible, infrared, labels = coded_pair()
    pair = np.dstack([visible, infrared])
    assert_aligned(pair, labels)
    for moved in (np.roll(labels, 4, axis=1), labels[:, ::-1]):
        with pytest.raises(AssertionError):
            assert_aligned(pair, moved)
    for moved in (np.roll(infrared, 2, axis=1), infrared[::-1]):
        with pytest.raises(AssertionError):
            assert_aligned(np.dstack([visible, moved]), labels)


def test_small_images_are_padded_image_with_0_and_labels_with_255(root):
    cfg = Config.fromfile(root / 'configs/_base_/models/transfuser.py')
    preprocessor = MODELS.build(dict(cfg.data_preprocessor, size=(30, 40)))
    image = np.full((20, 25, 4), 255, np.uint8)
    results = dict(img=image, gt_seg_map=np.ones((20, 25), np.uint8), ori_shape=(20, 25))
    packed = Compose([dict(type='PackSegInputs')])(results)
    data = preprocessor({k: [v] for k, v in packed.items()}, training=True)
    assert data['inputs'].shape == (1, 4, 30, 40)
    assert (data['inputs'][..., :20, :25] == 1).all()
    assert data['inputs'].sum() == 4 * 20 * 25
    labels = data['data_samples'][0].gt_sem_seg.data[0]
    assert (labels[:20, :25] == 1).all()
    assert (labels == 255).sum() == 30 * 40 - 20 * 25


def test_whole_train_pipeline_gives_a_batch(root, coded):
    steps, crop = next(pipelines(root))
    dataset = MFNetDataset(data_root=str(coded), ann_file='train.txt', pipeline=steps)
    sample = dataset[0]
    assert sample['inputs'].shape[1:] == sample['data_samples'].gt_sem_seg.data.shape[1:]
    assert 0 < sample['inputs'].shape[1] <= crop[0]
    assert sample['inputs'].dtype == torch.uint8


def test_test_pipeline_resizes_the_image_and_not_the_labels(root, coded):
    cfg = Config.fromfile(root / 'configs/_base_/datasets/mfnet.py')
    dataset = MFNetDataset(
        data_root=str(coded), ann_file='train.txt', pipeline=cfg.test_pipeline, test_mode=True
    )
    sample = dataset[0]
    assert sample['inputs'].shape == (4, 480, 640)
    assert sample['data_samples'].gt_sem_seg.data.shape == (1, HEIGHT, WIDTH)
    assert sample['data_samples'].ori_shape == (HEIGHT, WIDTH)


class TestDistortion:
    def distorted(self, image, count=200, **kwargs):
        np.random.seed(0)
        transform = PairPhotoMetricDistortion(**kwargs)
        return [transform({'img': image.copy()})['img'] for _ in range(count)]

    def test_draws_are_independent_for_the_two_modalities(self):
        results = self.distorted(np.full((2, 2, 4), 100, np.uint8))
        shifts = np.array([[i[0, 0, :3].mean() - 100, int(i[0, 0, 3]) - 100] for i in results])
        changed = shifts != 0
        assert changed.mean() > 0.5
        assert (changed[:, 0] & ~changed[:, 1]).any()
        assert (changed[:, 1] & ~changed[:, 0]).any()
        assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.2

    def test_each_happens_half_of_the_time(self):
        image = np.full((2, 2, 4), 100, np.uint8)
        only = dict(contrast_range=(1, 1), saturation_range=(1, 1), hue_delta=1)
        results = np.array(self.distorted(image, 400, **only))[:, 0, 0]
        for channel in (0, 3):
            assert 0.4 < (results[:, channel] != 100).mean() < 0.6
            assert np.abs(results[:, channel].astype(int) - 100).max() <= 32

    def test_contrast_scales_infrared_within_its_range(self):
        image = np.full((2, 2, 4), 100, np.uint8)
        results = np.array(self.distorted(image, brightness_delta=0))[:, 0, 0, 3]
        assert results.min() >= 50
        assert results.max() <= 150
        assert np.ptp(results.astype(int)) > 60

    def test_saturation_and_hue_never_touch_infrared(self):
        image = np.dstack([np.random.default_rng(0).integers(0, 256, (4, 5, 4), np.uint8)])
        results = self.distorted(image, brightness_delta=0, contrast_range=(1, 1))
        assert any((result[..., :3] != image[..., :3]).any() for result in results)
        for result in results:
            np.testing.assert_array_equal(result[..., 3], image[..., 3])
            hsv = [cv2.cvtColor(i[..., :3], cv2.COLOR_BGR2HSV)[..., 2] for i in (image, result)]
            assert np.abs(hsv[0].astype(int) - hsv[1]).max() <= 2  # brightness stays

    def test_infrared_stays_grey_and_the_result_8_bit(self):
        image = np.dstack([np.random.default_rng(0).integers(0, 256, (4, 5, 4), np.uint8)])
        for result in self.distorted(image, 20):
            assert result.dtype == np.uint8
            assert result.shape == (4, 5, 4)
            assert result.flags.c_contiguous

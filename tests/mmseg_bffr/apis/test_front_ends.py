"""mmsegmentation's own front ends on configs of this project."""

import cv2
import numpy as np
import pytest
from mmseg.apis import MMSegInferencer, inference_model

from bffr.errors import InputError
from mmseg_bffr.apis import init_model
from mmseg_bffr.apis.config import load_config


@pytest.fixture(scope='module')
def visible(synthetic):
    return str(synthetic / 'vis/00001N.png')


@pytest.fixture(params=['vis', 'ir'])
def segmenter(root, synthetic, request, monkeypatch):
    """A plain SegFormer on images of one kind, with its config and one image."""
    monkeypatch.setenv('IMAGES', request.param)
    cfg = load_config(root / 'configs/segformer/segformer_mit-b0_1xb4-1k_msrs-weak-96x128.py')
    return init_model(cfg, device='cpu'), cfg, str(synthetic / request.param / '00001N.png')


def test_a_single_image(segmenter):
    model, cfg, path = segmenter
    by_path = inference_model(model, path).pred_sem_seg.data
    assert by_path.shape == (1, 48, 64)
    image = cv2.imread(path)
    by_array = inference_model(model, image).pred_sem_seg.data
    np.testing.assert_array_equal(by_array, by_path)


def test_the_inferencer(segmenter, tmp_path):
    model, cfg, path = segmenter
    cfg.test_dataloader.dataset.pipeline[0] = dict(type='LoadImageFromFile')
    inferencer = MMSegInferencer(cfg, device='cpu', classes=['a'] * 9, palette=[[0, 0, 0]] * 9)
    inferencer.model.load_state_dict(model.state_dict())
    predicted = inferencer(path)['predictions']
    np.testing.assert_array_equal(predicted, inference_model(model, path).pred_sem_seg.data[0])


def test_a_joint_model_needs_a_pair(tiny_configs, visible):
    with pytest.raises(InputError, match=r'TransFuser fuses pairs, \(N, 4, H, W\), .* 3 channels'):
        inference_model(init_model(tiny_configs[1], device='cpu'), visible)

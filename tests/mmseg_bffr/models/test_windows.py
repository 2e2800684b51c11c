"""Windows segmented several at a time."""

import pytest
import torch
from mmseg.models.segmentors import EncoderDecoder

from tests.golden.models_of_configs import JOINT_CONFIG, build


@pytest.fixture(scope='module')
def model(root):
    return build(root, JOINT_CONFIG).eval()


@pytest.mark.parametrize('shape', [(64, 96), (64, 70), (100, 150)])
@pytest.mark.parametrize('windows', [1, 4])
@torch.no_grad()
def test_equals_mmsegmentation(model, shape, windows):
    model.test_cfg.update(crop_size=(64, 96), stride=(32, 48), windows=windows)
    inputs = torch.rand(2, 4, *shape)
    expected = EncoderDecoder.slide_inference(model, inputs, [{}])
    logits = model.slide_inference(inputs, [{}])
    torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_calls(model, monkeypatch):
    model.test_cfg.update(crop_size=(64, 96), stride=(32, 48), windows=4)
    sizes = []
    encode_decode = model.encode_decode
    monkeypatch.setattr(
        model, 'encode_decode', lambda x, metas: sizes.append(len(x)) or encode_decode(x, metas)
    )
    model.slide_inference(torch.rand(1, 4, 128, 192), [{}])
    assert sizes == [4, 4, 1]

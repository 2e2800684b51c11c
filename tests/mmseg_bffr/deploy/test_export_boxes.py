"""Boxes in an exported file: the same as by torch, and what is refused."""

import sys

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

import bffr
from bffr.errors import InputError, UsageError
from bffr.models.engine import Boxes
from mmseg_bffr.apis import export, init_model
from mmseg_bffr.apis.config import build_model, load_config
from mmseg_bffr.apis.export import _found_again
from mmseg_bffr.deploy import PairToBoxes, structured_pair
from tests.command_lines import trained


@pytest.fixture(scope='module')
def joint(tiny_detector, run_tool, tmp_path_factory):
    return trained(run_tool, tmp_path_factory.mktemp('joint'), 'train', tiny_detector)


@pytest.fixture
def network(tiny_detector, joint):
    """With scores far apart, so that rounding cannot change their order."""
    network = init_model(tiny_detector, joint.checkpoint, 'cpu').requires_grad_(False)
    network.detector.head.classification_head.cls_logits.weight *= 30
    return network


@pytest.mark.parametrize(
    ('size', 'candidates'), [((48, 64), 1000), ((75, 101), 1000), ((75, 101), 20)]
)
def test_the_exported_form_is_what_torchvision_computes(network, size, candidates):
    network.detector.topk_candidates = candidates
    pairs = torch.randint(256, (1, 4, *size), dtype=torch.uint8)
    visible, infrared = pairs[:, :3].permute(0, 2, 3, 1), pairs[:, 3]
    fused, *found = PairToBoxes(network)(visible, infrared)
    inputs = pairs / 255
    (expected,) = network(inputs)
    torch.testing.assert_close(fused, network.fuser(inputs).permute(0, 2, 3, 1))
    assert len(expected['boxes']) > 10
    torch.testing.assert_close(found[1], expected['scores'])
    expected = Boxes(*(expected[key].numpy() for key in Boxes._fields))
    assert (
        _found_again(expected, Boxes(*map(torch.Tensor.numpy, found))).mean() > 0.95
    )  # but equal ones


def test_only_fcos(tiny_detector):
    cfg = load_config(tiny_detector)
    sizes = [[8], [16], [32], [64]]
    cfg.model.detector = dict(type='RetinaNet', num_classes=3, sizes=sizes)
    init_default_scope('mmseg')
    with pytest.raises(InputError, match='RetinaNet: only FCOS can be exported'):
        PairToBoxes(build_model(cfg.model))


@pytest.mark.parametrize('more', [dict(precision='fp16'), dict(engine='openvino')])
def test_only_in_fp32_by_onnx_runtime(tiny_detector, joint, tmp_path, more):
    with pytest.raises(UsageError, match=r'--what fuse\+detect is for --precision fp32'):
        export(tiny_detector, joint.checkpoint, tmp_path / 'out', what='fuse+detect', **more)


def test_what_the_model_does_not_find(tiny_detector, tiny_configs, joint, tmp_path, monkeypatch):
    def exported(*args, **kwargs):
        pytest.fail('is exported')

    monkeypatch.setattr(sys.modules['mmseg_bffr.apis.export'], 'write_onnx', exported)
    with pytest.raises(InputError, match='This model finds boxes; to segment'):
        export(tiny_detector, joint.checkpoint, tmp_path / 'out', what='fuse+segment')


def test_boxes_are_found_again_whatever_their_order():
    boxes = np.float32([[0, 0, 9, 9], [20, 5, 40, 30], [1, 1, 5, 5]])
    expected = Boxes(boxes, np.float32([0.9, 0.6, 0.1]), np.array([0, 1, 0]))
    again = expected._replace(
        boxes=boxes[[1, 0]] + 0.4, scores=np.float32([0.601, 0.9]), labels=np.array([1, 0])
    )
    assert _found_again(expected, again).tolist() == [True, True]  # the last is the lowest
    assert _found_again(expected, again._replace(labels=np.array([1, 1]))).tolist() == [False, True]
    far = again._replace(boxes=again.boxes + 1)
    assert not _found_again(expected, far).any()
    assert _found_again(expected, expected._replace(scores=expected.scores - 0.1)).sum() == 0
    nothing = Boxes(boxes[:0], np.float32([]), np.array([], int))
    assert _found_again(nothing, expected).size == 0


@pytest.mark.slow
def test_by_the_real_exporter_and_engine(tiny_detector, joint, run_tool, tool, synthetic, tmp_path):
    out = tmp_path / 'exported'
    run = tool('export', tiny_detector, joint.checkpoint, '--what', 'fuse+detect', '--out', out)
    assert run.status is None, run.messages
    exported, original = bffr.load(out), bffr.load(tiny_detector, joint.checkpoint, engine='torch')
    assert exported.finds == 'boxes'
    for size in ((48, 64), (75, 101)):
        pair = structured_pair(*size)
        found, expected = exported.detect(*pair), original.detect(*pair)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)
        assert _found_again(expected, found).all()
        assert np.abs(exported.fuse(*pair).astype(int) - original.fuse(*pair)).max() <= 1
    batch = [np.stack([image] * 2) for image in structured_pair(48, 64)]
    assert len(exported.detect(*batch)) == len(exported.fuse(*batch)) == 2
    sources = '--vis', synthetic / 'vis', '--ir', synthetic / 'ir', '--out', tmp_path / 'fused'
    assert run_tool('fuse', '--model', out, '--boxes', *sources) is None
    assert len(list((tmp_path / 'fused').glob('*_boxes.png'))) == 12

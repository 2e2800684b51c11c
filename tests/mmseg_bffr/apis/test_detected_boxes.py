"""Boxes of a pair: the Python interface, and the pictures that `bffr fuse --boxes` writes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import bffr
from bffr.errors import InputError
from bffr.images.image_io import read_image
from bffr.images.results import draw_boxes
from mmseg_bffr.apis import init_model
from tests.command_lines import trained


@pytest.fixture(scope='module')
def joint(tiny_detector, run_tool, tmp_path_factory):
    return trained(run_tool, tmp_path_factory.mktemp('joint'), 'train', tiny_detector)


@pytest.fixture(scope='module')
def model(tiny_detector, joint):
    return bffr.load(tiny_detector, joint.checkpoint, device='cpu')


@pytest.fixture
def pair(synthetic):
    return [read_image(synthetic / f'{folder}/00002D.png') for folder in ('vis', 'ir')]


def rig(crop):
    """Infrared sees the right lower part of what the visible camera sees."""
    matrix = np.array([[1.0, 0, 16], [0, 1, 8], [0, 0, 1]])
    return replace(bffr.Rig.of_matrix(matrix, (80, 56), (64, 48), residual=0.0), crop=crop)


def test_boxes_are_those_of_the_network(model, tiny_detector, joint, pair):
    found = model.detect(*pair)
    network = init_model(tiny_detector, joint.checkpoint, 'cpu')
    inputs = torch.from_numpy(np.dstack(pair)).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        (expected,) = network(inputs)
    np.testing.assert_allclose(found.boxes, expected['boxes'], atol=1e-4)
    np.testing.assert_array_equal(found.labels, expected['labels'])
    assert (np.diff(found.scores) <= 0).all()
    assert (found.boxes.dtype, found.labels.dtype) == (np.float32, np.int64)
    assert len(found.boxes) > 3
    assert model.finds == 'boxes'


def test_of_a_batch(model, pair):
    batch = model.detect(*(np.stack([image, image]) for image in pair))
    for one in batch:
        for got, expected in zip(one, model.detect(*pair), strict=True):
            np.testing.assert_array_equal(got, expected)


def test_one_run_of_the_fuser_gives_both(model, pair):
    runs = []
    hook = model.engine.network.fuser.register_forward_hook(lambda *_: runs.append(1))
    model.detect(*pair)
    hook.remove()
    assert len(runs) == 1


def test_a_detector_has_no_labels_and_others_no_boxes(model, pair):
    with pytest.raises(InputError, match='This model finds boxes; to segment'):
        model.segment(*pair)
    with pytest.raises(InputError, match='This model only fuses; for boxes, use one'):
        bffr.load('average').detect(*pair)
    with pytest.raises(InputError, match='This model finds labels of pixels; for boxes'):
        bffr.load().detect(*pair)


@pytest.mark.parametrize(('crop', 'shift'), [('visible', [16, 8, 16, 8]), ('overlap', [0] * 4)])
def test_boxes_lie_on_what_a_rig_keeps(model, pair, crop, shift):
    visible = np.zeros((56, 80, 3), np.uint8)
    visible[8:, 16:] = pair[0]
    found = model.detect(visible, pair[1], align=rig(crop))
    np.testing.assert_allclose(found.boxes, model.detect(*pair).boxes + np.float32(shift), atol=0.5)


def test_fuse_command(tiny_detector, joint, run_tool, synthetic, tmp_path, pair, monkeypatch):
    monkeypatch.setattr('bffr.images.results.SHOWN', 0.0)
    words = 'fuse', '--config', tiny_detector, '--checkpoint', joint.checkpoint, '--boxes'
    sources = '--vis', synthetic / 'vis/00002D.png', '--ir', synthetic / 'ir/00002D.png'
    assert run_tool(*words, *sources, '--out', tmp_path / 'a.png', '--sheet') is None
    fused, drawn = read_image(tmp_path / 'a.png'), read_image(tmp_path / 'a_boxes.png')
    model = bffr.load(tiny_detector, joint.checkpoint, device='cpu')
    np.testing.assert_array_equal(fused, model.fuse(*pair))
    expected = draw_boxes(fused, *model.detect(*pair), model.classes, model.palette)
    np.testing.assert_array_equal(drawn, expected)
    assert (drawn != fused).any()
    assert (tmp_path / 'a_sheet.png').is_file()


def test_fuse_command_without_a_detector(tool, synthetic, tmp_path):
    words = 'fuse', '--vis', synthetic / 'vis', '--ir', synthetic / 'ir', '--out', tmp_path / 'out'
    run = tool(*words, '--boxes')
    assert 'This model finds labels of pixels; for boxes, use one' in run.error
    assert not (tmp_path / 'out').exists()
    assert tool(*words, '--boxes', '--model', 'average').status == 2
    assert tool(*words, '--boxes', '--seg').status == 2


class TestDrawing:
    def test_only_what_is_sure_enough_is_drawn(self):
        image = np.full((60, 80, 3), 9, np.uint8)
        boxes = np.float32([[10, 20, 30, 50], [40, 20, 60, 50]])
        labels = np.array([0, 1])
        palette = [[255, 0, 0], [0, 0, 255]]
        drawn = draw_boxes(image, boxes, np.float32([0.8, 0.45]), labels, ('a', 'b'), palette)
        assert (drawn[35, 10] == (0, 0, 255)).all()  # R, G, B became B, G, R
        assert (drawn[35, 29] == (0, 0, 255)).all()
        assert (drawn[20:, 40:] == 9).all()
        assert (image == 9).all()

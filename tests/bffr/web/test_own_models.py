import numpy as np
import pytest

import bffr
from bffr.errors import InputError
from bffr.images.image_io import read_image
from bffr.images.results import draw_boxes
from bffr.models.engine import Boxes
from bffr.models.model import Model

pytestmark = pytest.mark.slow

FOUND = Boxes(
    np.float32([[10, 20, 40, 60], [50, 30, 90, 80]]), np.float32([0.9, 0.4]), np.array([1, 0])
)


class FoundByDesign:
    """Fuses as the average does and always finds the same boxes."""

    def run(self, visible, infrared, find, sums=None):
        fused, _ = bffr.load('average').engine.run(visible, infrared, False)
        return fused, [FOUND] * len(fused) if find else None


@pytest.fixture
def make_page(tmp_path, monkeypatch):
    pytest.importorskip('gradio', reason='gradio (the extra `web`) is not installed')
    monkeypatch.setenv('GRADIO_TEMP_DIR', str(tmp_path))
    from bffr.web import page

    metadata = bffr.load('average').metadata | dict(
        classes=['person', 'car'], palette=[[255, 0, 0], [0, 0, 255]], boxes=True
    )
    detector = Model(FoundByDesign(), metadata)
    load = page.load
    monkeypatch.setattr(
        page, 'load', lambda name, **more: detector if name == 'mine' else load(name, **more)
    )
    return lambda *models: page.make_page(models, None, 'cpu', 10**6)


def test_boxes_are_drawn_and_written(make_page, pairs):
    page = make_page('mine')
    [fuse] = [each.fn for each in page.fns.values() if each.api_name == 'fuse']
    vis, ir = map(str, pairs[0])
    options = ['automatic', 1, 99, None, 'mine', 'none', 'visible']
    _, said, overlay, files, _ = fuse(vis, ir, *options)
    assert said.startswith('mine: 128 x 96 pixels')
    fused, drawn = read_image(files[0]), read_image(files[-1])
    assert files[-1].endswith('boxes.png')
    assert not np.array_equal(fused, drawn)
    expected = draw_boxes(fused, *FOUND, ['person', 'car'], [[255, 0, 0], [0, 0, 255]])
    np.testing.assert_array_equal(drawn, expected)
    assert overlay.visible
    assert overlay.label == 'Boxes'


def test_own_models_come_first(make_page):
    [choice] = [each for each in make_page('mine').blocks.values() if hasattr(each, 'choices')
                and ('mine', 'mine') in each.choices]  # fmt: skip
    assert choice.value == 'mine'
    assert [name for name, _ in choice.choices][1] == 'content-s-2026-12'


def test_a_folder_that_is_no_model(make_page, tmp_path):
    with pytest.raises(InputError, match='nothing'):
        make_page(str(tmp_path / 'nothing'))

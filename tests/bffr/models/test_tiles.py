"""Large images in tiles: what is cut where, and that the whole comes out."""

import numpy as np
import pytest

from bffr.models import model as model_module
from bffr.models.tiles import Tiles, fuse_in_tiles, parts
from tests.fake_models import fake_model


@pytest.mark.parametrize('length', [1, 7, 64, 65, 219, 1080])
@pytest.mark.parametrize(
    ('tiles', 'side'), [(Tiles(8, 71), 192), (Tiles(4, 28), 10), (Tiles(1, 5), 64)]
)
def test_parts(length, tiles, side):
    cut = list(parts(length, tiles, side))
    assert [place for part in cut for place in range(part.start, part.stop)] == list(range(length))
    for part in cut:
        assert part.start % tiles.step == part.seen_from % tiles.step == 0
        assert part.stop % tiles.step == 0 or part.stop == length
        assert part.seen_from <= max(part.start - tiles.reach, 0)
        assert part.seen_to >= min(part.stop + tiles.reach, length)
        assert part.seen_to - part.seen_from <= max(side, 2 * tiles.reach + 3 * tiles.step)


class Engine:
    """Adds the mean of the infrared image, and notes the size of what it is given."""

    def __init__(self):
        self.sizes = []

    def sums(self, visible, infrared, inside):
        top, bottom, left, right = inside
        part = infrared[:, top:bottom, left:right]
        return np.stack([part.sum((1, 2)), np.full(len(part), part[0].size)], 1).astype(np.float32)

    def run(self, visible, infrared, find, sums=None):
        self.sizes.append(infrared.shape)
        sums = self.sums(visible, infrared, (0, None, 0, None)) if sums is None else sums
        means = sums[:, 0] / sums[:, 1]
        return visible / np.float32(510) + means[:, None, None, None] / 510, infrared


def test_sums_are_of_the_whole_image():
    visible, infrared = (
        np.random.default_rng(0).integers(0, 256, (95, 77, 3), np.uint8) for _ in range(2)
    )
    infrared = infrared[..., 0]
    expected = Engine().run(visible[None], infrared[None], False)[0][0]
    engine = Engine()
    got = fuse_in_tiles(engine, visible, infrared, Tiles(4, 5), side=40)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    assert len(engine.sizes) == 16
    assert max(h * w for _, h, w in engine.sizes) <= 40**2


@pytest.mark.parametrize(
    ('tiles', 'find', 'runs'), [([1, 0], False, 8), ([], False, 1), ([1, 0], True, 1)]
)
def test_only_large_images_of_models_that_allow_it(monkeypatch, tiles, find, runs):
    model, engine = fake_model(None, print, tiles=tiles), Engine()
    model.engine = engine
    pairs = np.full((2, 40, 60, 3), 80, np.uint8), np.full((2, 40, 60), 90, np.uint8)
    pairs[1][0, 3:5] = 200
    expected = model.fuse(*pairs)
    assert engine.sizes == [(2, 40, 60)]
    monkeypatch.setattr(model_module, 'LARGE', 40 * 60 - 1)
    monkeypatch.setattr(model_module, 'SIDE', 32)
    np.testing.assert_array_equal(
        (model.fuse_and_segment(*pairs)[0] if find else model.fuse(*pairs)), expected
    )
    assert len(engine.sizes) == 1 + runs

"""A model as its users see it; the engine is a function."""

import numpy as np
import pytest
import tifffile

import bffr
from bffr.errors import InputError
from bffr.images.image_io import write_png
from bffr.images.stretch import SequenceRange, own_range, to_8_bit
from bffr.images.thermal import InfraredScale
from tests.fake_models import drawn_pair, fake_model, mean_and_bright, mean_model

VISIBLE, INFRARED = drawn_pair(0)


def expected(visible, infrared, range_of=own_range):
    fused, _ = mean_and_bright(visible, infrared)
    return to_8_bit(fused, *range_of(fused))


def test_arrays_and_files(tmp_path):
    write_png(tmp_path / 'vis.png', VISIBLE)
    write_png(tmp_path / 'ir.png', INFRARED)
    model = mean_model()
    for pair in ((VISIBLE, INFRARED), (tmp_path / 'vis.png', str(tmp_path / 'ir.png'))):
        np.testing.assert_array_equal(model.fuse(*pair), expected(VISIBLE, INFRARED))
        plain = model.fuse(*pair, stretch='none')
        np.testing.assert_array_equal(plain, expected(VISIBLE, INFRARED, lambda _: (0, 1)))
        np.testing.assert_array_equal(model.segment(*pair), INFRARED // 128)
        fused, labels = model.fuse_and_segment(*pair)
        np.testing.assert_array_equal(fused, expected(VISIBLE, INFRARED))
        np.testing.assert_array_equal(labels, INFRARED // 128)


def test_files_that_can_be_read_in_several_ways(tmp_path):
    tifffile.imwrite(tmp_path / 'vis.tif', 16 * VISIBLE.astype(np.uint16), photometric='rgb')
    pages = np.stack([np.zeros_like(INFRARED), INFRARED])
    tifffile.imwrite(tmp_path / 'ir.tif', pages, photometric='minisblack')
    files, model = (tmp_path / 'vis.tif', tmp_path / 'ir.tif'), mean_model()
    chosen = dict(vis_range=(0, 16 * 255), page=2)
    visible = VISIBLE[..., ::-1]
    fused, labels = model.fuse_and_segment(*files, **chosen)
    np.testing.assert_array_equal(fused, expected(visible, INFRARED))
    np.testing.assert_array_equal(labels, INFRARED // 128)
    np.testing.assert_array_equal(model.fuse(*files, **chosen), fused)
    np.testing.assert_array_equal(model.segment(*files, **chosen), labels)
    assert not model.segment(*files).any()


def test_what_the_engine_gets_is_contiguous_and_views_do():
    def fuse(visible, infrared):
        assert visible.flags.c_contiguous
        assert infrared.flags.c_contiguous
        return visible / np.float32(255)

    fake_model(fuse).fuse(VISIBLE[:, ::-1], INFRARED[::2].repeat(2, axis=0))


class TestBatch:
    @pytest.fixture
    def batch(self):
        return tuple(np.stack(images) for images in zip(*map(drawn_pair, range(3)), strict=True))

    def test_is_one_run_and_each_image_as_alone(self, batch):
        calls = []
        model = mean_model(calls)
        fused, labels = model.fuse_and_segment(*batch)
        assert calls == [3]
        for index, pair in enumerate(zip(*batch, strict=True)):
            np.testing.assert_array_equal(fused[index], model.fuse(*pair))
            np.testing.assert_array_equal(labels[index], model.segment(*pair))
        np.testing.assert_array_equal(model.fuse(*batch), fused)
        np.testing.assert_array_equal(model.segment(*batch), labels)

    def test_sequence_goes_from_frame_to_frame(self, batch):
        range_of = SequenceRange()
        fused = mean_model().fuse(*batch, stretch='sequence')
        for image, pair in zip(fused, zip(*batch, strict=True), strict=True):
            np.testing.assert_array_equal(image, expected(*pair, range_of))

    def test_each_raw_image_has_its_own_range(self):
        visible = np.zeros((2, 16, 16, 3), np.uint8)
        raw = np.stack([np.eye(16, dtype=np.float32) * 9, np.eye(16, dtype=np.float32) * 900])
        fused = bffr.load('max').fuse(visible, raw, stretch='none')
        assert [image.max() for image in fused] == [255, 255]

    @pytest.mark.parametrize('count', [0, 2])
    def test_of_different_lengths(self, batch, count):
        with pytest.raises(InputError, match=rf'vis, ir: hold 3 and {count} images; a batch needs'):
            mean_model().fuse(batch[0], batch[1][:count])
        with pytest.raises(InputError, match='vis, ir: hold 3 and 32 images'):
            mean_model().fuse(batch[0], batch[1][0])
        with pytest.raises(InputError, match='at least one'):
            mean_model().fuse(batch[0][:0], batch[1][:0])


class TestRawInfrared:
    RAW = 8000 + 4 * INFRARED.astype(np.uint16)

    def test_range_is_the_model_s_unless_a_call_says_otherwise(self):
        model = fake_model(
            lambda visible, infrared: np.repeat(infrared[..., None] / np.float32(255), 3, axis=3),
            infrared=dict(range=[8000, 9020]),
        )
        assert model.infrared == InfraredScale(range=[8000, 9020])
        np.testing.assert_array_equal(
            model.fuse(VISIBLE, self.RAW, stretch='none')[..., 0], INFRARED
        )
        inverted = model.fuse(
            *(VISIBLE, self.RAW),
            infrared=InfraredScale((8000, 9020), black_hot=True),
            stretch='none',
        )
        np.testing.assert_array_equal(inverted[..., 0], 255 - INFRARED)
        assert model.infrared == InfraredScale(range=[8000, 9020])


@pytest.mark.parametrize(
    ('vis', 'ir', 'sentence'),
    [
        (None, INFRARED, r'^vis: is None; give a file or an array\.$'),
        (VISIBLE.tolist(), INFRARED, r'^vis: is a list; give a file or an array\.$'),
        (VISIBLE, 3, r'^ir: is a int; give a file or an array\.$'),
        (VISIBLE, b'ir.png', r'^ir: is a bytes; give a file or an array\.$'),
        (VISIBLE, None, r'^ir: is None; give a file or an array\.$'),
        (VISIBLE[:0], INFRARED[:0], r'^vis: arrays must be uint8 \(H, W, 3\)'),
        (VISIBLE, INFRARED[:0], r'^ir: arrays must be .* of shape \(0, 48\)'),
        (VISIBLE / 255, INFRARED, r'^vis: .* not float64'),
        (VISIBLE, INFRARED.astype(np.int64), r'^ir: .* not int64'),
        (VISIBLE, INFRARED[:, :40], 'the visible image has 48x32 pixels, the infrared image 40x32'),
        (VISIBLE[:8], INFRARED[:8], 'needs images of at least 16x16 pixels, not 48x8; enlarge'),
    ],
)
def test_refused_pairs(vis, ir, sentence):
    model = fake_model(lambda visible, infrared: visible, min_size=16)
    with pytest.raises(InputError, match=sentence):
        model.fuse(vis, ir)


def test_other_refusals():
    with pytest.raises(InputError, match='This model only fuses; to segment, use one that finds'):
        fake_model(lambda visible, infrared: visible).segment(VISIBLE, INFRARED)
    with pytest.raises(InputError, match=r"model: must be a name or a file, not \['max'\]"):
        bffr.load(['max'])
    with pytest.raises(InputError, match='page: must be a whole number, not 1.5'):
        bffr.load('max').fuse(VISIBLE, INFRARED, page=1.5)
    with pytest.raises(InputError, match=r"\['image'\]: no such stretch"):
        bffr.load('max').fuse(VISIBLE, INFRARED, stretch=['image'])
    with pytest.raises(InputError, match="infrared: clahe must be a number, not '2'"):
        bffr.InfraredScale(clahe='2')
    with pytest.raises(InputError, match='wide: no such stretch; choose from none, image, sequen'):
        mean_model().fuse(VISIBLE, INFRARED, stretch='wide')

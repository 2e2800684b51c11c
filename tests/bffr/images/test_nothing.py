"""Pixels without a value: not counted, not fused; and borders that look like such."""

import numpy as np
import pytest
import tifffile

import bffr
from bffr.errors import InputError
from bffr.images import said_once
from bffr.images.image_io import read_raw_infrared, write_png
from bffr.images.nothing import constant_border, masked
from bffr.images.pair import read_pair
from bffr.images.thermal import InfraredScale
from bffr.rigs.rig import Rig
from tests.fake_models import mean_model

Y, X = np.mgrid[:48, :64]
SCENE = (15 + 5 * np.sin(X / 5) * np.cos(Y / 7)).astype(np.float32)
BORDER = (X < 8) | (Y < 6) | (Y > 43)
VISIBLE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.fixture
def write(tmp_path):
    def write(image, nodata=None):
        tag = [] if nodata is None else [(42113, 's', 0, str(nodata), True)]
        tifffile.imwrite(tmp_path / 'ir.tif', image, photometric='minisblack', extratags=tag)
        return tmp_path / 'ir.tif'

    return write


@pytest.fixture
def said(monkeypatch, caplog):
    monkeypatch.setattr(said_once, '_said', set())
    caplog.set_level('INFO', 'bffr')
    return caplog


def with_border(value, image=SCENE):
    return np.where(BORDER, image.dtype.type(value), image)


def test_filled_with_the_nearest():
    image = np.arange(12.0).reshape(3, 4)
    nothing = np.zeros((3, 4), bool)
    nothing[:, 0] = nothing[0, 3] = True
    filled = masked(image, nothing)
    np.testing.assert_array_equal(filled.mask, nothing)
    np.testing.assert_array_equal(filled.data[:, 0], image[:, 1])
    assert filled.data[0, 3] in (image[0, 2], image[1, 3])
    np.testing.assert_array_equal(filled.data[~nothing], image[~nothing])
    assert masked(image, ~np.ones_like(nothing)) is image


@pytest.mark.parametrize(
    ('image', 'nodata', 'option'),
    [
        (with_border(-10000), -10000, None),
        (with_border(-10000), None, -10000),
        (with_border(np.nan), None, None),
        (with_border(np.nan), 'nan', None),
        (with_border(-3.4028234663852886e38), -3.4028234663852886e38, None),
        (with_border(0, (100 * SCENE).astype(np.uint16)), 0, None),
        (with_border(0, (100 * SCENE).astype(np.uint16)), None, 0),
        (with_border(255, (10 * SCENE).astype(np.uint8)), 255, None),
    ],
)
def test_no_data_is_not_counted_and_not_fused(write, said, image, nodata, option):
    path, scale = write(image, nodata), InfraredScale(nodata=option)
    pair = read_pair(VISIBLE, path, scale)
    np.testing.assert_array_equal(pair.nothing, BORDER)
    if image.dtype == np.uint8:
        assert pair.limits is None
        np.testing.assert_array_equal(pair.infrared[~BORDER], image[~BORDER])
    else:
        assert pair.limits == pytest.approx(np.percentile(image[~BORDER], (1, 99)), rel=1e-5)
    model = mean_model()
    fused, labels = model.fuse_and_segment(VISIBLE, path, infrared=scale)
    np.testing.assert_array_equal(fused[BORDER], VISIBLE[BORDER])
    np.testing.assert_array_equal(labels == 255, BORDER)
    assert (fused != VISIBLE)[~BORDER].mean() > 0.9
    assert said.text.count('ir.tif: 30.7% of its pixels have no value') == 1
    of_array = model.fuse(VISIBLE, np.ma.array(read_raw_infrared(path, scale)), infrared=scale)
    np.testing.assert_array_equal(of_array, fused)


def test_a_series_does_not_count_it():
    images = [masked(with_border(-10000) + shift, BORDER) for shift in (0, 3)]
    low, high = InfraredScale().fitted(images).known
    valid = np.concatenate([SCENE[~BORDER], SCENE[~BORDER] + 3])
    assert (low, high) == pytest.approx(np.percentile(valid, (1, 99)), abs=0.01)


def test_a_rig_brings_it_along(write):
    rig = Rig([[1.0, 0, 5], [0, 1, 0], [0, 0, 1]], (64, 48), (64, 48), (5, 0, 59, 48), 0.0)
    path = write(with_border(np.nan))
    fused = bffr.load('max').fuse(VISIBLE, path, align=rig)
    moved = np.roll(BORDER, 5, 1)
    np.testing.assert_array_equal(fused[moved], VISIBLE[moved])


def test_infinite_values_and_nothing_at_all_are_refused(write):
    for value, sentence in ((np.inf, 'holds infinite values'), (-np.inf, 'holds infinite values')):
        with pytest.raises(InputError, match=rf'ir\.tif: {sentence}'):
            read_raw_infrared(write(with_border(value)))
    with pytest.raises(InputError, match=r'ir\.tif: has no valid pixel'):
        read_raw_infrared(write(np.full_like(SCENE, 7), 7))
    with pytest.raises(
        InputError, match=r"ir\.tif: has 'none' for GDAL_NODATA, which is not a num"
    ):
        read_raw_infrared(write(SCENE, 'none'))


def test_transparent_pixels_have_none(tmp_path):
    alpha = np.where(BORDER, 0, 65535).astype(np.uint16)
    image = np.dstack([(100 * SCENE).astype(np.uint16), alpha])
    for kind, mask in ((image, BORDER), (image * [[[1, 0]]], False)):
        tifffile.imwrite(
            tmp_path / 'a.tif',
            kind.astype(np.uint16),
            photometric='minisblack',
            planarconfig='contig',
            extrasamples=[2],
        )
        raw = read_raw_infrared(tmp_path / 'a.tif')
        np.testing.assert_array_equal(np.ma.getmaskarray(raw), np.broadcast_to(mask, BORDER.shape))


class TestBorder:
    @pytest.mark.parametrize('value', [-10000, -100, 100, 3e38])
    def test_is_warned_of_once_with_the_way_out(self, write, said, value):
        for _ in range(2):
            read_raw_infrared(write(with_border(value)))
        (message,) = said.messages
        assert f'ir.tif: 31% of its pixels, at its edge, are {value:g}' in message
        assert message.endswith(f'give --ir-nodata {value:g}.')

    def test_corners_of_a_map(self):
        turned = np.where(np.abs(X - 32) + np.abs(Y - 24) > 35, np.float32(0), SCENE)
        assert constant_border(turned)[0] == 0

    @pytest.mark.parametrize(
        'image',
        [
            SCENE,
            with_border(SCENE.min() - 1),  # a cold sky, clipped
            np.where(X < 2, np.float32(-100), SCENE),  # too small
            np.where((abs(X - 30) < 9) & (abs(Y - 24) < 9), np.float32(200), SCENE),  # inside
            np.full_like(SCENE, 3),
        ],
    )
    def test_other_images_are_not(self, image):
        assert constant_border(image) is None

    def test_8_bit_is_taken_as_it_is(self, tmp_path, said):
        write_png(tmp_path / 'a.png', with_border(0, (10 * SCENE).astype(np.uint8)))
        read_raw_infrared(tmp_path / 'a.png')
        assert not said.messages

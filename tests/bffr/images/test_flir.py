"""What FLIR's radiometric JPEGs hold."""

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images import said_once
from bffr.images.image_io import (
    is_8_bit,
    read_infrared,
    read_radiometric,
    read_raw_infrared,
    read_visible,
)
from tests.bffr.images.flir_files import celsius, flir_jpeg

Y, X = np.mgrid[:30, :40]
RAW = (12000 + 40 * X + 25 * Y).astype(np.uint16)
PHOTO = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)


@pytest.fixture
def write(tmp_path):
    def write(*parts):
        (tmp_path / 'a.jpg').write_bytes(flir_jpeg(*parts))
        return tmp_path / 'a.jpg'

    return write


def test_infrared_is_in_degrees_and_not_the_preview(write, monkeypatch, caplog):
    monkeypatch.setattr(said_once, '_said', set())
    caplog.set_level('INFO', 'bffr')
    path = write(RAW)
    raw = read_raw_infrared(path)
    assert raw.dtype == np.float32
    np.testing.assert_allclose(raw, celsius(RAW), atol=0.02)
    assert 'a.jpg: is of a FLIR camera; its temperatures are used' in caplog.text
    assert np.ptp(read_infrared(path)) == 255
    assert not is_8_bit(path)
    assert np.abs(read_visible(path).astype(int) - 99).max() <= 1
    assert 'a.jpg: is of a FLIR camera; its false colours are used; --flir' in caplog.text


def test_photo_and_placing(write):
    found = read_radiometric(write(RAW, PHOTO, (1.5, 6, -4)))
    np.testing.assert_array_equal(found.photo, PHOTO[..., ::-1])
    rig = found.rig()
    assert (rig.visible_size, rig.infrared_size) == ((160, 120), (40, 30))
    for x, y in ((0, 0), (39, 29), (19.5, 14.5)):  # 40 pixels show what 160 / 1.5 of the photo do
        scale = 160 / 40 / 1.5
        expected = 79.5 + 6 + scale * (x - 19.5), 59.5 - 4 + scale * (y - 14.5)
        assert np.array(rig.matrix) @ [x, y, 1] == pytest.approx([*expected, 1], abs=1e-4)


def test_what_is_missing_is_said(write, tmp_path):
    with pytest.raises(InputError, match=r'a\.jpg: holds no photo; give one with --vis'):
        read_radiometric(write(RAW))
    found = read_radiometric(write(RAW, PHOTO))
    with pytest.raises(InputError, match='does not say how its photo and its thermal image fit'):
        found.rig()
    turned = read_radiometric(write(RAW, PHOTO.swapaxes(0, 1), (1.5, 0, 0)))
    with pytest.raises(InputError, match='does not say how'):
        turned.rig()
    plain = tmp_path / 'plain.png'
    plain.write_bytes(b'')
    with pytest.raises(InputError, match=r'plain\.png: is not a radiometric JPEG'):
        read_radiometric(plain)


@pytest.mark.parametrize('place', ['records', 'count', 'image'])
def test_a_thermal_part_that_cannot_be_read_is_a_sentence(write, place):
    path = write(RAW)
    content = bytearray(path.read_bytes())
    start = content.index(b'FFF\0')
    if place == 'count':
        content[start + 0x1C : start + 0x20] = b'\xff' * 4
    elif place == 'records':
        content[start + 64 : start + 128] = bytes(64)
    else:
        content = content[: start + 400]
    path.write_bytes(content)
    with pytest.raises(InputError, match=r'a\.jpg: is of a FLIR camera, but its thermal part can'):
        read_raw_infrared(path)


@pytest.mark.parametrize(
    ('name', 'size', 'values'),
    [('ax8', (60, 80), (24.36, 25.03, 25.47)), ('flir_example', (320, 240), (25.95, 29.12, 62.32))],
)
def test_temperatures_of_cameras(shared, name, size, values):
    raw = read_raw_infrared(shared / f'data/flir/{name}.jpg')
    assert raw.shape == size
    assert (raw.min(), raw.mean(), raw.max()) == pytest.approx(values, abs=0.006)


def test_placing_of_a_camera(shared):
    """What is hot, the lower half of a cup, comes to lie on the cup, which is near: parallax."""
    found = read_radiometric(shared / 'data/flir/flir_example.jpg')
    warped = found.rig().warp(found.celsius)
    y, x = np.argwhere(warped > 45).mean(0)
    assert (x, y) == pytest.approx((238, 370), abs=20)

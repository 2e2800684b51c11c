"""From pseudo-colours to brightness."""

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images import said_once
from bffr.images.image_io import read_raw_infrared, write_png
from bffr.images.palettes import PALETTES, from_palette, is_coloured, palette_colours
from bffr.images.thermal import InfraredScale

Y, X = np.mgrid[:48, :64]
GREY = (127.5 + 127.5 * np.sin(X / 9) * np.cos(Y / 7)).astype(np.uint8)


def coloured(name):
    return palette_colours(name)[GREY]


@pytest.mark.parametrize('name', [name for name in PALETTES if name != 'iron'])
def test_maps_of_opencv_are_inverted(name):
    image = cv2.applyColorMap(GREY, getattr(cv2, f'COLORMAP_{name.upper()}'))
    assert np.abs(from_palette(image, name).astype(int) - GREY).max() <= 1
    _, file = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, 90])
    noisy = from_palette(cv2.imdecode(file, cv2.IMREAD_COLOR), name)
    assert np.abs(noisy.astype(int) - GREY).mean() < 3


def test_iron_goes_from_black_by_purple_and_orange_to_white():
    colours = palette_colours('iron').astype(int)
    luma = colours @ [0.114, 0.587, 0.299]
    assert (np.diff(luma) > -0.5).all()
    assert luma[0] < 5
    assert luma[255] > 250
    blue, _, red = colours[70]
    assert blue > 100 < red
    np.testing.assert_array_equal(from_palette(coloured('iron'), 'iron'), GREY)


def test_another_palette_is_refused():
    with pytest.raises(InputError, match='its colours are not those of the palette hot; name anot'):
        from_palette(coloured('jet'), 'hot')
    with pytest.raises(InputError, match=r'rainbows: no such palette; choose from autumn, '):
        InfraredScale(palette='rainbows')


class TestFiles:
    @pytest.fixture(autouse=True)
    def said(self, monkeypatch, caplog):
        monkeypatch.setattr(said_once, '_said', set())
        self.log = caplog

    def test_colours_are_warned_of_once(self, tmp_path):
        write_png(tmp_path / 'a.png', coloured('jet'))
        luma = cv2.cvtColor(coloured('jet'), cv2.COLOR_BGR2GRAY)
        for _ in range(2):
            np.testing.assert_array_equal(read_raw_infrared(tmp_path / 'a.png'), luma)
        (message,) = self.log.messages
        assert 'a.png: is coloured; its colours are read as brightness' in message
        assert '--ir-palette' in message

    def test_a_named_palette_gives_what_it_was_made_of(self, tmp_path):
        write_png(tmp_path / 'a.png', coloured('turbo'))
        raw = read_raw_infrared(tmp_path / 'a.png', InfraredScale(palette='turbo'))
        np.testing.assert_array_equal(raw, GREY)
        assert not self.log.messages
        with pytest.raises(InputError, match=r'a\.png: its colours are not those of the palette'):
            read_raw_infrared(tmp_path / 'a.png', InfraredScale(palette='winter'))

    @pytest.mark.parametrize('image', [GREY, np.dstack([GREY.astype(np.uint16)] * 3)])
    def test_what_has_no_colours_has_no_palette(self, tmp_path, image):
        cv2.imwrite(str(tmp_path / 'a.png'), image)
        with pytest.raises(InputError, match=r'a\.png: has no colours of 8 bits; leave out'):
            read_raw_infrared(tmp_path / 'a.png', InfraredScale(palette='jet'))

    def test_grey_with_noise_and_marks_is_not_coloured(self, tmp_path):
        image = np.dstack([GREY] * 3)
        image[2:8, 2:8] = 0, 0, 255
        _, file = cv2.imencode('.jpg', image)
        (tmp_path / 'a.jpg').write_bytes(file.tobytes())
        for scale in (InfraredScale(), InfraredScale(palette='jet')):
            raw = read_raw_infrared(tmp_path / 'a.jpg', scale)
            assert np.abs(raw.astype(int) - GREY)[12:, 12:].mean() < 4
        assert not self.log.messages
        assert not is_coloured(image)

"""Fusing the pair that a radiometric JPEG holds."""

import json

import numpy as np
import pytest

import bffr
from bffr.errors import InputError
from bffr.fusing.fuse_flir import fuse_flir
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image
from bffr.rigs.rig import Rig
from tests.bffr.images.flir_files import celsius, flir_jpeg

Y, X = np.mgrid[:30, :40]
RAW = (12000 + 400 * ((abs(X - 30) < 4) & (abs(Y - 10) < 4)) + X).astype(np.uint16)
PHOTO = np.full((120, 160, 3), 40, np.uint8)
PLACING = 1.25, 6, -4
NONE = FuseOptions(stretch='none')


@pytest.fixture
def photo(tmp_path):
    (tmp_path / 'in').mkdir()
    (tmp_path / 'in/a.jpg').write_bytes(flir_jpeg(RAW, PHOTO, PLACING))
    return tmp_path / 'in/a.jpg'


def middle_of_the_bright(image):
    return np.argwhere(image[..., 0] > 200).mean(0)[::-1]


def test_photo_and_temperatures_are_fused_as_the_file_places_them(photo, tmp_path):
    fuse_flir(bffr.load('max'), photo, tmp_path / 'out.png', NONE)
    fused = read_image(tmp_path / 'out.png')
    assert fused.shape == (120, 160, 3)
    scale = 160 / 40 / 1.25
    expected = 79.5 + 6 + scale * (30 - 19.5), 59.5 - 4 + scale * (10 - 14.5)
    assert middle_of_the_bright(fused) == pytest.approx(expected, abs=1)
    record = json.loads((tmp_path / 'out_infrared.json').read_text())
    assert record['ranges']['out'] == pytest.approx(np.percentile(celsius(RAW), (1, 99)), abs=0.1)
    assert record['placings'] == {'out': dict(real_to_ir=1.25, offset_x=6, offset_y=-4)}


def test_a_folder_of_them_and_a_sheet(photo, tmp_path):
    (photo.parent / 'b.jpg').write_bytes(flir_jpeg(RAW, PHOTO, (1.5, 0, 0)))
    options = FuseOptions(stretch='none', sheet=True, skip_existing=True)
    for _ in range(2):
        fuse_flir(bffr.load('max'), photo.parent, tmp_path / 'out', options)
        assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == [
            *('a.png', 'a_sheet.png', 'b.png', 'b_sheet.png', 'infrared.json'),
        ]
        record = json.loads((tmp_path / 'out/infrared.json').read_text())
        assert record['placings'].keys() == {'a', 'b'}
        assert record['ranges'].keys() == {'all'}


def test_a_rig_counts_before_the_files_own_placing(photo, tmp_path):
    matrix = [[4.0, 0, 1.5], [0, 4, 1.5], [0, 0, 1]]
    rig = Rig(matrix, (160, 120), (40, 30), (0, 0, 160, 120), 0.0)
    options = FuseOptions(stretch='none', align=rig)
    fuse_flir(bffr.load('max'), photo, tmp_path / 'out.png', options)
    fused = read_image(tmp_path / 'out.png')
    assert middle_of_the_bright(fused) == pytest.approx((4 * 30 + 1.5, 4 * 10 + 1.5), abs=1)
    assert 'placings' not in json.loads((tmp_path / 'out_infrared.json').read_text())


def test_what_a_file_lacks_is_a_sentence_and_the_folder_goes_on(photo, tmp_path):
    (photo.parent / 'b.jpg').write_bytes(flir_jpeg(RAW, PHOTO))
    (photo.parent / 'c.jpg').write_bytes(flir_jpeg(RAW, PHOTO, PLACING))
    with pytest.raises(InputError, match=r'b\.jpg: does not say how its photo .* give --align'):
        fuse_flir(bffr.load('max'), photo.parent / 'b.jpg', tmp_path / 'out.png')
    options = FuseOptions(keep_going=True)
    with pytest.raises(InputError, match=r'1 of 3 pair\(s\) failed'):
        fuse_flir(bffr.load('max'), photo.parent, tmp_path / 'out', options)
    assert sorted(path.name for path in (tmp_path / 'out').glob('*.png')) == ['a.png', 'c.png']


@pytest.mark.parametrize('name', ['ax8', 'flir_example'])
def test_files_of_cameras(shared, tmp_path, name):
    fuse_flir(bffr.load('average'), shared / f'data/flir/{name}.jpg', tmp_path / 'a.png')
    assert read_image(tmp_path / 'a.png').shape[2] == 3
    (placing,) = json.loads((tmp_path / 'a_infrared.json').read_text())['placings'].values()
    expected = {'ax8': (1.162, 0, 0), 'flir_example': (1.404, 14, -14)}[name]
    assert tuple(placing.values()) == pytest.approx(expected, abs=0.001)

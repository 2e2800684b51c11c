"""What is no pair."""

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images.image_io import read_image
from bffr.images.pair import read_pair


@pytest.fixture(scope='module')
def files(synthetic):
    return synthetic / 'vis/00001N.png', synthetic / 'ir/00001N.png'


@pytest.fixture(scope='module')
def arrays(files):
    return tuple(map(read_image, files))


def test_wrong_arrays(arrays):
    vis, ir = arrays
    with pytest.raises(InputError, match=r'vis: .* not float32 of shape \(48, 64, 3\)'):
        read_pair(vis.astype(np.float32), ir)
    with pytest.raises(InputError, match=r'vis: .* not uint8 of shape \(48, 64\)'):
        read_pair(ir, ir)
    with pytest.raises(InputError, match=r'vis: .* not uint8 of shape \(48, 64, 4\)'):
        read_pair(np.dstack([vis, ir]), ir)
    with pytest.raises(InputError, match=r'ir: .* not float64 of shape \(48, 64\)'):
        read_pair(vis, ir.astype(np.float64))
    with pytest.raises(InputError, match=r'ir: .*\(H, W\), not uint8 of shape \(48, 64, 3\)'):
        read_pair(vis, vis)
    for value, sentence in ((np.nan, 'has no valid pixel'), (np.inf, 'holds infinite values')):
        with pytest.raises(InputError, match=f'ir: {sentence}'):
            read_pair(vis, np.full_like(ir, value, np.float32))


def test_wrong_sizes(files, arrays):
    with pytest.raises(InputError, match='visible image has 64x48 .* infrared image 60x48'):
        read_pair(arrays[0], arrays[1][:, :60])
    with pytest.raises(InputError, match=r'vis/00001N\.png, array: .* 64x40'):
        read_pair(files[0], arrays[1][:40])


def test_missing_file(files):
    with pytest.raises(InputError, match=r'none\.png: cannot be read'):
        read_pair(files[0], 'none.png')


def test_one_file(files):
    with pytest.raises(InputError, match='is given as visible and as infrared; give both'):
        read_pair(files[0], files[0])


def test_a_rig_and_a_scale_are_objects():
    visible, infrared = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8)
    with pytest.raises(InputError, match=r"align: must be a bffr\.Rig, not 'rig\.json'"):
        read_pair(visible, infrared, align='rig.json')
    with pytest.raises(InputError, match=r'infrared: must be a bffr\.InfraredScale, not \(0, 9\)'):
        read_pair(visible, infrared, (0, 9))

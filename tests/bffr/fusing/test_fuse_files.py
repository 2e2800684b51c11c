"""Which files are fused with one another."""

import json

import cv2
import numpy as np
import pytest

import bffr
from bffr.errors import InputError
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image, write_png
from tests.fake_models import drawn_pair, mean_model


def test_nothing_is_fused_with_itself(tmp_path):
    folder, out = tmp_path / 'both', tmp_path / 'out'
    write_png(folder / '1v.png', np.full((8, 8, 3), 50, np.uint8))
    write_png(folder / '1i.png', np.full((8, 8), 200, np.uint8))
    for source, pair_by in ((folder, None), (folder, ['order']), (folder / '1v.png', None)):
        with pytest.raises(InputError, match='is given as visible and as infrared'):
            fuse_files(bffr.load('max'), source, source, out, FuseOptions(pair_by=pair_by))
    by_name = FuseOptions(pair_by=['NAMEv', 'NAMEi'], stretch='none')
    fuse_files(bffr.load('max'), folder, folder, out, by_name)
    (fused,) = out.glob('*.png')
    assert (read_image(fused) == 200).all()


def test_options_are_values(tmp_path):
    """What a folder's infrared was fitted to is not what the next pair is scaled by."""
    hot, cold = np.full((8, 8), 9000, np.uint16), np.full((8, 8), 100, np.uint16)
    hot[:4] -= 500
    cold[:4] -= 50
    for name, infrared in (('a/ir/0.png', hot), ('b/ir/0.png', cold)):
        (tmp_path / name).parent.mkdir(parents=True)
        cv2.imwrite(str(tmp_path / name), infrared)
        write_png((tmp_path / name).parents[1] / 'vis/0.png', np.zeros((8, 8, 3), np.uint8))
    options = FuseOptions(stretch='none', ir_scope='sequence')
    model = bffr.load('max')
    fuse_files(model, tmp_path / 'a/vis', tmp_path / 'a/ir', tmp_path / 'out', options)
    pair = tmp_path / 'b/vis/0.png', tmp_path / 'b/ir/0.png'
    fuse_files(model, *pair, tmp_path / 'one.png', options)
    fused = read_image(tmp_path / 'one.png')
    assert (fused[:4] == 0).all()
    assert (fused[4:] == 255).all()
    assert options == FuseOptions(stretch='none', ir_scope='sequence')


def test_8_bit_images_among_raw_ones_are_told_apart(tmp_path):
    (tmp_path / 'ir').mkdir()
    for stem, infrared in (('raw', np.eye(8, dtype=np.uint16) * 1000), ('eight', np.eye(8) * 9)):
        cv2.imwrite(str(tmp_path / f'ir/{stem}.png'), infrared)
        write_png(tmp_path / f'vis/{stem}.png', np.zeros((8, 8, 3), np.uint8))
    none = FuseOptions(stretch='none')
    fuse_files(bffr.load('max'), tmp_path / 'vis', tmp_path / 'ir', tmp_path / 'out', none)
    assert read_image(tmp_path / 'out/eight.png').max() == 9
    assert read_image(tmp_path / 'out/raw.png').max() == 255
    ranges = json.loads((tmp_path / 'out/infrared.json').read_text())['ranges']
    assert ranges == {'all': [0, 1000], 'eight': None}


@pytest.mark.parametrize('seg', [True, False])
def test_a_sheet_with_labels_has_a_legend(tmp_path, figures, seg):
    visible, infrared = drawn_pair(1)
    write_png(tmp_path / 'vis.png', visible)
    write_png(tmp_path / 'ir.png', infrared)
    files = (tmp_path / name for name in ('vis.png', 'ir.png', 'fused.png'))
    fuse_files(mean_model(), *files, FuseOptions(seg=seg, sheet=True))
    (figure,) = figures
    told = {
        text.get_text(): tuple(round(255 * part) for part in patch.get_facecolor()[:3])
        for legend in figure.legends
        for patch, text in zip(legend.get_patches(), legend.get_texts(), strict=True)
    }
    assert told == ({'class 0': (0, 0, 0), 'class 1': (40, 50, 60)} if seg else {})

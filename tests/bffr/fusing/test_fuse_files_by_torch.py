"""Files and folders fused by torch, with labels and sheets beside the images."""

import csv
import shutil

import numpy as np
import pytest
import torch

from bffr.errors import InputError
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image, read_labels, write_png
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.apis.torch_engine import as_model
from tests.command_lines import pictures


@pytest.fixture(scope='module')
def fuser(tiny_configs):
    torch.manual_seed(0)
    return init_model(tiny_configs[0])


@pytest.fixture(scope='module')
def joint(tiny_configs):
    torch.manual_seed(0)
    return init_model(tiny_configs[1])


@pytest.fixture(scope='module')
def files(synthetic):
    return synthetic / 'vis/00001N.png', synthetic / 'ir/00001N.png'


class TestFuseFiles:
    def test_one_pair_is_what_fuse_returns(self, fuser, files, tmp_path):
        fuse_files(as_model(fuser), *files, tmp_path / 'new/out.png')
        np.testing.assert_array_equal(read_image(tmp_path / 'new/out.png'), fuse(fuser, *files))
        assert [path.name for path in (tmp_path / 'new').iterdir()] == ['out.png']

    def test_folders_with_labels_and_sheets(self, joint, synthetic, files, tmp_path):
        fuse_files(
            as_model(joint),
            synthetic / 'vis',
            synthetic / 'ir',
            tmp_path,
            FuseOptions(seg=True, sheet=True),
        )
        assert len(list(tmp_path.iterdir())) == 3 * 12
        np.testing.assert_array_equal(read_image(tmp_path / '00001N.png'), fuse(joint, *files))
        painted = read_image(tmp_path / '00001N_labels.png')
        colours = np.array(
            [[0, 0, 0], [64, 0, 128], [64, 64, 0], [0, 128, 192], [0, 0, 192], [128, 128, 0],
             [64, 64, 128], [192, 128, 128], [192, 64, 0]]
        )  # fmt: skip
        expected = colours[segment(joint, *files)][..., ::-1]
        np.testing.assert_array_equal(painted, expected)
        sheet = read_image(tmp_path / '00001N_sheet.png')
        assert sheet.shape[1] > 3.5 * sheet.shape[0]

    def test_mistakes(self, fuser, synthetic, files, tmp_path):
        with pytest.raises(InputError, match='give two sources of one kind'):
            fuse_files(as_model(fuser), files[0], synthetic / 'ir', tmp_path)
        with pytest.raises(InputError, match=r'is written as \.png'):
            fuse_files(as_model(fuser), *files, tmp_path / 'out.jpg')
        with pytest.raises(InputError, match='holds input images'):
            fuse_files(as_model(fuser), synthetic / 'vis', synthetic / 'ir', synthetic / 'ir')
        with pytest.raises(InputError, match='is an input image'):
            fuse_files(as_model(fuser), *files, files[1])
        with pytest.raises(InputError, match='cannot be read'):
            fuse_files(as_model(fuser), files[0], tmp_path / 'none.png', tmp_path / 'out.png')
        (tmp_path / 'ir').mkdir()
        write_png(tmp_path / 'ir/00001N.png', read_labels(files[1]))
        with pytest.raises(InputError, match=r'ir: has no image for 11 name\(s\)'):
            fuse_files(as_model(fuser), synthetic / 'vis', tmp_path / 'ir', tmp_path / 'out')
        assert len(list(synthetic.rglob('*.png'))) == 3 * 12


def test_sheets_and_labels_do_not_get_in_the_way_of_metrics(
    tool, tiny_configs, trained_joint, synthetic, tmp_path
):
    for folder in ('vis', 'ir'):
        (tmp_path / folder).mkdir()
        for stem, source in (('a', '00000D'), ('b_sheet', '00001N')):
            file = synthetic / folder / f'{source}.png'
            shutil.copy(file, tmp_path / folder / f'{stem}.png')
    sources = '--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir'
    run = tool(
        'fuse', *sources, '--out', tmp_path / 'fused', '--config', tiny_configs[1],
        '--checkpoint', trained_joint.checkpoint, '--seg', '--sheet',
    )  # fmt: skip
    assert run.error is None
    out = tmp_path / 'metrics.csv'
    words = '--fused', f'ours={tmp_path / "fused"}', '--metrics', 'EN', '--out', out
    assert tool('eval', *sources, *words).error is None
    with open(out, newline='') as file:
        assert [row['image'] for row in csv.DictReader(file)] == ['a', 'b_sheet']
    (tmp_path / 'fused/c.png').write_bytes(b'')
    assert 'has no c' in tool('eval', *sources, *words).error


def test_results_of_one_name_are_refused_before_any_work(
    tool, tiny_configs, trained_joint, synthetic, tmp_path
):
    for folder in ('vis', 'ir'):
        (tmp_path / folder).mkdir()
        for stem in ('a', 'a_labels'):
            shutil.copy(synthetic / folder / '00000D.png', tmp_path / folder / f'{stem}.png')
    words = [
        'fuse', '--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir', '--out', tmp_path / 'out',
        '--config', tiny_configs[1], '--checkpoint', trained_joint.checkpoint,
    ]  # fmt: skip
    error = tool(*words, '--seg').error
    assert 'would both be written to it; rename one' in error
    assert not (tmp_path / 'out').exists()
    assert tool(*words).error is None
    assert pictures(tmp_path / 'out') == ['a.png', 'a_labels.png']


def test_fuse_one_pair(tool, tiny_configs, trained_fuser, files, tmp_path):
    vis, ir = files
    run = tool(
        'fuse', '--vis', vis, '--ir', ir, '--out', tmp_path / 'new/out.png', '--config',
        tiny_configs[0], '--checkpoint', trained_fuser.checkpoint,
    )  # fmt: skip
    assert run.error is None
    expected = fuse(init_model(tiny_configs[0], trained_fuser.checkpoint), vis, ir)
    np.testing.assert_array_equal(read_image(tmp_path / 'new/out.png'), expected)

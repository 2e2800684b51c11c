"""The tools that draw figures for papers."""

import pytest
from mmseg.registry import DATASETS

from bffr.images.image_io import read_image, read_visible
from mmseg_bffr.datasets import MFNetDataset


def test_sheet_of_everything(tool, synthetic, tmp_path):
    out = tmp_path / 'sheet.png'
    run = tool(
        'sheet', out, '--images', f'Visible={synthetic}/vis', f'Infrared={synthetic}/ir',
        '--labels', f'Labels={synthetic}/labels',
        '--difference', 'Visible - infrared', synthetic / 'vis', synthetic / 'ir',
        '--mark', 'person', 'car', '--mark-in', synthetic / 'labels',
        '--names', '00001N', '00002D',
    )  # fmt: skip
    assert run.error is None
    height, width = read_image(out).shape[:2]
    assert 1.5 < width / height < 4


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['--mark', 'person'], '--mark and --mark-in need each other'),
        (['--difference', 'A', 'ir', 'vis'] * 2, "'A' is given twice"),
    ],
)
def test_usage_of_sheet(tool, tmp_path, words, message):
    run = tool('sheet', tmp_path / 's.png', '--images', 'Visible=vis', *words)
    assert message in run.error


def test_mistakes_in_sheets(tool, synthetic, tmp_path):
    words = ['--images', f'Visible={synthetic}/vis', '--mark', 'tree', '--mark-in']
    run = tool('sheet', tmp_path / 's.png', *words, synthetic / 'labels')
    assert 'tree: is no class to mark' in run.error
    run = tool('sheet', tmp_path / 's.png', *words, tmp_path / 'none')
    assert f'{tmp_path}/none: is not a folder' in run.error


def test_classes_of_a_config(tool, synthetic, tmp_path):
    @DATASETS.register_module(force=True)
    class Rails(MFNetDataset):
        METAINFO = dict(classes=('unlabeled', 'rail'), palette=[[0, 0, 0], [0, 250, 20]])

    config = tmp_path / 'rails.py'
    config.write_text(
        "train_dataloader = dict(dataset=dict(type='Rails', data_root='x', ann_file='y'))"
    )
    words = [
        '--images', f'Visible={synthetic}/vis', '--labels', f'Labels={synthetic}/labels',
        '--mark-in', synthetic / 'labels', '--names', '00002D', '--config', config,
    ]  # fmt: skip
    assert tool('sheet', tmp_path / 's.png', *words, '--mark', 'rail').error is None
    painted = (read_visible(tmp_path / 's.png') == (20, 250, 0)).all(axis=2)
    assert painted.any()
    run = tool('sheet', tmp_path / 's.png', *words, '--mark', 'car')
    assert 'car: is no class to mark; choose from rail' in run.error


def test_curves_of_a_training(tool, trained_joint, tmp_path):
    out = tmp_path / 'curves.png'
    words = [f'Joint={trained_joint.folder}', '--keys', 'decode.loss_ce', 'mIoU']
    assert tool('plot', out, *words).error is None
    assert read_image(out).std() > 0
    run = tool('plot', out, words[0], words[0])
    assert "'Joint' is given twice" in run.error

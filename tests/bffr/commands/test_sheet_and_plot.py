"""The tools that draw figures for papers."""

import numpy as np
import pytest
from mmseg.registry import DATASETS

from bffr.figures import read_curves
from bffr.figures.folders import class_boxes
from bffr.images.image_io import read_image, read_visible, write_png
from bffr.images.results import MFNET
from mmseg_bffr.datasets import MFNetDataset
from tests.bffr.figures.reading import near, require_grid


def test_sheet_of_everything(tool, synthetic, tmp_path, figures):
    stems = '00002D', '00001N'
    run = tool(
        'sheet', tmp_path / 's.png',
        '--images', f'Visible={synthetic}/vis', f'Infrared={synthetic}/ir',
        '--labels', f'Labels={synthetic}/labels',
        '--difference', 'Visible - infrared', synthetic / 'vis', synthetic / 'ir',
        '--mark', 'person', 'car', '--mark-in', synthetic / 'labels', '--names', *stems,
    )  # fmt: skip
    assert run.error is None
    (figure,) = figures
    panels = np.reshape(figure.axes[:8], (2, 4))
    titles = 'Visible', 'Infrared', 'Labels', 'Visible - infrared'
    assert [panel.get_title() for panel in panels[0]] == [*titles]
    for row, stem in zip(panels, stems, strict=True):
        visible, infrared, labels = (
            read_image(synthetic / folder / f'{stem}.png') for folder in ('vis', 'ir', 'labels')
        )
        shown = [panel.get_images()[0].get_array() for panel in row]
        np.testing.assert_array_equal(shown[0], visible[..., ::-1])
        np.testing.assert_array_equal(shown[1], infrared)
        np.testing.assert_array_equal(shown[2], np.array(MFNET['palette'])[labels])
        difference = visible @ [0.114, 0.587, 0.299] - infrared
        np.testing.assert_allclose(shown[3], difference, atol=1e-3)
        boxes = class_boxes(labels, ['person', 'car'], MFNET)
        for panel in row:
            assert [(*patch.get_xy(), patch.get_width()) for patch in panel.patches] == [
                box.region[:3] for box in boxes
            ]
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named[:9] == [*MFNET['classes']]
    assert {*named[9:]} <= {'person', 'car'}
    assert figure.axes[8].get_ylabel() == 'grey levels'


def test_sheet_is_written_as_it_is_asked_for(tool, tmp_path):
    """Columns in the order of the words, rows in that of --names."""
    colours = {'b': [(200, 30, 30), (30, 200, 30)], 'a': [(30, 30, 200), (200, 200, 30)]}
    for stem, of_stem in colours.items():
        for folder, colour in zip(('z', 'y'), of_stem, strict=True):
            write_png(tmp_path / folder / f'{stem}.png', np.full((40, 60, 3), colour, np.uint8))
    words = '--images', f'One={tmp_path}/z', f'Two={tmp_path}/y', '--names', *colours
    assert tool('sheet', tmp_path / 's.png', *words).error is None
    require_grid(read_visible(tmp_path / 's.png'), [*colours.values()], 60 / 40)


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
    assert 'tree: is not a class to mark' in run.error
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
    assert 'car: is not a class to mark; choose from rail' in run.error


def test_curves_of_a_training(tool, trained_joint, tmp_path, figures):
    out, keys = tmp_path / 'curves.png', ['decode.loss_ce', 'mIoU']
    run = f'Joint={trained_joint.folder}'
    assert tool('plot', out, run, '--keys', *keys).error is None
    (figure,) = figures
    assert [panel.get_title() for panel in figure.axes] == keys
    for panel, key in zip(figure.axes, keys, strict=True):
        steps, values = read_curves(trained_joint.folder)[key]
        line = panel.get_lines()[0]
        assert ([*line.get_xdata()], [*line.get_ydata()]) == (steps, values)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ['Joint']
    assert near(read_visible(out), (180, 119, 31)).sum() > 20  # the first run's blue
    assert "'Joint' is given twice" in tool('plot', out, run, run).error

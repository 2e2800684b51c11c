"""Training curves: every start of a run is read, joined at the resume, and drawn."""

import json

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.figures import draw_training_curves, read_curves
from bffr.images.image_io import read_visible


@pytest.fixture
def log(tmp_path):
    """Write records as mmengine logs one start of a run."""

    def log(start, *records, run='run', cut=''):
        file = tmp_path / run / start / 'vis_data/scalars.json'
        file.parent.mkdir(parents=True)
        file.write_text(''.join(json.dumps(record) + '\n' for record in records) + cut)
        return tmp_path / run

    return log


def losses(first, last, value):
    return [{'loss': value, 'iter': step, 'step': step} for step in range(first, last + 1, 10)]


def test_a_resumed_run_replaces_what_it_repeats(log):
    log('20260101_000000', *losses(10, 50, 2.0), {'mIoU': 10.0, 'step': 50})
    log('20260102_000000', *losses(30, 40, 1.0), cut='{"loss": 7, "st')
    curves = read_curves(log('20260103_000000', {'mIoU': 20.0, 'step': 40}, *losses(50, 60, 0.5)))
    assert curves == {
        'loss': ([10, 20, 30, 40, 50, 60], [2.0, 2.0, 1.0, 1.0, 0.5, 0.5]),
        'mIoU': ([40], [20.0]),
    }


def test_a_start_without_records_changes_nothing(log):
    log('20260101_000000', *losses(10, 30, 2.0))
    assert read_curves(log('20260102_000000'))['loss'] == ([10, 20, 30], [2.0] * 3)


def test_undefined_values_are_left_out(log):
    first = {'IoU.car': float('nan'), 'mIoU': 3.0, 'step': 5}
    folder = log('20260101_000000', first, {'mIoU': 4.0, 'step': 9})
    assert read_curves(folder) == {'mIoU': ([5, 9], [3.0, 4.0])}


def test_a_panel_a_key(log, tmp_path):
    runs = {
        'A': log('20260101_000000', *losses(10, 990, 2.0), {'mIoU': 3.0, 'step': 990}, run='a'),
        'B': log('20260101_000000', *losses(10, 500, -1.0), run='b'),
    }
    widths = []
    for keys in (['loss'], ['loss', 'mIoU']):
        draw_training_curves(tmp_path / 'curves.png', runs, keys)
        widths.append(read_visible(tmp_path / 'curves.png').shape[1])
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.05)


def test_lines_are_what_was_logged(log, tmp_path, figures):
    steps, values = list(range(10, 1010, 10)), [3.0, 1.0] * 50
    records = [dict(loss=loss, step=step) for step, loss in zip(steps, values, strict=True)]
    runs = {
        'A': log('20260101_000000', *records, {'mIoU': 3.0, 'step': 500}, run='a'),
        'B': log(
            '20260101_000000', {'mIoU': 5.0, 'step': 400}, {'mIoU': 7.0, 'step': 800}, run='b'
        ),
    }
    draw_training_curves(tmp_path / 'c.png', runs, ['loss', 'mIoU'])
    losses, ious = figures[0].axes
    pale, smooth = losses.get_lines()
    assert [*pale.get_xdata()] == [*smooth.get_xdata()] == steps
    assert [*pale.get_ydata()] == values
    assert max(abs(y - 2) for y in smooth.get_ydata()[5:-5]) < 0.5
    assert [[*line.get_ydata()] for line in ious.get_lines()] == [[3.0], [5.0, 7.0]]
    assert [line.get_color() for line in ious.get_lines()] == ['C0', 'C1']
    assert pale.get_color() == smooth.get_color() == 'C0'
    assert [text.get_text() for text in figures[0].legends[0].get_texts()] == ['A', 'B']


def test_a_run_has_its_colour(log, tmp_path):
    runs = {name: log('20260101_000000', *losses(10, 990, value), run=name)
            for name, value in (('low', 1.0), ('high', 4.0))}  # fmt: skip
    draw_training_curves(tmp_path / 'c.png', runs, ['loss'])
    panel = read_visible(tmp_path / 'c.png')[:-60].astype(int)  # without the legend
    redness = panel[..., 2] - panel[..., 0]
    low, high = (np.argwhere(line)[:, 0] for line in (redness < -100, redness > 100))
    assert low.min() > high.max() + 100


def test_mistakes(log, tmp_path):
    folder = log('20260101_000000', *losses(10, 20, 1.0))
    with pytest.raises(InputError, match='miou: not logged by .*run; choose from loss'):
        draw_training_curves(tmp_path / 'c.png', {'A': folder}, ['loss', 'miou'])
    with pytest.raises(InputError, match=r'none: holds no TIME/vis_data/scalars\.json'):
        read_curves(tmp_path / 'none')
    for number, line in enumerate(['{"loss"', '[1]', '{"loss": 1}']):
        run = f'damaged_{number}'
        folder = log('20260101_000000', *losses(10, 20, 1.0), cut=f'{line}\n', run=run)
        with pytest.raises(InputError, match=r'scalars\.json: line 3 is damaged'):
            read_curves(folder)
    cut = '{"step": 30, "why": "words"}\n'
    folder = log('20260101_000000', *losses(10, 20, 1.0), cut=cut, run='words')
    assert 'why' not in read_curves(folder)

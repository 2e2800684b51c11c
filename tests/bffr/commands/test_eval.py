"""`eval`: tables and figures of folders of fused images."""

import csv
import json
import re

import cv2
import numpy as np
import pytest

from bffr.commands.eval import make_parser
from bffr.evaluation import PROTOCOLS, evaluate_images
from bffr.images.image_io import read_visible, write_png

STEMS = 'a', 'b', 'ü'


@pytest.fixture
def pairs(tmp_path):
    """Folders vis (in colour), ir, average and maximum of three pairs of 48x64."""
    images = {}
    for number, stem in enumerate(STEMS):
        noise = np.random.default_rng(number).integers(0, 256, (4, 48, 64), np.uint8)
        visible, infrared = np.dstack(noise[:3]), noise[3]
        images[stem] = {
            'vis': visible,
            'ir': infrared,
            'average': visible // 2 + infrared[..., None] // 2,
            'maximum': np.maximum(visible, infrared[..., None]),
        }
        for folder, image in images[stem].items():
            write_png(tmp_path / folder / f'{stem}.png', image)
    return images


@pytest.fixture
def run(tool, tmp_path, pairs):
    def run(*words):
        return tool('eval', '--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir', *words)

    return run


@pytest.fixture
def fused(tmp_path):
    return [f'{name}={tmp_path / name}' for name in ('average', 'maximum')]


def test_tables(run, fused, pairs, tmp_path):
    out = [tmp_path / f'r.{suffix}' for suffix in ('csv', 'json', 'md', 'tex')]
    metrics = ['EN', 'SSIM', 'MSE']
    result = run('--fused', *fused, '--metrics', *metrics, '--out', *out, '--workers', '2')
    assert result.error is None
    assert 'SSIM ↑' in result.log
    with out[0].open(newline='') as file:
        rows = list(csv.DictReader(file))
    assert [(row['method'], row['image']) for row in rows] == [
        (method, stem) for method in ('average', 'maximum') for stem in STEMS
    ]
    for row in rows:
        method, image = row.pop('method'), pairs[row.pop('image')]
        values = evaluate_images(image[method], image['vis'], image['ir'], metrics)
        assert {name: float(value) for name, value in row.items()} == pytest.approx(values)
    summary = json.loads(out[1].read_text())['summary']
    entropies = [float(row['EN']) for row in rows[3:]]
    assert summary['maximum']['EN']['mean'] == pytest.approx(np.mean(entropies))
    mean = f'{np.mean(entropies):.4f}'
    assert mean in result.log
    assert all(mean in path.read_text() for path in out[2:])
    assert len((tmp_path / 'r_summary.csv').read_text().splitlines()) == 1 + 2 * 3


def test_figures(run, fused, pairs, tmp_path, figures):
    drawn = tmp_path / 'g.png', tmp_path / 'p.pdf'
    words = '--grid', drawn[0], '--zoom', '10,20,20,16', '--images', 'ü', 'a', '--plot', drawn[1]
    assert run('--fused', *fused, '--metrics', 'EN', 'MSE', *words).error is None
    grid, plot = figures
    panels = grid.axes[:8]
    assert [panel.get_title() for panel in panels[:4]] == [
        *('Visible', 'Infrared', 'average', 'maximum')
    ]
    for number, panel in enumerate(panels):
        image = [*pairs['üa'[number // 4]].values()][number % 4]
        shown = image if image.ndim == 2 else image[..., ::-1]
        np.testing.assert_array_equal(panel.get_images()[0].get_array(), shown)
        (inset,) = panel.child_axes
        assert (*inset.get_xlim(), *inset.get_ylim()) == (10, 30, 36, 20)
    assert [panel.get_title() for panel in plot.axes] == ['EN ↑', 'MSE ↓']
    assert read_visible(drawn[0]).shape[1] > 4 * 64
    assert drawn[1].read_bytes().startswith(b'%PDF')


def test_subset_seeds_and_comparison(run, tmp_path):
    (tmp_path / 'split.txt').write_text('ü\nb\n', encoding='utf-8')
    result = run(
        *('--fused', f'ours={tmp_path}/average,{tmp_path}/maximum', f'theirs={tmp_path}/average'),
        *('--protocol', 'vifb', '--metrics', 'EI', 'RMSE', '--split', tmp_path / 'split.txt'),
        *('--against', 'theirs', '--out', tmp_path / 'r.csv'),
    )
    assert result.error is None
    with (tmp_path / 'r.csv').open(newline='') as file:
        rows = list(csv.DictReader(file))
    assert [(row['method'], row['image']) for row in rows] == [
        *(('ours', 'ü'), ('ours', 'b'), ('theirs', 'ü'), ('theirs', 'b'))
    ]
    assert list(rows[0]) == ['method', 'image', 'EI', 'RMSE']
    for words in ('RMSE ↓', 'std of seeds', 'wins', 'mean rank', "theirs less the row's method"):
        assert words in result.log


def test_which_protocol_a_table_follows(run, fused, tmp_path):
    (tmp_path / 't.csv').write_text('method,EN,SD\naverage,1,9.9\n')
    result = run('--fused', *fused, '--which', tmp_path / 't.csv', '--names', 'a', 'b')
    assert result.error is None
    assert re.search(r'SD .* average .* 9\.9 ', result.log)
    for words in (['--out', 'r.md'], ['--protocol', 'vifb'], ['--against', 'average']):
        result = run('--fused', *fused, '--which', tmp_path / 't.csv', *words)
        assert (result.status, f'leave out {words[0]}' in result.error) == (2, True)


def test_digits(run, fused, tmp_path):
    result = run('--fused', *fused, '--metrics', 'EN', '--digits', '1', '--out', tmp_path / 'r.md')
    for text in (result.log, (tmp_path / 'r.md').read_text()):
        assert re.search(r'\b\d\.\d (\(1\)|\|)|\*\*\d\.\d\*\*', text)
        assert not re.search(r'\d\.\d\d+ \(', text)
    assert "'-1' is not 0 to 15" in run('--fused', *fused, '--digits', '-1').error


def test_pairs_of_a_standard_list_that_are_missing_are_named(run, fused, tmp_path):
    for file in tmp_path.glob('*/a.png'):
        file.rename(file.with_stem('02'))
    result = run('--fused', *fused, '--metrics', 'EN', '--split', 'tno25')
    assert result.status == 1
    missing = ', '.join(f'{number:02}' for number in (1, *range(3, 26)))
    for folder in ('vis', 'ir', 'average', 'maximum'):
        assert f'{tmp_path / folder} has no {missing}' in result.error


@pytest.mark.parametrize(
    ('option', 'name'),
    [('--out', 'split.csv'), ('--plot', 'average/a.png'), ('--grid', 'ir/b.png')],
)
def test_nothing_that_is_read_is_written(run, fused, tmp_path, option, name):
    (tmp_path / 'split.csv').write_text('a\n')  # b is not measured, and stays, too
    before = (tmp_path / name).read_bytes()
    words = '--metrics', 'EN', '--split', tmp_path / 'split.csv', option, tmp_path / name
    result = run('--fused', fused[0], *words)
    assert result.status == 1
    assert f'{name}: holds input; choose another place' in result.error
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize('end', ['latin-1', 'ascii', 'closed'])
def test_results_are_written_whatever_the_terminal_shows(command, pairs, fused, tmp_path, end):
    out = tmp_path / 'r.csv'
    words = ['--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir', '--fused', *fused, '--out', out]
    line = 'import sys; from bffr.__main__ import main; main()'
    if end == 'closed':
        line = f'import os; r, w = os.pipe(); os.close(r); os.dup2(w, 1); {line}'
    else:
        line = f'import sys; sys.stdout.reconfigure(encoding="{end}", errors="strict"); {line}'
    run = command('-c', line, 'eval', *words, '--metrics', 'EN')
    assert len(out.read_text().splitlines()) == 1 + 6
    if end != 'closed':
        assert run.returncode == 0
        assert 'EN ?' in run.stdout


def test_folders_and_methods_with_commas(run, fused, tmp_path):
    (tmp_path / 'average').rename(tmp_path / 'a,b')
    words = '--metrics', 'EN', '--out', tmp_path / 'r.csv'
    assert run('--fused', f'x,y={tmp_path}/a,b', fused[1], *words).error is None
    assert (tmp_path / 'r.csv').read_text().splitlines()[1].startswith('"x,y",a,')


@pytest.mark.parametrize(
    'words', [('--out', 'r.csv', 'r_summary.csv'), ('--out', 'r.md', 'r.md'),
              ('--plot', 'a.png', '--grid', './a.png')],
)  # fmt: skip
def test_no_file_is_written_twice(run, fused, tmp_path, monkeypatch, words):
    result = run('--fused', fused[0], *words)
    assert result.status == 2
    assert 'would be written twice; name each file once' in result.error


def test_a_place_that_cannot_be_written_is_told_before_anything_is_computed(
    run, fused, tmp_path, monkeypatch
):
    monkeypatch.setattr('bffr.evaluation.evaluate_folders', None)
    (tmp_path / 'file').touch()
    for place in ('file/r.csv', 'vis'):
        suffix = '.png' if place == 'vis' else ''
        (tmp_path / 'vis.png').mkdir(exist_ok=True)
        option = '--plot' if suffix else '--out'
        result = run('--fused', *fused, option, tmp_path / f'{place}{suffix}')
        assert result.status == 1
        assert result.error.endswith('cannot be written; choose another place for results.')


def test_masks_are_not_written_over(run, fused, tmp_path):
    write_png(tmp_path / 'masks/a.png', np.zeros((48, 64), np.uint8))
    words = '--targets', tmp_path / 'masks', '--plot', tmp_path / 'masks/a.png'
    assert 'masks/a.png: holds input' in run('--fused', *fused, *words).error


def test_masks_of_no_image(run, fused, tmp_path):
    write_png(tmp_path / 'masks/z.png', np.zeros((48, 64), np.uint8))
    result = run('--fused', *fused, '--targets', tmp_path / 'masks')
    assert result.error.endswith('has no mask with the name of an image; correct --targets.')
    cv2.imwrite(str(tmp_path / 'masks/a.JPG'), np.zeros((48, 64), np.uint8))
    result = run('--fused', *fused, '--targets', tmp_path / 'masks')
    assert 'masks/a.JPG: is a JPEG, so noise would be targets' in result.error


def test_mistakes_in_folders(run, fused, tmp_path):
    result = run('--ir', tmp_path / 'vis', '--fused', *fused)
    assert 'vis: is given as visible and as infrared' in result.error
    (tmp_path / 'average/a.png').unlink()
    result = run('--fused', *fused, '--metrics', 'EN')
    assert result.status == 1
    assert 'average has no a' in result.error


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['--fused', 'average'], "'average' is not NAME=DIR"),
        (['--fused', 'a=average', '--zoom', '1,2,3'], "'1,2,3' is not x,y,w,h in pixels"),
        (['--fused', 'a=average', '--against', 'b'], '--against b: --fused has no method of that'),
        (['--fused', 'a=average', '--images', 'a'], '--images and --zoom need --grid'),
        (['--fused', 'Visible=average', '--grid', 'g.png'], "'Visible' is given twice"),
        (['--fused', 'a=average', '--out', 'r.xls'], 'r.xls: results are written as one of'),
        (['--fused', 'a=average', '--plot', 'p.xyz'], 'p.xyz: figures are written as one of'),
    ],
)
def test_wrong_arguments(run, tmp_path, words, sentence):
    words = [word.replace('=', f'={tmp_path}/') for word in words]
    result = run(*words)
    assert result.status == (1 if '.x' in words[-1] else 2)
    assert sentence in result.error


def test_all_protocols_can_be_chosen():
    (choices,) = (a.choices for a in make_parser()._actions if '--protocol' in a.option_strings)
    assert choices == [*PROTOCOLS]

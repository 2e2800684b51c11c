import csv
import json
import math

import cv2
import numpy as np
import pytest

from mmseg_bffr.errors import InputError
from mmseg_bffr.evaluation import (
    Entry,
    Score,
    evaluate_folders,
    evaluate_images,
    find_triples,
    format_latex,
    format_markdown,
    format_text,
    read_triple,
    summarize,
    write_results,
)
from mmseg_bffr.visualization import draw_folders, plot_scores


def methods(folder):
    return {name: folder / name for name in ('average', 'maximum')}


def columns(folder):
    return {'Visible': folder / 'vis', 'Infrared': folder / 'ir', **methods(folder)}


@pytest.fixture
def scores():
    values = {'b_1': (7, 0.2), 'c': (6, 0.1), 'a': (5, 0.3)}
    return [
        Score(method, image, {'EN': en + shift, 'MSE': mse})
        for method, (en, mse) in values.items()
        for image, shift in (('x', -0.5), ('y', 0.5))
    ]


def test_evaluation_of_folders(folders):
    args = folders / 'vis', folders / 'ir', methods(folders), ['EN', 'MSE', 'Qabf']
    scores = evaluate_folders(*args)
    order = [(method, stem) for method in ('average', 'maximum') for stem in ('a', 'b', 'ü')]
    assert [(score.method, score.image) for score in scores] == order
    triple = find_triples(*args[:3])[4]
    assert scores[4].values == evaluate_images(*read_triple(triple), ['EN', 'MSE', 'Qabf'])
    assert evaluate_folders(*args, workers=2) == scores


def test_colour_is_compared_on_luma(folders):
    colour = np.random.default_rng(0).integers(0, 256, (192, 200, 3), dtype=np.uint8)
    cv2.imwrite(str(folders / 'average' / 'a.png'), colour)
    fused = read_triple(find_triples(folders / 'vis', folders / 'ir', methods(folders))[0])[0]
    np.testing.assert_allclose(fused, colour @ [0.114, 0.587, 0.299], atol=0.51)


def test_all_missing_counterparts_are_named(folders):
    (folders / 'ir' / 'a.png').unlink()
    (folders / 'ir' / 'ü.png').unlink()
    (folders / 'maximum' / 'b.png').unlink()
    (folders / 'average' / 'extra.png').write_bytes((folders / 'average' / 'a.png').read_bytes())
    with pytest.raises(InputError) as error:
        find_triples(folders / 'vis', folders / 'ir', methods(folders))
    for text in ('vis has no extra', 'ir has no a, extra, ü', 'maximum has no b, extra'):
        assert text in str(error.value)
    assert 'average has no' not in str(error.value)


def test_other_mistakes_in_folders(folders):
    with pytest.raises(InputError, match='nowhere'):
        find_triples(folders / 'vis', folders / 'nowhere', methods(folders))
    (folders / 'empty').mkdir()
    empty = folders / 'empty'
    with pytest.raises(InputError, match='empty'):
        find_triples(empty, empty, {'none': empty})


def test_sizes_that_differ(folders):
    cv2.imwrite(str(folders / 'maximum' / 'b.png'), np.zeros((50, 60), np.uint8))
    with pytest.raises(InputError, match=r'maximum/b\.png: is 60x50, but .*vis/b\.jpg is 200x192'):
        evaluate_folders(folders / 'vis', folders / 'ir', methods(folders), ['EN'], workers=2)


def test_file_that_is_no_image(folders):
    (folders / 'maximum' / 'b.png').write_text('no image')
    with pytest.raises(InputError, match=r'maximum/b\.png'):
        evaluate_folders(folders / 'vis', folders / 'ir', methods(folders), ['EN'])


def test_summary(scores):
    assert summarize(scores) == {
        'b_1': {'EN': Entry(7, 1), 'MSE': Entry(0.2, 2)},
        'c': {'EN': Entry(6, 2), 'MSE': Entry(0.1, 1)},
        'a': {'EN': Entry(5, 3), 'MSE': Entry(0.3, 3)},
    }


def test_equal_means_share_a_rank():
    scores = [Score(method, 'x', {'EN': en}) for method, en in (('a', 1), ('b', 2), ('c', 2))]
    ranks = {method: entries['EN'].rank for method, entries in summarize(scores).items()}
    assert ranks == {'a': 3, 'b': 1, 'c': 1}


def test_one_method_has_no_rank():
    assert summarize([Score('a', 'x', {'EN': 2.0})]) == {'a': {'EN': Entry(2.0, None)}}


def test_undefined_values(tmp_path, logged):
    scores = [
        Score('a', 'x', {'CC': math.nan, 'PSNR': math.inf}),
        Score('a', 'y', {'CC': 0.5, 'PSNR': math.inf}),
        Score('b', 'x', {'CC': 0.25, 'PSNR': 9.0}),
        Score('b', 'y', {'CC': 0.75, 'PSNR': 9.0}),
    ]
    summary = summarize(scores)
    out = ''.join(logged)
    assert 'CC is undefined for 1 of 2 images of a' in out
    assert 'PSNR is undefined for 2 of 2 images of a' in out
    assert summary['a'] == {'CC': Entry(0.5, 1), 'PSNR': Entry(None, None)}
    for suffix in ('csv', 'json', 'md', 'tex'):
        write_results(tmp_path / f'r.{suffix}', scores, summary)
    texts = [path.read_text() for path in tmp_path.iterdir()] + [format_text(summary)]
    assert len(texts) == 6
    assert not any('nan' in text.lower() or 'inf' in text.lower() for text in texts)
    assert (tmp_path / 'r.csv').read_text().splitlines()[1] == 'a,x,,'
    assert ' & - ' in (tmp_path / 'r.tex').read_text()


def test_written_files(tmp_path, scores):
    summary = summarize(scores)
    for suffix in ('csv', 'JSON'):
        write_results(tmp_path / 'deep' / f'r.{suffix}', scores, summary)
    rows = list(csv.DictReader((tmp_path / 'deep' / 'r.csv').open()))
    assert rows[0] == {'method': 'b_1', 'image': 'x', 'EN': '6.5', 'MSE': '0.2'}
    assert len(rows) == 6
    rows = list(csv.DictReader((tmp_path / 'deep' / 'r_summary.csv').open()))
    assert rows[1] == {'method': 'c', 'EN': '6.0', 'EN_rank': '2', 'MSE': '0.1', 'MSE_rank': '1'}
    content = json.loads((tmp_path / 'deep' / 'r.JSON').read_text())
    assert content['summary']['a']['EN'] == {'mean': 5.0, 'rank': 3}
    assert content['images'][0] == {'method': 'b_1', 'image': 'x', 'EN': 6.5, 'MSE': 0.2}
    assert content['better'] == {'EN': 'higher', 'MSE': 'lower'}
    with pytest.raises(InputError, match=r'r\.xlsx'):
        write_results(tmp_path / 'r.xlsx', scores, summary)


def test_markdown_and_latex_mark_the_best_two(scores):
    summary = summarize(scores)
    lines = format_markdown(summary).splitlines()
    assert [cell.strip() for cell in lines[0].split('|')[1:-1]] == ['method', 'EN ↑', 'MSE ↓']
    cells = [cell.strip() for cell in lines[2].split('|')[1:-1]]
    assert cells == ['b_1', '**7.0000** (1)', '<u>0.2000</u> (2)']
    latex = format_latex(summary)
    assert r'b\_1 & \textbf{7.0000}$_{(1)}$ & \underline{0.2000}$_{(2)}$ \\' in latex
    assert r'a & 5.0000$_{(3)}$ & 0.3000$_{(3)}$ \\' in latex
    assert r'EN $\uparrow$ & MSE $\downarrow$' in latex


def test_figures(folders):
    args = folders / 'vis', folders / 'ir', methods(folders)
    plot_scores(folders / 'p.png', evaluate_folders(*args, ['EN', 'MSE', 'SD', 'SF', 'AG']))
    draw_folders(folders / 'g.png', columns(folders), stems=['a', 'ü'], regions=[(10, 20, 40, 30)])
    grid = cv2.imread(str(folders / 'g.png'))
    assert grid.shape[1] > 4 * 200
    red = (grid[..., 2] > 200) & (grid[..., 1] < 60) & (grid[..., 0] < 60)
    assert red.sum() > 1000
    assert cv2.imread(str(folders / 'p.png')).std() > 0


@pytest.mark.parametrize(
    ('file', 'images', 'regions', 'message'),
    [
        ('g.png', ['z'], [], r'vis: has no image .* z;.*maximum: has no image .* z'),
        ('g.png', ['a'], [(190, 0, 20, 20)], r'190,0,20,20 is not inside a \(200x192\)'),
        ('g.png', ['a'], [(0, 0, 9, 9)] * 2, '2 regions for 1 images'),
        ('g.xyz', ['a'], [], r'g\.xyz'),
    ],
)
def test_mistakes_in_figures(folders, file, images, regions, message):
    with pytest.raises(InputError, match=message):
        draw_folders(folders / file, columns(folders), stems=images, regions=regions)

import csv
import json
import math
import re

import cv2
import numpy as np
import pytest

import bffr
from bffr import __version__
from bffr.errors import InputError
from bffr.evaluation import (
    Entry,
    Score,
    evaluate_folders,
    evaluate_images,
    find_triples,
    format_latex,
    format_markdown,
    format_text,
    mean_rank,
    read_triple,
    summarize,
    write_results,
)
from bffr.fusing.fuse_files import fuse_files
from bffr.images.thermal import InfraredScale


def methods(folder):
    return {name: [folder / name] for name in ('average', 'maximum')}


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
    threads = cv2.getNumThreads()
    assert evaluate_folders(*args, workers=3) == scores
    assert cv2.getNumThreads() == threads


def test_raw_infrared_is_read_as_it_was_fused(folders):
    before = {}
    for file in (folders / 'ir').iterdir():
        before[file] = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(file), 20000 + 8 * before[file].astype(np.uint16))
    fuse_files(bffr.load('average'), folders / 'vis', folders / 'ir', folders / 'mine')
    [low, high] = json.loads((folders / 'mine/infrared.json').read_text())['ranges']['all']
    args = folders / 'vis', folders / 'ir', {'mine': [folders / 'mine']}, ['MSE', 'Qabf']
    raw = evaluate_folders(*args)
    assert evaluate_folders(*args, infrared=InfraredScale(range=(low, high))) == raw
    for file, image in before.items():
        scaled = (20000 + 8.0 * image - low) * 255 / (high - low)
        cv2.imwrite(str(file), scaled.clip(0, 255).round().astype(np.uint8))
    for score, of_8_bit in zip(raw, evaluate_folders(*args), strict=True):
        assert score.values == pytest.approx(of_8_bit.values, rel=1e-3)


def test_images_that_the_zoo_was_trained_on(folders, caplog):
    args = folders / 'vis', folders / 'ir', methods(folders), ['EN']
    evaluate_folders(*args)
    assert not caplog.text
    for file in [*folders.glob('*/a.*')]:
        file.rename(file.with_stem('00004N'))
    evaluate_folders(*args)
    assert '1 of 3 images have names that content-s-2026-12, ' in caplog.text
    assert 'were trained on (00004N): do not compare' in caplog.text
    caplog.clear()
    evaluate_folders(*args, names=['b'])
    assert not caplog.text


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
        find_triples(empty, empty, {'none': [empty]})


def test_sizes_that_differ(folders):
    cv2.imwrite(str(folders / 'maximum' / 'b.png'), np.zeros((50, 60), np.uint8))
    with pytest.raises(InputError, match=r'maximum/b\.png: is 60x50, but .*vis/b\.jpg is 200x192'):
        evaluate_folders(folders / 'vis', folders / 'ir', methods(folders), ['EN'], workers=2)


def test_file_that_is_no_image(folders):
    (folders / 'maximum' / 'b.png').write_text('no image')
    with pytest.raises(InputError, match=r'maximum/b\.png'):
        evaluate_folders(folders / 'vis', folders / 'ir', methods(folders), ['EN'])


def test_seeds_and_names(folders):
    seeds = {'both': [folders / 'average', folders / 'maximum'], 'average': [folders / 'average']}
    scores = evaluate_folders(folders / 'vis', folders / 'ir', seeds, ['EN'], names=['ü', 'a'])
    places = [(score.method, score.seed, score.image) for score in scores]
    assert places == [
        (method, seed, image)
        for method, seed in (('both', 0), ('both', 1), ('average', 0))
        for image in ('ü', 'a')
    ]
    assert scores[0].values == scores[4].values != scores[2].values
    with pytest.raises(InputError, match=r'vis has no z; .*maximum has no z'):
        find_triples(folders / 'vis', folders / 'ir', seeds, ['a', 'z'])


@pytest.mark.parametrize('protocol', ['project', 'vifb'])
def test_raw_infrared_is_scaled(folders, protocol):
    args = folders / 'vis', folders / 'ir', methods(folders), ['EN', 'Qabf', 'SSIM'], protocol
    for fused in folders.glob('*/a.png'):
        if fused.parent.name != 'ir':
            cv2.imwrite(str(fused), cv2.imread(str(fused)))  # in colour
    path = folders / 'ir' / 'a.png'
    raw = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.uint16) * 5 + 7000
    cv2.imwrite(str(path), InfraredScale()(raw)[0])
    expected = evaluate_folders(*args)
    cv2.imwrite(str(path), raw)
    assert evaluate_folders(*args) == expected


@pytest.mark.parametrize('value', [256, -1, math.nan])
def test_values_out_of_range(value):
    image = np.full((20, 20), 7.0)
    wrong = np.where(np.eye(20, dtype=bool), value, image)
    with pytest.raises(InputError, match=r'values other than 0\.\.255, or NaN'):
        evaluate_images(wrong, image, image, ['EN'])


def test_colours_are_read_for_vifb_alone(folders):
    colour = np.random.default_rng(0).integers(0, 256, (192, 200, 3), dtype=np.uint8)
    cv2.imwrite(str(folders / 'average' / 'a.png'), colour)
    in_colour, grey = find_triples(folders / 'vis', folders / 'ir', methods(folders))[:2]
    images = read_triple(in_colour, colour=True)
    np.testing.assert_array_equal(images[0], colour)
    assert [image.shape for image in images] == [(192, 200, 3)] * 3
    assert [image.ndim for image in read_triple(grey, colour=True)] == [2, 2, 2]
    args = folders / 'vis', folders / 'ir', methods(folders), ['EN', 'SF']
    score = evaluate_folders(*args, protocol='vifb')[0]
    assert score.values == evaluate_images(*images, ['EN', 'SF'], 'vifb')


def brief(summary):
    return {
        method: {metric: (entry.mean, entry.rank) for metric, entry in entries.items()}
        for method, entries in summary.items()
    }


def test_means_and_ranks(scores):
    assert brief(summarize(scores)) == {
        'b_1': {'EN': (7, 1), 'MSE': (0.2, 2)},
        'c': {'EN': (6, 2), 'MSE': (0.1, 1)},
        'a': {'EN': (5, 3), 'MSE': (0.3, 3)},
    }


def test_spread_of_images_and_seeds():
    values = {'one': [[1.0, 2, 6]], 'two': [[1.0, 2, 6], [3, 2, 10]]}
    scores = [
        Score(method, str(image), {'EN': value}, seed)
        for method, table in values.items()
        for seed, row in enumerate(table)
        for image, value in enumerate(row)
    ]
    one, two = (entries['EN'] for entries in summarize(scores, 'one').values())
    assert (one.mean, one.seed_std, one.difference) == (3, None, None)
    assert one.std == pytest.approx(math.sqrt(7))
    assert (two.mean, two.wins, two.pairs) == (4, 0, 3)
    assert two.std == pytest.approx(np.std([2, 2, 8], ddof=1))
    assert two.seed_std == pytest.approx(math.sqrt(2))
    assert two.difference == -1
    assert two.p == two.p_holm == 0.5  # of 1, 0 and 2 of one sign


def test_intervals_against_the_theory_of_normal_values():
    """For many normal values, the bootstrap interval is mean +- 1.96 deviations of the mean."""
    generator = np.random.default_rng(1)
    image, noise, other = generator.normal(0, [[3.0], [1.0], [1.0]], (3, 400))
    values = {'theirs': image + other, 'ours': image + noise + 0.5}
    scores = [
        Score(method, str(number), {'EN': value, 'MSE': -value})
        for method, row in values.items()
        for number, value in enumerate(row)
    ]
    entry = summarize(scores)['ours']['EN']
    half = 1.96 * values['ours'].std(ddof=1) / 20
    assert entry.low == pytest.approx(entry.mean - half, abs=0.1 * half)
    assert entry.high == pytest.approx(entry.mean + half, abs=0.1 * half)
    entry = summarize(scores, 'ours')['theirs']['EN']
    differences = values['ours'] - values['theirs']
    half = 1.96 * differences.std(ddof=1) / 20
    assert entry.difference_low == pytest.approx(differences.mean() - half, abs=0.1 * half)
    assert entry.difference_high == pytest.approx(differences.mean() + half, abs=0.1 * half)
    assert entry.wins == (differences > 0).sum()
    assert 0 < entry.p < 1e-6
    assert entry.p_holm == 2 * entry.p
    lower_is_better = summarize(scores, 'ours')['theirs']['MSE']
    assert lower_is_better.wins == entry.wins
    assert lower_is_better.difference == pytest.approx(-entry.difference)


def test_seeds_widen_the_interval():
    tables = {'same': [[1, 2, 3], [1, 2, 3]], 'other': [[0, 1, 2], [2, 3, 4]]}
    scores = [
        Score(method, str(image), {'EN': float(value)}, seed)
        for method, table in tables.items()
        for seed, row in enumerate(table)
        for image, value in enumerate(row)
    ]
    same, other = (entries['EN'] for entries in summarize(scores, 'same').values())
    assert other.low < same.low < same.mean == other.mean < same.high < other.high
    assert (other.difference_low, other.difference_high) == pytest.approx((-1, 1))


def test_mean_rank(scores):
    summary = summarize(scores)
    assert [mean_rank(entries) for entries in summary.values()] == [1.5, 1.5, 3]
    assert mean_rank(summarize(scores[:2])['b_1']) is None
    last = format_text(summary).splitlines()[-2]
    assert [cell.strip() for cell in last.split('|')[1:-1]] == ['mean rank', '1.50', '1.50', '3.00']


def test_equal_means_share_a_rank():
    scores = [Score(method, 'x', {'EN': en}) for method, en in (('a', 1), ('b', 2), ('c', 2))]
    ranks = {method: entries['EN'].rank for method, entries in summarize(scores).items()}
    assert ranks == {'a': 3, 'b': 1, 'c': 1}


def test_one_method_has_no_rank():
    assert summarize([Score('a', 'x', {'EN': 2.0})]) == {'a': {'EN': Entry(mean=2.0)}}


def test_one_image_has_no_interval(tmp_path):
    scores = [Score(method, 'x', {'EN': 2.0 + n}, n) for method in 'ab' for n in range(2)]
    entry = summarize(scores, 'b')['a']['EN']
    assert (entry.mean, entry.pairs, entry.difference) == (2.5, 1, 0)
    assert {entry.low, entry.high, entry.difference_low, entry.difference_high} == {None}
    for suffix in ('csv', 'json', 'md', 'tex'):
        write_results(tmp_path / f'r.{suffix}', scores, summarize(scores, 'b'))
    assert 'interval' not in (tmp_path / 'r.md').read_text()


def test_undefined_values(tmp_path, caplog):
    scores = [
        Score('a', 'x', {'CC': math.nan, 'PSNR': math.inf}),
        Score('a', 'y', {'CC': 0.5, 'PSNR': math.inf}),
        Score('b', 'x', {'CC': 0.25, 'PSNR': 9.0}),
        Score('b', 'y', {'CC': 0.75, 'PSNR': 9.0}),
    ]
    summary = summarize(scores, 'b')
    out = caplog.text
    assert 'CC is undefined for 1 of 2 images of a' in out
    assert 'PSNR is undefined for 2 of 2 images of a' in out
    assert brief(summary)['a'] == {'CC': (0.5, 1), 'PSNR': (None, None)}
    assert (summary['a']['CC'].difference, summary['a']['CC'].wins) == (0.25, 1)
    assert summary['a']['PSNR'] == Entry(wins=0, pairs=0)
    for suffix in ('csv', 'json', 'md', 'tex'):
        write_results(tmp_path / f'r.{suffix}', scores, summary)
    texts = [path.read_text() for path in tmp_path.iterdir()] + [format_text(summary)]
    assert len(texts) == 6
    assert not any('nan' in text.lower() or 'inf' in text.lower() for text in texts)
    assert (tmp_path / 'r.csv').read_text().splitlines()[1] == 'a,x,,'
    assert ' & - ' in (tmp_path / 'r.tex').read_text()


def test_seeds_are_one_row_an_image(tmp_path):
    scores = [Score('a', 'x', {'EN': 1.0}, 0), Score('a', 'x', {'EN': 4.0}, 1)]
    write_results(tmp_path / 'r.csv', scores, summarize(scores))
    assert (tmp_path / 'r.csv').read_text() == 'method,image,EN\na,x,2.5\n'


def test_written_files(tmp_path, scores):
    summary = summarize(scores)
    for suffix in ('csv', 'JSON'):
        write_results(tmp_path / 'deep' / f'r.{suffix}', scores, summary)
    rows = list(csv.DictReader((tmp_path / 'deep' / 'r.csv').open()))
    assert rows[0] == {'method': 'b_1', 'image': 'x', 'EN': '6.5', 'MSE': '0.2'}
    assert len(rows) == 6
    rows = list(csv.DictReader((tmp_path / 'deep' / 'r_summary.csv').open()))
    row = {key: value for key, value in rows[3].items() if value}
    assert (row.pop('low'), row.pop('high')) == ('0.1', '0.1')
    expected = {'method': 'c', 'metric': 'MSE', 'mean': '0.1', 'std': '0.0', 'rank': '1'}
    assert row.items() >= expected.items()
    content = json.loads((tmp_path / 'deep' / 'r.JSON').read_text())
    assert content['summary']['a']['EN'] == vars(summary['a']['EN'])
    assert content['mean_rank'] == {'b_1': 1.5, 'c': 1.5, 'a': 3}
    assert content['images'][0] == {'method': 'b_1', 'seed': 0, 'image': 'x', 'EN': 6.5, 'MSE': 0.2}
    assert content['better'] == {'EN': 'higher', 'MSE': 'lower'}
    with pytest.raises(InputError, match=r'r\.xlsx'):
        write_results(tmp_path / 'r.xlsx', scores, summary)


def test_markdown_and_latex_mark_the_best_two(scores):
    summary = summarize(scores)
    lines = format_markdown(summary).splitlines()
    cells = [[cell.strip() for cell in line.split('|')[1:-1]] for line in lines]
    assert cells[0] == ['method', 'EN ↑', 'MSE ↓', 'mean rank']
    assert cells[2] == ['b_1', '**7.0000** (1)', '<u>0.2000</u> (2)', '1.50']
    assert cells[6] == ['method', 'metric', 'mean', 'std', 'interval']
    assert cells[8][:4] == ['b_1', 'EN ↑', '7.0000', '0.7071']
    latex = format_latex(summary)
    assert r'b\_1 & \textbf{7.0000}$_{(1)}$ & \underline{0.2000}$_{(2)}$ & 1.50 \\' in latex
    assert r'a & 5.0000$_{(3)}$ & 0.3000$_{(3)}$ & 3.00 \\' in latex
    assert r'EN $\uparrow$ & MSE $\downarrow$' in latex


NAMES = r'a|b\c', 'x^2', 'y~1, z', '50%_*', '<b>'


def test_names_of_methods_are_shown_as_they_are(tmp_path):
    scores = [
        Score(name, image, {'EN': float(n)}) for n, name in enumerate(NAMES) for image in 'xy'
    ]
    scores += [Score(NAMES[0], 'not \udcff Unicode', {'EN': 1.0})]
    summary = summarize(scores)
    for suffix in ('csv', 'json', 'md', 'tex'):
        write_results(tmp_path / f'r.{suffix}', scores, summary)
    with open(tmp_path / 'r_summary.csv', newline='') as file:
        assert [row['method'] for row in csv.DictReader(file)] == [*NAMES]
    assert [*json.loads((tmp_path / 'r.json').read_text())['summary']] == [*NAMES]
    rows = (tmp_path / 'r.md').read_text().splitlines()[4:9]
    cells = [re.split(r'(?<!\\) \| ', row[2:])[0].strip() for row in rows]
    assert tuple(re.sub(r'\\(.)', r'\1', cell) for cell in cells) == NAMES
    assert all(re.search(r'(?<!\\)(\\\\)*[|*~<]', cell) is None for cell in cells)
    shown = [row.split(' & ')[0] for row in (tmp_path / 'r.tex').read_text().splitlines()[7:12]]
    assert shown == [
        r'a\textbar{}b\textbackslash{}c', r'x\textasciicircum{}2', r'y\textasciitilde{}1, z',
        r'50\%\_*', r'\textless{}b\textgreater{}',
    ]  # fmt: skip


def test_every_format_names_protocol_images_and_version(tmp_path, capsys):
    scores = [Score('a', image, {'EN': 1.0}) for image in 'xyz']
    for suffix in ('csv', 'json', 'md', 'tex'):
        write_results(tmp_path / f'r.{suffix}', scores, summarize(scores), 'vifb')
    sentence = f'Protocol vifb, 3 images, bffr {__version__}.'
    assert (tmp_path / 'r.md').read_text().startswith(f'{sentence}\n\n')
    assert (tmp_path / 'r.tex').read_text().count(rf'\caption{{{sentence}}}') == 2
    source = {'protocol': 'vifb', 'images': 3, 'version': __version__}
    assert json.loads((tmp_path / 'r.json').read_text())['source'] == source
    (row,) = csv.DictReader((tmp_path / 'r_summary.csv').read_text().splitlines())
    assert {name: row[name] for name in source} == {k: str(v) for k, v in source.items()}


def test_tables_say_whose_differences_they_have_and_how_exactly(tmp_path):
    scores = [
        Score(method, image, {'EN': value + n / 3})
        for method, value in (('<mine>', 2), ('other', 1))
        for n, image in enumerate('xyz')
    ]
    for suffix in ('csv', 'json', 'md', 'tex'):
        how = 'project', '<mine>', 2
        write_results(tmp_path / f'r.{suffix}', scores, summarize(scores, '<mine>'), *how)
    sentence = "Difference: <mine> less the row's method; wins: images on which <mine> is better."
    assert sentence.replace('<', r'\<') in (tmp_path / 'r.md').read_text()
    latex = sentence.replace('<', r'\textless{}').replace('>', r'\textgreater{}')
    assert latex in (tmp_path / 'r.tex').read_text()
    assert json.loads((tmp_path / 'r.json').read_text())['source']['against'] == '<mine>'
    _, row = csv.DictReader((tmp_path / 'r_summary.csv').read_text().splitlines())
    assert (row['against'], row['difference'], row['wins']) == ('<mine>', '1.0', '3')
    assert float(row['mean']) == 4 / 3  # all digits
    (line,) = re.findall('^. other .*EN.*', (tmp_path / 'r.md').read_text(), re.MULTILINE)
    cells = [cell.strip() for cell in line.split('|')[1:-1]]
    assert cells[2:] == [
        *('1.33', '0.33', '[1.00, 1.67]', '1.00', '[1.00, 1.00]', '0.25', '0.25', '3/3')
    ]

import csv
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / 'tools' / 'eval'


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, TOOL, '--vis', folder / 'vis', '--ir', folder / 'ir', *arguments],
        capture_output=True, text=True, cwd=folder, env=os.environ | {'PYTHONPATH': str(ROOT)},
    )  # fmt: skip


def test_tables_and_figures(folders):
    result = run(
        folders, '--fused', 'average=average', 'maximum=maximum', '--metrics', 'EN', 'SSIM', 'MSE',
        '--out', 'r.csv', 'r.json', 'r.md', 'r.tex', '--workers', '2',
        '--plot', 'p.png', '--grid', 'g.png', '--zoom', '10,20,40,30', '--images', 'ü', 'a',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert 'SSIM ↑' in result.stdout
    rows = list(csv.DictReader((folders / 'r.csv').open()))
    assert [row['image'] for row in rows] == ['a', 'b', 'ü'] * 2
    assert list(rows[0]) == ['method', 'image', 'EN', 'SSIM', 'MSE']
    for name in ('r_summary.csv', 'r.json', 'r.md', 'r.tex', 'p.png', 'g.png'):
        assert (folders / name).stat().st_size > 0


def test_subset_seeds_and_comparison(folders):
    (folders / 'split.txt').write_text('ü\nb\n')
    result = run(
        folders, '--fused', 'ours=average,maximum', 'theirs=average', '--protocol', 'vifb',
        '--metrics', 'EI', 'RMSE', '--split', 'split.txt', '--against', 'theirs', '--out', 'r.csv',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader((folders / 'r.csv').open()))
    assert [(row['method'], row['image']) for row in rows] == [
        ('ours', 'ü'), ('ours', 'b'), ('theirs', 'ü'), ('theirs', 'b'),
    ]  # fmt: skip
    assert list(rows[0]) == ['method', 'image', 'EI', 'RMSE']
    for words in ('RMSE ↓', 'std of seeds', 'wins', 'mean rank'):
        assert words in result.stdout


def test_nothing_that_is_read_is_written(folders):
    (folders / 'split.csv').write_text('a\nb\n')
    for option, name in (
        ('--out', 'split.csv'),
        ('--plot', 'average/a.png'),
        ('--grid', 'ir/b.png'),
    ):
        before = (folders / name).read_bytes()
        words = '--fused', 'average=average', '--metrics', 'EN', '--split', 'split.csv'
        result = run(folders, *words, option, name)
        assert result.returncode == 1
        assert f'{name}: holds input; choose another place' in result.stderr
        assert (folders / name).read_bytes() == before
    result = run(folders, '--ir', folders / 'vis', '--fused', 'average=average')
    assert 'vis: is given as visible and as infrared' in result.stderr


def test_a_missing_counterpart_is_one_sentence(folders):
    (folders / 'average' / 'a.png').unlink()
    result = run(folders, '--fused', 'average=average', '--metrics', 'EN')
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith('error: ')
    assert 'average has no a' in result.stderr
    assert 'Traceback' not in result.stderr


def test_wrong_arguments(folders):
    for arguments in (['--fused', 'average'], ['--fused', 'a=average', '--zoom', '1,2,3']):
        result = run(folders, *arguments)
        assert result.returncode == 2
        assert arguments[-1] in result.stderr
    result = run(folders, '--fused', 'a=average', '--against', 'b')
    assert result.returncode == 2
    assert '--against b: --fused has no method of that name' in result.stderr
    result = run(folders, '--fused', 'Visible=average', '--grid', 'g.png')
    assert result.returncode == 2
    assert "'Visible' is given twice" in result.stderr

"""What the config says is what runs, unless a flag was given, and then the log says so."""

import json

import pytest

from .process import log, train
from .states import losses

OPTIONS = ('train_cfg.max_iters=3', 'default_hooks.checkpoint.interval=1')


@pytest.fixture
def two_iterations(tiny_configs, tmp_path):
    arguments = {'no_validate': True, 'seed': 1}
    options = ('train_cfg.max_iters=2', OPTIONS[1])
    assert train(tiny_configs[0], tmp_path, cfg_options=options, **arguments) == 0
    return tmp_path


def go_on(config, folder, *options, **arguments):
    assert train(config, folder, no_validate=True, cfg_options=OPTIONS + options, **arguments) == 0


def record(folder):
    return json.loads(max(folder.glob('*/run.json')).read_text())


@pytest.mark.parametrize('which', [None, 'iter_1.pth'])
def test_resume(tiny_configs, two_iterations, which):
    before = (two_iterations / 'iter_1.pth').stat().st_mtime_ns
    from_file = () if which is None else (f'load_from={two_iterations / which}',)
    go_on(tiny_configs[0], two_iterations, 'resume=True', *from_file)
    assert f'resumed epoch: 0, iter: {1 if which else 2}' in log(two_iterations)
    assert (two_iterations / 'iter_1.pth').stat().st_mtime_ns == before
    assert list(losses(two_iterations)) == [1, 2, 3]
    assert record(two_iterations)['seed'] == 1


def test_resume_in_an_empty_work_dir_starts_anew(tiny_configs, tmp_path):
    go_on(tiny_configs[0], tmp_path, 'resume=True')
    assert 'resumed epoch' not in log(tmp_path)
    assert list(losses(tmp_path)) == [1, 2, 3]


def test_a_flag_counts_more(tiny_configs, two_iterations, tmp_path_factory):
    folder = tmp_path_factory.mktemp('flag')
    first, second = (str(two_iterations / f'iter_{number}.pth') for number in (1, 2))
    go_on(tiny_configs[0], folder, 'resume=True', f'load_from={second}', load_from=first)
    said = log(folder)
    assert 'resumed epoch' not in said
    assert f"--load-from {first} counts, not the config's load_from={second}" in said
    assert f"--load-from {first} counts, not the config's resume=True" in said
    go_on(tiny_configs[0], folder / 'on', f'load_from={second}', resume_from=first)
    assert 'resumed epoch: 0, iter: 1' in log(folder / 'on')


def test_randomness(tiny_configs, tmp_path):
    options = 'randomness.seed=7', 'randomness.deterministic=True'
    go_on(tiny_configs[0], tmp_path / 'config', *options)
    go_on(tiny_configs[0], tmp_path / 'flag', *options, seed=3)
    go_on(tiny_configs[0], tmp_path / 'same', seed=7, deterministic=True)
    records = {name: record(tmp_path / name) for name in ('config', 'flag', 'same')}
    assert [r['seed'] for r in records.values()] == [7, 3, 7]
    assert all(r['deterministic'] for r in records.values())
    assert "--seed 3 counts, not the config's seed=7" in log(tmp_path / 'flag')
    assert losses(tmp_path / 'config') == losses(tmp_path / 'same')
    assert losses(tmp_path / 'config') != losses(tmp_path / 'flag')

"""Two runs of one seed are the same run, and their folders say how to repeat them."""

import json
import os
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from mmengine.config import Config

import mmseg_bffr
from mmseg_bffr import apis
from mmseg_bffr.engine.report_hooks import revision

from .process import log, train
from .states import assert_identical, losses


@pytest.fixture(scope='module')
def runs(tiny_configs, tmp_path_factory):
    folders = [tmp_path_factory.mktemp(name) for name in ('one', 'other')]
    for folder in folders:
        arguments = {'warm_start': False, 'seed': 5, 'deterministic': True, 'no_validate': True}
        options = (
            'model.fuser.init_cfg=None',
            'model.backbone.embed_dims=8',
            'model.decode_head.in_channels=[8,16,40,64]',
            'train_cfg.max_iters=3',
            'default_hooks.checkpoint.interval=3',
        )
        assert train(tiny_configs[1], folder, cfg_options=options, **arguments) == 0
    return folders


def test_one_seed_gives_one_result(runs):
    assert_identical(*(folder / 'iter_3.pth' for folder in runs))
    assert losses(runs[0]) == losses(runs[1])


def test_the_work_dir_holds_all_that_repeats_the_run(runs, tiny_configs, root):
    (path,) = runs[0].glob('*/run.json')
    record = json.loads(path.read_text())
    assert record['seed'] == 5
    assert record['deterministic'] is True
    assert record['processes'] == 1
    assert record['command']
    assert 'PyTorch' in record['environment']
    assert record['git'] == revision()
    cfg = Config.fromfile(runs[0] / tiny_configs[1].name)
    assert cfg.train_cfg.max_iters == 3
    assert cfg.model.backbone.embed_dims == 8


def test_the_screen_is_quiet_and_the_log_complete(runs):
    screen = log(runs[0])
    (file,) = (path.read_text() for path in runs[0].glob('*/*.log'))
    for words in (
        'System environment:',
        'Config:',
        'Hooks will be executed',
        'paramwise_options -- fuser.',
        'is the alias of',
    ):
        assert words in file
        assert words not in screen
    for words in ('Iter(train) [3/3]', 'run.json', 'Saving checkpoint at 3'):
        assert words in file
        assert words in screen
    assert 'avg_non_ignore' not in screen
    assert len(screen.splitlines()) < 30


def test_revision_of_the_checkout(root):
    if not (root / '.git').exists():
        pytest.skip('not a git checkout')
    head = subprocess.run(
        ['git', 'rev-parse', 'HEAD'], cwd=root, capture_output=True, text=True, check=True
    )
    assert revision().removesuffix('-dirty') == head.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize('place', ['site-packages', '.'])
def test_an_installed_package_does_not_name_what_encloses_it(root, tmp_path, place):
    """Neither in an environment within somebody's repository nor copied to its top."""
    for package in ('bffr', 'mmseg_bffr'):
        shutil.copytree(root / package, tmp_path / place / package)
    git = ['git', '-c', 'user.name=a', '-c', 'user.email=b', '-c', 'init.defaultBranch=c']
    for words in (['init', '-q'], ['commit', '-q', '--allow-empty', '-m', 'theirs']):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    program = 'from mmseg_bffr.engine.report_hooks import revision; print(revision())'
    words = [sys.executable, '-c', program]
    env = {**os.environ, 'PYTHONPATH': str(tmp_path / place)}
    said = subprocess.check_output(words, cwd=tmp_path, text=True, env=env)
    assert said.strip() == f'version {mmseg_bffr.__version__}'


def test_two_runs_of_one_second_keep_their_records_apart(tiny_configs, tmp_path, monkeypatch):
    clock = SimpleNamespace(
        time=time.time, localtime=time.localtime, strftime=lambda *_: '20260101_000000'
    )
    monkeypatch.setattr('mmengine.runner.runner.time', clock)
    for name in ('first', 'second'):
        run = apis.TrainingOptions(work_dir=str(tmp_path / name), no_validate=True, seed=0)
        apis.train(str(tiny_configs[0]), run, warm_start=True)
    for name in ('first', 'second'):
        folder = tmp_path / name / '20260101_000000'
        assert len((folder / 'vis_data/scalars.json').read_text().splitlines()) == 2
        assert (folder / '20260101_000000.log').read_text().count('Saving checkpoint') == 1

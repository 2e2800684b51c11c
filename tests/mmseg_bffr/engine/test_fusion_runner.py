"""What the logger `bffr` says while a Runner runs is in its log file, and once on the screen."""

import subprocess
import sys

import pytest

CODE = """
import logging, sys
from mmengine.hooks import Hook
from mmseg.registry import HOOKS
from bffr.commands.run import run
from mmseg_bffr.apis import TrainingOptions, train

log = logging.getLogger('bffr.images')

@HOOKS.register_module()
class Says(Hook):
    def __init__(self, interval):
        pass

    def before_run(self, runner):
        log.info('a file was scaled')
        log.warning('a pair is not aligned')

def main():
    before = state()
    options = 'custom_hooks.0.type=Says', 'train_cfg.max_iters=1'
    train(config, TrainingOptions(folder, cfg_options=options), warm_start=True)
    assert state() == before

def state():
    return [(each.level, list(each.handlers)) for each in map(logging.getLogger, ('', 'bffr'))]

config, folder, listener = sys.argv[1:]
if listener == 'root':
    logging.basicConfig(format='heard: %(message)s')
run(main) if listener == 'command' else main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ('listener', 'prefix'),
    [('nobody', 'WARNING - '), ('root', 'heard: '), ('command', 'warning: ')],
)
def test_what_bffr_says(tiny_configs, tmp_path, listener, prefix):
    words = [sys.executable, '-c', CODE, tiny_configs[0], tmp_path, listener]
    run = subprocess.run(words, capture_output=True, text=True)
    screen = run.stdout + run.stderr
    assert run.returncode == 0, screen
    (log,) = (path.read_text() for path in tmp_path.glob('*/*.log'))
    for said in ('a file was scaled', 'a pair is not aligned'):
        assert log.count(said) == screen.count(said) == 1
    assert f'{prefix}a pair is not aligned' in screen


def test_parameters_that_are_frozen_are_named_in_the_file_alone(
    tool, tiny_configs, trained_fuser, tmp_path
):
    options = [
        'model.frozen_fuser=True',
        f'model.fuser.init_cfg.checkpoint={trained_fuser.checkpoint}',
    ]
    words = '--work-dir', tmp_path, '--no-validate', '--cfg-options', *options
    run = tool('train_fuser_segmenter.py', tiny_configs[1], *words, 'train_cfg.max_iters=1')
    assert run.error is None
    (log,) = (path.read_text() for path in tmp_path.glob('*/*.log'))
    assert 'is skipped since its requires_grad=False' in log
    assert 'requires_grad' not in run.log + run.messages

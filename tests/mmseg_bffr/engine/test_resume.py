"""A training that is killed and resumed ends as one that was never interrupted."""

import re

import pytest

from mmseg_bffr.checkpoints import load_from_file

from .process import log, train
from .states import assert_identical, losses

JOINT = {
    'warm_start': False,
    'cfg_options': (
        'model.fuser.init_cfg=None',
        'model.backbone.embed_dims=8',
        'model.decode_head.in_channels=[8,16,40,64]',
        'val_evaluator.1.metrics=EN,SD',
        'train_cfg.max_iters=7',
        'train_cfg.val_interval=3',
        'default_hooks.checkpoint.interval=2',
        'log_processor.num_digits=20',
    ),
    'seed': 3,
}
VAL_WORKERS = ('val_dataloader.num_workers=1',)
WORKERS = ('train_dataloader.num_workers=2', 'train_dataloader.persistent_workers=True')


@pytest.fixture(scope='module')
def uninterrupted(tiny_configs, tmp_path_factory):
    folder = tmp_path_factory.mktemp('uninterrupted')
    assert train(tiny_configs[1], folder, **JOINT) == 0
    return folder


@pytest.mark.parametrize('workers', [(), WORKERS], ids=['0 workers', '2 workers'])
def test_killed_twice(tiny_configs, uninterrupted, tmp_path, workers):
    arguments = {**JOINT, 'cfg_options': JOINT['cfg_options'] + workers, 'auto_resume': True}
    assert train(tiny_configs[1], tmp_path, ('iteration', 4), **arguments) == -9
    assert train(tiny_configs[1], tmp_path, ('iteration', 3), **arguments) == -9
    del arguments['seed']  # is in the checkpoint
    assert train(tiny_configs[1], tmp_path, **arguments) == 0
    assert_identical(tmp_path / 'iter_7.pth', uninterrupted / 'iter_7.pth')
    assert losses(tmp_path) == losses(uninterrupted)
    assert list(losses(tmp_path)) == list(range(1, 8))
    best = [sorted(path.name for path in d.glob('best*')) for d in (tmp_path, uninterrupted)]
    assert best[0] == best[1]
    resumed = re.findall(r'resumed epoch: 0, iter: (\d)', log(tmp_path))
    assert resumed == ['3', '4']  # at 3, the best so far was saved


@pytest.mark.slow
def test_killed_in_mixed_precision(tiny_configs, uninterrupted, tmp_path):
    arguments = {**JOINT, 'amp': True}
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    assert train(tiny_configs[1], whole, **arguments) == 0
    assert train(tiny_configs[1], parts, ('iteration', 6), **arguments) == -9
    assert train(tiny_configs[1], parts, **arguments, auto_resume=True) == 0
    assert_identical(parts / 'iter_7.pth', whole / 'iter_7.pth')
    assert losses(parts) == losses(whole) != losses(uninterrupted)


@pytest.mark.slow
@pytest.mark.parametrize('place', ['iteration', 'validation'])
def test_terminated_with_its_workers(tiny_configs, uninterrupted, tmp_path, place):
    """As `timeout` and slurm do it: SIGTERM comes to all processes."""
    arguments = {**JOINT, 'cfg_options': JOINT['cfg_options'] + WORKERS + VAL_WORKERS}
    at = 5 if place == 'iteration' else 1
    assert train(tiny_configs[1], tmp_path, (f'SIGTERM in {place}', at), **arguments) == 143
    assert 'Traceback' not in log(tmp_path)
    saved = max(load_from_file(path)['meta']['iter'] for path in tmp_path.glob('iter_*.pth'))
    assert saved == (5 if place == 'iteration' else 3)  # neither in the checkpoints' interval
    assert train(tiny_configs[1], tmp_path, **JOINT, auto_resume=True) == 0
    assert_identical(tmp_path / 'iter_7.pth', uninterrupted / 'iter_7.pth')
    assert losses(tmp_path) == losses(uninterrupted)


@pytest.mark.slow
def test_averaged_weights_survive_a_sigterm_in_a_validation(tiny_configs, tmp_path):
    config = tmp_path / 'tiny.py'
    hooks = "custom_hooks = [dict(type='EMAHook', momentum=0.1), dict(type='ProgressBarHook')]"
    config.write_text(f'_base_ = {str(tiny_configs[1])!r}\n{hooks}\n')
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    assert train(config, whole, **JOINT) == 0
    assert train(config, parts, ('SIGTERM in validation', 1), **JOINT) == 143
    assert train(config, parts, **JOINT, auto_resume=True) == 0
    assert 'ema_state_dict' in load_from_file(parts / 'iter_7.pth')
    assert_identical(parts / 'iter_7.pth', whole / 'iter_7.pth')


def test_stopped_by_ctrl_c_while_gradients_are_gathered(tiny_configs, tmp_path):
    """The stop and the checkpoints that are due wait for the optimizer's step."""
    options = (
        'optim_wrapper.accumulative_counts=3',
        'optim_wrapper.clip_grad.max_norm=0.5',
        'train_cfg.max_iters=7',
        'default_hooks.checkpoint.interval=2',
        'log_processor.num_digits=20',
    )
    arguments = {'cfg_options': options + WORKERS, 'seed': 3, 'no_validate': True}
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    assert train(tiny_configs[0], whole, **arguments) == 0
    assert {path.name for path in whole.glob('*.pth')} == {f'iter_{n}.pth' for n in (3, 6, 7)}
    assert train(tiny_configs[0], parts, ('SIGINT in iteration', 4), **arguments) == 130
    assert 'SIGINT: iteration 6 is saved; continue with --auto-resume. Exit status 130.' in log(
        parts
    )
    assert 'Traceback' not in log(parts)
    (parts / 'iter_6.pth').unlink()  # from the middle of what was gathered
    assert train(tiny_configs[0], parts, **arguments, auto_resume=True) == 0
    assert_identical(parts / 'iter_7.pth', whole / 'iter_7.pth')
    assert losses(parts) == losses(whole)

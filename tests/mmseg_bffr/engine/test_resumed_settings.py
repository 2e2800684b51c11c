"""On resume the checkpoint's optimizer and schedule count, and the user is told."""

import pytest
import torch

from .process import log, train

SCHEDULE = """
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=1),
    dict(type='PolyLR', eta_min=0.0, power=1.0, by_epoch=False, begin=1, end=4),
]
train_cfg = dict(max_iters=4)
default_hooks = dict(checkpoint=dict(interval=2))
"""


@pytest.fixture(scope='module')
def config(tiny_configs, tmp_path_factory):
    path = tmp_path_factory.mktemp('scheduled') / 'scheduled.py'
    path.write_text(f'_base_ = {str(tiny_configs[0])!r}\n{SCHEDULE}')
    return path


@pytest.fixture(scope='module')
def begun(config, tmp_path_factory):
    """A training of four iterations; its checkpoint of the second."""
    folder = tmp_path_factory.mktemp('begun')
    assert train(config, folder, seed=1, no_validate=True) == 0
    return folder / 'iter_2.pth'


def resume(config, folder, checkpoint, *options, **arguments):
    arguments = {'no_validate': True, 'cfg_options': options, **arguments}
    status = train(config, folder, resume_from=str(checkpoint), **arguments)
    return status, log(folder)


def test_changed_values_are_told_and_do_not_count(config, begun, tmp_path):
    options = (
        'optim_wrapper.optimizer.lr=0.5',
        'optim_wrapper.optimizer.betas=(0.5,0.6)',
        'param_scheduler.1.power=3.0',
        'param_scheduler.1.end=9',
    )
    status, said = resume(config, tmp_path, begun, *options)
    assert status == 0
    for change in (
        "its lr=0.001 counts, not the config's 0.5; to change it, start a new training",
        "its betas=(0.9, 0.999) counts, not the config's (0.5, 0.6)",
        "its power=1.0 counts, not the config's 3.0",
        "its end=4 counts, not the config's 9",
    ):
        assert said.count(f'{begun}: {change}') == 1
    one, other = (
        torch.load(folder / 'iter_4.pth', weights_only=False)['state_dict']
        for folder in (tmp_path, begun.parent)
    )
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_without_changes_nothing_is_told(config, begun, tmp_path):
    status, said = resume(config, tmp_path, begun)
    assert (status, 'counts, not' in said) == (0, False)


@pytest.mark.parametrize('end', [4, 8])
def test_more_iterations_than_the_schedule_has_are_refused(config, begun, tmp_path, end):
    options = 'train_cfg.max_iters=8', f'param_scheduler.1.end={end}'
    status, said = resume(config, tmp_path, begun, *options)
    assert status == 1
    assert f'train_cfg.max_iters=8: the schedule in {begun} ends at 4' in said


@pytest.mark.parametrize(
    ('change', 'what'),
    [
        (
            "optim_wrapper = dict(optimizer=dict(_delete_=True, type='SGD', lr=1, weight_decay=1))",
            'optimizer',
        ),
        ('model = dict(channels=(4, 4, 4, 4, 8))', None),
        ('param_scheduler = []', 'schedule'),
        ("param_scheduler = [dict(type='ConstantLR', by_epoch=False)] * 2", 'schedule'),
    ],
)
def test_what_is_of_another_kind_is_refused(config, begun, tmp_path, change, what):
    other = tmp_path / 'other.py'
    other.write_text(f'_base_ = {str(config)!r}\n{change}\n')
    status, said = resume(other, tmp_path / 'out', begun)
    assert status == 1
    assert 'Traceback' not in said
    assert (f'because its {what} is of another kind' if what else 'does not fit') in said


def test_a_joint_checkpoint_is_no_start_of_a_warm_start(
    tool, tiny_configs, trained_joint, tmp_path
):
    words = '--resume-from', trained_joint.checkpoint, '--work-dir', tmp_path
    run = tool('train_fuser.py', tiny_configs[0], *words)
    assert run.error.startswith(
        f'error: {trained_joint.checkpoint}: cannot be resumed, because its '
    )


def test_code_in_an_old_config_entry_is_not_run(config, begun, tmp_path):
    checkpoint = torch.load(begun, weights_only=False)
    checkpoint['meta']['config'] = f'import os\nos.mkdir({str(tmp_path / "ran")!r})\n'
    torch.save(checkpoint, tmp_path / 'a.pth')
    status, _ = resume(config, tmp_path / 'out', tmp_path / 'a.pth')
    assert (status, (tmp_path / 'ran').exists()) == (0, False)

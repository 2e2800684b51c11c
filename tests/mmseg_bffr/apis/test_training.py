"""Both training phases, from their command lines."""

import math
import re
import sys

import pytest
import torch

from bffr.images.image_io import read_image
from bffr.images.splits import read_split
from mmseg_bffr.apis import init_model
from mmseg_bffr.engine import AutocastOptimWrapper
from tests.command_lines import pictures


def iterations(log):
    """Numbers of the training iterations in a log, and its losses."""
    lines = re.findall(r'Iter\(train\) \[(\d+)/\d+\].* loss: (\S+)', log)
    return [int(number) for number, _ in lines], [float(loss) for _, loss in lines]


def test_warm_start_leaves_checkpoint_images_and_the_next_command(
    trained_fuser, tiny_configs, synthetic
):
    numbers, losses = iterations(trained_fuser.log)
    assert numbers == [1, 2]
    assert all(map(math.isfinite, losses))
    init_model(tiny_configs[0], trained_fuser.checkpoint)
    names = [f'{name}.png' for name in read_split(synthetic / 'visual.txt')]
    for iteration in '12':
        folder = trained_fuser.folder / 'fusion_result' / iteration
        assert pictures(folder) == sorted(names)
        assert read_image(folder / names[0]).shape == (48, 64, 3)
    assert f'tools/train_fuser_segmenter.py {tiny_configs[1]} --cfg-options' in trained_fuser.log


def test_an_inherited_next_config_is_not_named(tool, tiny_configs, tmp_path):
    """It is the package's or somebody else's, and need not fit what the user changed."""
    config = tmp_path / 'mine.py'
    config.write_text(f'_base_ = {str(tiny_configs[0])!r}\ncustom_hooks = None\n')
    run = tool('train_fuser.py', config, '--no-validate', '--work-dir', tmp_path / 'out')
    assert run.error is None
    assert 'tools/train_fuser_segmenter.py CONFIG --cfg-options' in run.log


def test_joint_training_starts_from_it_and_keeps_the_best(trained_joint, trained_fuser):
    numbers, losses = iterations(trained_joint.log)
    assert numbers == [1, 2]
    assert all(map(math.isfinite, losses))
    assert 'loss_reg' in trained_joint.log
    assert f'{trained_fuser.folder.name}/iter_2.pth' in trained_joint.log
    assert re.search(r'Iter\(val\) .* mIoU: \d', trained_joint.log)
    assert re.search(r'\|\s+car_stop\s+\|', trained_joint.log)
    assert (trained_joint.folder / 'best_mIoU_iter_2.pth').is_file()
    assert len(pictures(trained_joint.folder / 'fusion_result/2')) > 0


def test_joint_training_changes_the_fuser(trained_joint, trained_fuser):
    before, after = (
        torch.load(run.checkpoint, weights_only=False)['state_dict']
        for run in (trained_fuser, trained_joint)
    )
    change = after['fuser.out.weight'] - before['out.weight']
    assert 0 < change.abs().max() < 0.01


def test_resume_from_goes_on_counting(tool, tiny_configs, trained_fuser, tmp_path):
    words = ['--resume-from', trained_fuser.checkpoint, '--work-dir', tmp_path]
    run = tool('train_fuser.py', tiny_configs[0], *words, '--cfg-options', 'train_cfg.max_iters=4')
    assert run.error is None
    assert iterations(run.log)[0] == [3, 4]
    again = torch.load(tmp_path / 'iter_4.pth', weights_only=False)
    assert again['meta']['iter'] == 4
    steps = {int(state['step']) for state in again['optimizer']['state'].values()}
    assert steps == {4}


def test_auto_resume_starts_then_goes_on(tool, tiny_configs, tmp_path):
    for last, expected in ((1, [1]), (3, [2, 3])):
        run = tool(
            'train_fuser.py', tiny_configs[0], '--auto-resume', '--no-validate', '--work-dir',
            tmp_path, '--cfg-options', f'train_cfg.max_iters={last}',
        )  # fmt: skip
        assert run.error is None
        assert iterations(run.log)[0] == expected
    assert not (tmp_path / 'fusion_result').exists()


def test_joint_resume_with_validation_and_amp(tool, tiny_configs, trained_joint, tmp_path):
    run = tool(
        'train_fuser_segmenter.py', tiny_configs[1], '--amp', '--resume-from',
        trained_joint.checkpoint, '--work-dir', tmp_path, '--cfg-options',
        'train_cfg.max_iters=3',
    )  # fmt: skip
    assert run.error is None
    numbers, losses = iterations(run.log)
    assert numbers == [3]
    assert math.isfinite(losses[0])
    weights = torch.load(tmp_path / 'iter_3.pth', weights_only=False)['state_dict']
    assert all(w.dtype in (torch.float32, torch.int64) for w in weights.values())


def test_amp_changes_the_precision(tool, tiny_configs, tmp_path):
    losses = []
    for words in ([], ['--amp']):
        run = tool(
            'train_fuser.py', tiny_configs[0], '--seed', 0, '--no-validate', *words, '--work-dir',
            tmp_path / f'amp{len(words)}', '--cfg-options', 'train_cfg.max_iters=1',
            'log_processor.num_digits=9',
        )  # fmt: skip
        assert run.error is None
        losses += iterations(run.log)[1]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


@pytest.mark.parametrize(
    ('machine', 'capability', 'warned'),
    [('x86_64', 'AVX2', True), ('x86_64', 'AVX512', False), ('aarch64', 'DEFAULT', False)],
)
def test_where_mixed_precision_is_slow_it_is_said(monkeypatch, machine, capability, warned):
    monkeypatch.setattr('platform.machine', lambda: machine)
    monkeypatch.setattr(torch.backends.cpu, 'get_cpu_capability', lambda: capability)
    said = []
    module = sys.modules[AutocastOptimWrapper.__module__]
    monkeypatch.setattr(module, 'print_log', lambda message, *_: said.append(message))
    AutocastOptimWrapper(torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1))
    assert [message.partition(':')[0] for message in said] == ['--amp'] * warned


def test_load_from_starts_at_0_without_the_initial_weights(
    tool, tiny_configs, trained_joint, tmp_path
):
    config = tmp_path / 'elsewhere.py'
    config.write_text(
        f'_base_ = {str(tiny_configs[1])!r}\n'
        "model = dict(fuser=dict(init_cfg=dict(checkpoint='not/there.pth')))\n"
    )
    run = tool(
        'train_fuser_segmenter.py', config, '--load-from', trained_joint.checkpoint,
        '--no-validate', '--work-dir', tmp_path, '--cfg-options', 'optim_wrapper.optimizer.lr=0',
        'train_cfg.max_iters=1', 'optim_wrapper.optimizer.weight_decay=0',
    )  # fmt: skip
    assert run.error is None
    counts = f"load_from={trained_joint.checkpoint} counts, not the config's model.fuser.init_cfg"
    assert f'{counts}.checkpoint=not/there.pth' in run.log
    assert iterations(run.log)[0] == [1]
    before, after = (
        torch.load(path, weights_only=False)['state_dict']
        for path in (trained_joint.checkpoint, tmp_path / 'iter_1.pth')
    )
    weights = [key for key in before if 'running' not in key and 'num_batches' not in key]
    assert all(torch.equal(before[key], after[key]) for key in weights)
    assert not list(tmp_path.glob('best_*'))
    assert not (tmp_path / 'fusion_result').exists()


def test_segmenter_on_one_kind_of_image(tool, root, synthetic, tmp_path, monkeypatch):
    monkeypatch.setenv('IMAGES', 'ir')
    base = root / 'configs/segformer/segformer_mit-b0_1xb4-1k_msrs-weak-96x128.py'
    config = tmp_path / 'infrared.py'
    config.write_text(
        f'_base_ = {str(base)!r}\n'
        'loader = dict(num_workers=0, persistent_workers=False)\n'
        f'train_dataloader = dict(**loader, dataset=dict(data_root={str(synthetic)!r}))\n'
        f'val_dataloader = dict(**loader, dataset=dict(data_root={str(synthetic)!r}))\n'
        'del loader\n'
        'train_cfg = dict(max_iters=1, val_interval=1)\n'
        'param_scheduler = []\n'
    )
    run = tool('train_fuser_segmenter.py', config, '--work-dir', tmp_path / 'out')
    assert run.error is None
    assert re.search(r'Iter\(val\) .* mIoU: \d', run.log)


def test_debugging_without_workers(tool, tiny_configs, tmp_path):
    loaders = [f'{part}_dataloader' for part in ('train', 'val')]
    options = [f'{loader}.persistent_workers=True' for loader in loaders]
    words = '--work-dir', tmp_path, '--cfg-options', 'train_cfg.max_iters=1', *options
    run = tool('train_fuser.py', tiny_configs[0], *words)
    assert run.error is None
    told = 'num_workers=0 of train_dataloader, val_dataloader: persistent_workers=False counts'
    assert run.log.count(told) == 1


@pytest.mark.slow
def test_two_processes(command, tiny_configs, trained_fuser, tmp_path):
    run = command(
        'torch.distributed.run', '--nproc_per_node=2', '--master_port=29677',
        'tools/train_fuser_segmenter.py', tiny_configs[1], '--launcher', 'pytorch', '--work-dir',
        tmp_path, '--cfg-options', 'train_cfg.max_iters=1', 'train_cfg.val_interval=1',
        f'model.fuser.init_cfg.checkpoint={trained_fuser.checkpoint}',
        module=True,
    )  # fmt: skip
    assert run.returncode == 0, run.everything[-3000:]
    assert iterations(run.everything)[0] == [1]
    assert re.search(r'Iter\(val\) .* mIoU: \d', run.everything)
    keys = torch.load(tmp_path / 'iter_1.pth', weights_only=False)['state_dict']
    assert not any(key.startswith('module.') for key in keys)

"""Two processes on the CPU do what one does."""

import math
import os
import shutil
import signal
import sys
from contextlib import contextmanager

import mmengine
import numpy as np
import pytest
import torch
from mmengine.model import MMDistributedDataParallel, revert_sync_batchnorm
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import distributed, nn

from bffr.images.image_io import read_image
from mmseg_bffr.apis import (
    RunOptions,
    TrainingOptions,
    fuse_dataset,
    init_model,
    segment_dataset,
    train,
)
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.checkpoints import load_from_file
from mmseg_bffr.engine import IterationSeedHook

from .ranks import run_ranks
from .states import losses

pytestmark = pytest.mark.slow

LOSSES = {'fuser': {}, 'joint': {'fusion_loss': None}}


@contextmanager
def batch_norm_in_eval_mode():
    """On CPUs each process normalises its own part of the batch, which this leaves out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.BatchNorm2d, 'train', lambda self, mode=True: nn.Module.train(self, False))
        yield


def batch_and_model(config, name):
    """A batch of four and a model without dropout, the same everywhere, in float64."""
    init_default_scope('mmseg')
    cfg = load_config(config)
    cfg.model.update(LOSSES[name])
    if name == 'joint':
        cfg.model.backbone.drop_path_rate = 0.0
        cfg.model.decode_head.dropout_ratio = 0.0
        cfg.model.fuser.init_cfg = None
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).double()
    with batch_norm_in_eval_mode():
        model.train()
    images = torch.rand(4, 4, 48, 64, dtype=torch.float64)
    labels = torch.randint(0, 9, (4, 1, 48, 64))
    return images, labels, model


def gradients(model, images, labels):
    samples = [SegDataSample(gt_sem_seg=PixelData(data=map_)) for map_ in labels]
    found = model(images, samples, mode='loss')
    sum(value for name, value in found.items() if 'loss' in name).backward()
    return {name: p.grad for name, p in getattr(model, 'module', model).named_parameters()}


def gradients_of_a_rank(configs, folder):
    distributed.init_process_group('gloo')
    rank = distributed.get_rank()
    for config, name in zip(configs, LOSSES, strict=True):
        images, labels, model = batch_and_model(config, name)
        part = slice(rank, None, 2)
        found = gradients(MMDistributedDataParallel(model), images[part], labels[part])
        torch.save(found, folder / f'{name}_{rank}.pt')
    distributed.destroy_process_group()


def test_gradients_of_two_with_two_are_those_of_one_with_four(tiny_configs, tmp_path):
    assert run_ranks(gradients_of_a_rank, tiny_configs, tmp_path) == [0, 0]
    for config, name in zip(tiny_configs, LOSSES, strict=True):
        images, labels, model = batch_and_model(config, name)
        assert any(isinstance(module, nn.BatchNorm2d) for module in model.modules())
        expected = gradients(model, images, labels)
        for rank in range(2):
            found = torch.load(tmp_path / f'{name}_{rank}.pt')
            assert found.keys() == expected.keys()
            for key, value in expected.items():
                torch.testing.assert_close(found[key], value, atol=1e-9, rtol=1e-9)


def test_sync_bn_is_reverted_without_processes():
    model = revert_sync_batchnorm(nn.Sequential(nn.SyncBatchNorm(4)))
    assert not isinstance(model[0], nn.SyncBatchNorm)
    model(torch.rand(2, 4, 8, 8))


OPTIONS = (
    'model.fuser.init_cfg=None',
    'model.backbone.embed_dims=8',
    'model.decode_head.in_channels=[8,16,40,64]',
    'model.fusion_loss=None',
    'model.backbone.drop_path_rate=0.0',
    'model.decode_head.dropout_ratio=0.0',
    'log_processor.num_digits=9',
    'train_cfg.max_iters=2',
    'default_hooks.checkpoint.interval=1',
    'val_evaluator.1.metrics=EN,SD',
)


def train_rank(config, folder, batch_size, weights=None, launcher='pytorch', amp=False):
    run = TrainingOptions(
        work_dir=str(folder),
        load_from=weights and str(weights),
        seed=0,
        launcher=launcher,
        amp=amp,
        cfg_options=(*OPTIONS, f'train_dataloader.batch_size={batch_size}'),
    )
    train(str(config), run, warm_start=False)


def train_rank_in_eval_mode(*arguments):
    with batch_norm_in_eval_mode():
        train_rank(*arguments)


def test_training_on_the_same_samples(tiny_configs, tmp_path, monkeypatch):
    # Another memory layout, another rounding; several processes do without it.
    monkeypatch.setattr(sys.modules[train.__module__], 'tune_for_cpu', lambda model: model)
    one, two, weights = tmp_path / 'one', tmp_path / 'two', tmp_path / 'weights.pth'
    model = init_model(load_config(tiny_configs[1], OPTIONS))
    torch.save({'state_dict': model.state_dict()}, weights)
    assert run_ranks(train_rank_in_eval_mode, tiny_configs[1], two, 2, weights) == [0, 0]
    train_rank_in_eval_mode(tiny_configs[1], one, 4, weights, 'none')
    # The first step's mean gradient, times 0.1: AdamW's weights amplify rounding where it is 0.
    states = [load_from_file(d / 'iter_1.pth')['optimizer']['state'] for d in (one, two)]
    assert states[0].keys() == states[1].keys()
    mean = [
        torch.cat([state[number]['exp_avg'].flatten() for number in states[0]]) for state in states
    ]
    assert (mean[0] - mean[1]).norm() <= 1e-3 * mean[0].norm()
    assert losses(one).keys() == losses(two).keys() == {1, 2}
    pictures = [{path.name for path in d.glob('fusion_result/2/*.png')} for d in (one, two)]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) > 1


def test_training_in_mixed_precision(tiny_configs, tmp_path):
    arguments = tmp_path, 2, None, 'pytorch', True
    assert run_ranks(train_rank, tiny_configs[1], *arguments) == [0, 0]
    assert all(map(math.isfinite, losses(tmp_path).values()))
    assert losses(tmp_path).keys() == {1, 2}


def run_on_three(folder, data, launcher):
    return RunOptions(
        work_dir=str(folder),
        launcher=launcher,
        cfg_options=(
            f'test_dataloader.dataset.data_root={data}',
            'test_dataloader.dataset.ann_file=three.txt',
        ),
    )


def fuse_rank(config, checkpoint, folder, data, launcher='pytorch'):
    fuse_dataset(
        str(config),
        str(checkpoint),
        run_on_three(folder, data, launcher),
        metrics=['EN', 'SD'],
        out=str(folder / 'metrics.csv'),
    )


def segment_rank(config, checkpoint, folder, data, launcher='pytorch'):
    segment_dataset(
        str(config),
        str(checkpoint),
        run_on_three(folder, data, launcher),
        show_dir=str(folder / 'labels'),
        metrics=['mIoU'],
        out=str(folder / 'labels.pkl'),
    )


@pytest.mark.parametrize('use', [fuse_rank, segment_rank])
def test_tests_share_the_images(tiny_configs, synthetic, tmp_path, use):
    data = shutil.copytree(synthetic, tmp_path / 'data')
    (data / 'three.txt').write_text('00000D\n00001N\n00002D\n')
    config = tiny_configs[use is segment_rank]
    torch.save({'state_dict': init_model(config).state_dict()}, tmp_path / 'a.pth')
    one, two = tmp_path / 'one', tmp_path / 'two'
    assert run_ranks(use, config, tmp_path / 'a.pth', two, data) == [0, 0]
    use(config, tmp_path / 'a.pth', one, data, 'none')
    pictures = sorted(path.relative_to(one) for path in one.rglob('*.png'))
    assert len(pictures) == 3
    assert pictures == sorted(path.relative_to(two) for path in two.rglob('*.png'))
    for path in pictures:
        np.testing.assert_array_equal(read_image(one / path), read_image(two / path))
    for path in [*one.glob('metrics.csv')]:
        assert path.read_text() == (two / path.name).read_text()
    for name in ('labels.pkl', 'eval_*.json'):
        for a, b in zip(one.glob(name), two.glob(name), strict=True):
            np.testing.assert_equal(mmengine.load(a), mmengine.load(b))


def dying_rank(config, folder):
    def die(self, runner, **kwargs):
        if runner.iter == 1 and runner.rank == 1:
            os._exit(7)

    IterationSeedHook.before_train_iter = die
    train_rank(config, folder, 2)


def test_a_process_that_dies_ends_the_run(tiny_configs, tmp_path):
    statuses = run_ranks(dying_rank, tiny_configs[1], tmp_path, timeout=60)
    assert statuses[1] == 7
    assert statuses[0] not in (0, None)


def terminated_rank(config, folder):
    def terminate(self, runner, **kwargs):
        if runner.iter == 1:
            os.kill(os.getpid(), signal.SIGTERM)

    IterationSeedHook.before_train_iter = terminate
    train_rank(config, folder, 2)


def test_sigterm_of_all_processes_saves(tiny_configs, tmp_path):
    statuses = run_ranks(terminated_rank, tiny_configs[1], tmp_path, timeout=60)
    assert statuses[0] == 143
    assert load_from_file(tmp_path / 'iter_2.pth')['meta']['iter'] == 2

"""Numbers that go wrong stop a training before they are saved."""

import json
from types import SimpleNamespace

import pytest
import torch

from mmseg_bffr.checkpoints import find_latest
from mmseg_bffr.engine import FiniteHook
from mmseg_bffr.errors import InputError

from .process import log, train


def test_loss(tiny_configs, synthetic, tmp_path):
    explosive = (
        'train_cfg.max_iters=9',
        'default_hooks.checkpoint.interval=1',
        'optim_wrapper.optimizer.lr=1e30',
        'optim_wrapper.optimizer.weight_decay=0',
    )
    assert train(tiny_configs[0], tmp_path, cfg_options=explosive, no_validate=True, seed=0) == 1
    said = log(tmp_path).splitlines()[-1]
    assert said.startswith('error: Iteration 2: the loss is not finite (loss ')
    assert 'loss_avg ' in said
    assert said.count(f'{synthetic}/vis/') == 2
    assert find_latest(tmp_path) == str(tmp_path / 'iter_1.pth')
    (record,) = tmp_path.glob('*/run.json')
    assert json.loads(record.read_text())['seed'] == 0


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_weights_are_checked_before_they_are_saved(value):
    checkpoint = {
        'meta': {'iter': 7},
        'state_dict': {'a': torch.ones(2), 'b': torch.tensor([1, value]), 'c': torch.tensor(3)},
    }
    with pytest.raises(InputError, match='Iteration 7: 1 weight.s. are not finite, first b'):
        FiniteHook().before_save_checkpoint(None, checkpoint)


def test_skipped_steps_of_mixed_precision_are_normal():
    outputs = {
        'loss': torch.tensor(1.0),
        'acc_seg': torch.tensor(float('nan')),
        'loss_ce': torch.tensor(1.0),
    }
    FiniteHook().after_train_iter(SimpleNamespace(iter=0), 0, {}, outputs)

"""Numbers that go wrong stop a training before they are saved."""

import json
from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import OptimWrapper

from bffr.errors import InputError
from mmseg_bffr.checkpoints import find_latest
from mmseg_bffr.engine import AutocastOptimWrapper, FiniteHook

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


class TestBlame:
    @pytest.fixture
    def sentence(self):
        def sentence(optim_wrapper):
            runner = SimpleNamespace(
                iter=4, model=torch.nn.Linear(1, 1), optim_wrapper=optim_wrapper
            )
            batch = {'data_samples': [SimpleNamespace(img_path='vis/a.png')]}
            with pytest.raises(InputError, match='Iteration 5: the loss is not fin') as error:
                FiniteHook().after_train_iter(
                    runner, 0, batch, {'loss': torch.tensor(float('nan'))}
                )
            return str(error.value)

        return sentence

    def test_images_and_rate_in_full_precision(self, sentence):
        optimizer = torch.optim.SGD([torch.ones(1)], lr=1)
        said = sentence(OptimWrapper(optimizer))
        assert 'on vis/a.png' in said
        assert said.endswith('checkpoint: look at these images, or lower the learning rate.')
        assert 'float16' not in said

    def test_the_dtype_first_in_mixed_precision(self, sentence):
        optimizer = torch.optim.SGD([torch.ones(1)], lr=1)
        said = sentence(AutocastOptimWrapper(optimizer))
        assert 'checkpoint: it was computed in bfloat16, ' in said
        assert 'leave out --amp' in said


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
